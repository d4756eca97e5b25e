"""A crash in the middle of an erasure leaves all or nothing, and a backup put back loses the same again."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from evidence import note
from handlers.erase import Wish, approve
from handlers.hold import set_hold
from handlers.replay import replay
from storage import checkpoints, source
from storage.book import Entry
from storage.epochs import end_epoch, find_epoch
from storage.erase_list import EraseList, EraseListDamaged, Listed
from storage.erasure import KEY_TABLES, Target
from storage.schema import metadata
from tests.erasure.conftest import SECRET
from tests.erasure.living import Lived
from tests.erasure.test_erase import opened
from tests.world import CASE_NO

WHOLE = Wish("purpose-achieved", "已结案", 2, case_no=CASE_NO)


class Dies(Exception):  # noqa: N818
    """The process ends here."""


@contextmanager
def dying_at(lived: Lived, number: int) -> Iterator[list[int]]:
    """Let the database fail at its statement of this number; the list counts them."""
    counted: list[int] = []

    def count(*_: object) -> None:
        counted.append(1)
        if len(counted) == number:
            raise Dies

    event.listen(lived.archive.engine, "before_cursor_execute", count)
    try:
        yield counted
    finally:
        event.remove(lived.archive.engine, "before_cursor_execute", count)


def test_an_erasure_that_fails_at_any_step_leaves_everything(lived: Lived):
    asked = lived.ask(WHOLE)
    before, number = state(lived), 0
    while True:
        number += 3  # every third statement is enough to meet each kind of them
        try:
            with dying_at(lived, number):
                approve(lived.archive, lived.folder, asked, lived.user("legal"))
            break
        except Dies:
            assert state(lived) == before, number
            assert replay(lived.archive, lived.folder) == 0  # what failed was called off
            assert state(lived) == before, number
    assert number > 30
    assert lived.findings() == set()
    assert SECRET.encode() not in opened(lived)


def state(lived: Lived) -> list[object]:
    counts = [lived.rows(f'SELECT count(*) FROM "{table}"')[0][0] for table in sorted(metadata.tables)]
    return [*counts, lived.rows("SELECT frontier FROM log_head"), lived.rows("SELECT erased_by FROM blob")]


@pytest.mark.parametrize("at", ["begun", "destroyed", "committed"])
def test_an_erasure_whose_process_is_killed_is_whole_after_the_next_start(lived: Lived, at: str):
    asked = lived.ask(WHOLE)
    url = lived.archive.engine.url.render_as_string(hide_password=False)
    legal = lived.world.users["legal"]
    command = [sys.executable, "-m", "tests.erasure.dying_eraser", url, str(lived.folder), asked, legal, at]
    died = subprocess.run(command, timeout=60, check=False, capture_output=True)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    whole = {"begun": True, "destroyed": True, "committed": False}[at]
    assert (SECRET.encode() in opened(lived)) == whole  # nothing was done, or all of it
    assert lived.findings() == set()

    assert replay(lived.archive, lived.folder) == (1 if whole else 0)
    assert SECRET.encode() not in opened(lived)
    assert lived.findings() == set()
    assert replay(lived.archive, lived.folder) == 0
    assert len(lived.records("erase.done")) == 1


def test_an_interrupted_erasure_waits_while_a_hold_stands_that_was_set_since(lived: Lived):
    asked = lived.ask(WHOLE)
    url = lived.archive.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.erasure.dying_eraser", url, str(lived.folder), asked]
    subprocess.run([*command, lived.world.users["legal"], "begun"], timeout=60, check=False)
    with lived.archive.writing() as book:
        set_hold(book, CASE_NO, "litigation", "一审", lived.user("legal"))

    assert replay(lived.archive, lived.folder) == 0
    assert SECRET.encode() in opened(lived)


class Backup:
    """All rows of a database at one moment, without the tables named."""

    def __init__(self, lived: Lived, without: tuple[str, ...] = ()) -> None:
        self._lived = lived
        self._rows = {
            table: lived.rows(f'SELECT * FROM "{table}"') for table in metadata.tables if table not in without
        }

    def put_back(self) -> None:
        """Make the database what it was, but for the tables that were left out."""
        with self._lived.archive.engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                if table.name in self._rows:
                    connection.execute(sa.delete(table))
            for table in metadata.sorted_tables:
                raw = sa.table(table.name, *(sa.column(one.name) for one in table.c))
                for row in self._rows.get(table.name, []):
                    values = {name: _raw(table, name, cell) for name, cell in row._mapping.items()}
                    connection.execute(sa.insert(raw).values(values))


def _raw(table: sa.Table, name: str, cell: object) -> object:
    if isinstance(table.c[name].type, sa.JSON) and not isinstance(cell, str):
        return sa.cast(sa.literal(json.dumps(cell)), sa.JSON)
    return cell


@pytest.mark.parametrize("level", [1, 2])
def test_what_a_restored_backup_brings_back_is_destroyed_again_and_a_record_says_so(lived: Lived, level: int):
    backup = Backup(lived)
    lived.erase(Wish("purpose-achieved", "已结案", level, CASE_NO))
    backup.put_back()
    assert SECRET.encode() in opened(lived)

    assert replay(lived.archive, lived.folder) == 1
    assert SECRET.encode() not in opened(lived)
    assert len(lived.records("erase.done")) == 1
    assert lived.findings() == set()
    assert replay(lived.archive, lived.folder) == 0


def test_it_is_destroyed_again_after_each_restore(lived: Lived):
    backup = Backup(lived)
    lived.erase(WHOLE)
    for _ in range(2):
        backup.put_back()
        assert replay(lived.archive, lived.folder) == 1
        assert SECRET.encode() not in opened(lived)


def test_a_signed_log_that_was_set_back_does_not_grow_before_its_new_epoch(lived: Lived):
    _sign(lived)
    backup = Backup(lived)
    lived.erase(WHOLE)
    backup.put_back()
    size = lived.rows("SELECT size FROM log_head")

    assert replay(lived.archive, lived.folder) == 1
    assert SECRET.encode() not in opened(lived)
    assert lived.rows("SELECT size FROM log_head") == size
    assert lived.records("erase.done") == []
    with lived.archive.writing() as book:
        book.add(Entry("epoch.started", "system", "system:test"))
        end_epoch(book.connection, find_epoch(book.connection), "huizheng.a1b2c3d4/log/2", 2)
    assert replay(lived.archive, lived.folder) == 1
    assert len(lived.records("erase.done")) == 1
    assert lived.findings() == set()


def _sign(lived: Lived) -> None:
    """Keep a note over the log as it is now; nobody looks at its signature here."""
    with lived.archive.writing() as book:
        point = source.checkpoint(book.connection)
        line = note.line(note.Key(point.origin, note.LOG, bytes(32)), bytes(64))
        signed = note.joined(point.body(), [line])
        checkpoints.save(book.connection, point.origin, point.size, signed, book.now)


def test_an_ordinary_dump_with_todays_key_table_opens_nothing_that_was_erased_since(lived: Lived):
    backup = Backup(lived, without=KEY_TABLES)
    lived.erase(Wish("purpose-achieved", "已结案", 1, CASE_NO))
    backup.put_back()

    assert SECRET.encode() not in opened(lived)
    assert "张伟".encode() in opened(lived)  # what was not erased opens as before


def test_a_backup_from_before_the_case_has_nothing_to_lose(lived: Lived, tmp_path: Path):
    backup = Backup(lived)
    lived.open_another("GS-2026-0044")
    lived.erase(Wish("unlawful", "误立", 1, "GS-2026-0044"))
    backup.put_back()

    assert replay(lived.archive, lived.folder) == 0
    assert lived.findings() == set()


HARMS = {
    "cut": lambda text: text[:40] + "\n",
    "a line that is none": lambda text: "{}\n" + text,
    "another state": lambda text: text.replace("done", "gone"),
    "a field gone": lambda text: text.replace('"ground"', '"soil"'),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)
def test_a_damaged_list_is_refused_and_says_what_to_do(tmp_path: Path, harm: Callable[[str], str]):
    outside = EraseList(tmp_path)
    outside.begin(Listed("e", "r", Target(1, ["a"], ["b"]), None, "unlawful", "x", "y", "2026", 1, 9))
    outside.end("e", "r")
    assert [one.state for one in outside.read()] == ["done"]
    path = tmp_path / "erased.jsonl"
    path.write_text(harm(path.read_text()))

    with pytest.raises(EraseListDamaged, match="restore the file"):
        outside.read()


def test_a_line_that_a_dead_process_left_unended_is_no_damage(lived: Lived):
    asked = lived.ask(WHOLE)
    lived.folder.mkdir()
    path = lived.folder / "erased.jsonl"
    path.write_text('{"erasure": "half')
    approve(lived.archive, lived.folder, asked, lived.user("legal"))

    assert replay(lived.archive, lived.folder) == 0
    assert oct(path.stat().st_mode & 0o777) in ("0o600", "0o644")


def test_the_list_holds_ids_and_no_content(lived: Lived):
    lived.erase(WHOLE)
    text = (lived.folder / "erased.jsonl").read_text()

    assert text.isascii()
    for secret in (CASE_NO, "Zhang", "\\u", "8525123", "330106"):
        assert secret not in text
