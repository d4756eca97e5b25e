"""A case that has come to its end, on both databases, with somebody of every role."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from casework.messages import Outcome
from handlers.close_case import close_case
from tests.erasure.living import Lived
from tests.world import CASE_NO, opened_world


@pytest.fixture
def lived(database_url: str, tmp_path: Path) -> Iterator[Lived]:
    """A case in which a notice was sent, read and answered, and which was closed."""
    with opened_world(database_url) as world:
        world.notify()
        world.work()
        world.report(world.wechat, Outcome.DELIVERED, "success")
        world.reply(world.wechat, SECRET)
        world.clock.pass_by(days=1)
        with world.desk.archive.writing() as book:
            close_case(book, CASE_NO, "员工已返岗", world.desk.rules, world.hr)
        yield Lived(world, tmp_path / "data")


@pytest.fixture
def open_case(database_url: str, tmp_path: Path) -> Iterator[Lived]:
    """A case that is open; nothing was sent yet."""
    with opened_world(database_url) as world:
        yield Lived(world, tmp_path / "data")


SECRET = "医生说右手食指还要再养二十三天"
