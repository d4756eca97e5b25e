"""Old pages of SQLite's write-ahead file go, if need be after whoever reads them has ended."""

import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.commands.nags import nags
from handlers.retention import erase_strays
from storage.schema import record
from tests.erasure.living import Lived

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def write_ahead(lived: Lived) -> int:
    return Path(f"{lived.archive.engine.url.database}-wal").stat().st_size


def told(lived: Lived) -> list[tuple[bool, str]]:
    return [(right, said) for what, right, said in nags(lived.world.desk) if what == "erasures"]


def test_a_reader_that_blocks_the_cut_delays_nobody_and_the_next_sweep_cuts(lived: Lived):
    lived.keep_outside()
    with lived.archive.reading() as view:
        view.connection.execute(sa.select(record.c.id)).all()
        before = time.monotonic()
        lived.erase()
        assert time.monotonic() - before < 10
        assert write_ahead(lived) > 0
        ((right, said),) = told(lived)
        assert not right and "write-ahead" in said

    erase_strays(lived.archive, lived.folder)
    assert write_ahead(lived) == 0
    assert told(lived) == [(True, "nothing that was erased is there")]


def test_without_a_reader_nothing_is_left_at_once(lived: Lived):
    lived.keep_outside()
    lived.erase()

    assert write_ahead(lived) == 0
    assert told(lived)[0][0]
