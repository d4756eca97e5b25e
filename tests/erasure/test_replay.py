"""At the start an interrupted erasure is decided anew, and one that fails stops nobody but is named."""

import subprocess
import sys

import pytest

from bot.commands.nags import nags
from casework.messages import Outcome
from handlers.erase import Wish, approve, refuse
from handlers.people import Unacceptable
from handlers.replay import outstanding, replay
from storage.book import Book
from storage.erase_list import EraseList
from tests.erasure.conftest import SECRET
from tests.erasure.living import Lived
from tests.erasure.test_erase import opened
from tests.erasure.test_once_more import WHOLE, Backup
from tests.world import CASE_NO


def interrupted(lived: Lived) -> str:
    """An erasure whose process was killed after the list named it, before the database knew."""
    asked = lived.ask(WHOLE)
    url = lived.archive.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.erasure.dying_eraser", url, str(lived.folder), asked]
    subprocess.run([*command, lived.world.users["legal"], "begun"], timeout=60, check=False)
    assert states(lived) == ["begun"]
    return asked


def states(lived: Lived) -> list[str]:
    return [one.state for one in EraseList(lived.folder).read()]


def test_an_interrupted_erasure_that_was_refused_meanwhile_is_not_carried_out(lived: Lived):
    asked = interrupted(lived)
    with lived.archive.writing() as book:
        refuse(book, asked, "仍有争议", lived.user("admin"))

    assert replay(lived.archive, lived.folder) == 0
    assert SECRET.encode() in opened(lived)
    assert states(lived) == ["void"]


def test_an_interrupted_erasure_takes_what_came_to_the_case_meanwhile(lived: Lived):
    interrupted(lived)
    lived.world.report(lived.world.wechat, Outcome.READ, "read")

    assert replay(lived.archive, lived.folder) == 1
    assert lived.rows("SELECT * FROM receipt") == []
    assert SECRET.encode() not in opened(lived)
    assert states(lived) == ["done"]
    assert lived.findings() == set()


def test_a_restored_case_goes_with_what_came_after_the_restore(lived: Lived):
    backup = Backup(lived)
    lived.erase(WHOLE)
    backup.put_back()
    lived.world.report(lived.world.wechat, Outcome.READ, "read")

    assert replay(lived.archive, lived.folder) == 1
    assert lived.findings() == set()


def test_an_erasure_that_cannot_be_repeated_stops_nobody_and_is_named_until_it_is_done(lived: Lived):
    lived.keep_outside()
    backup = Backup(lived)
    lived.erase(WHOLE)
    backup.put_back()
    lived.run("ALTER TABLE receipt RENAME TO away")

    assert replay(lived.archive, lived.folder) == 0
    with lived.archive.reading() as view:
        (one,) = outstanding(view, lived.folder)
    (said,) = [said for what, right, said in nags(lived.world.desk) if what == "erasures" and not right]
    assert one.erasure in said

    lived.run("ALTER TABLE away RENAME TO receipt")
    assert replay(lived.archive, lived.folder) == 1
    assert [right for what, right, _ in nags(lived.world.desk) if what == "erasures"] == [True]


def test_an_error_that_came_after_the_commit_does_not_call_the_erasure_off(lived: Lived, monkeypatch):
    asked, told = lived.ask(WHOLE), Book.committed

    def lose_the_answer(book: Book) -> None:
        monkeypatch.setattr(Book, "committed", told)
        raise ConnectionError("the server's answer to COMMIT was lost")

    legal = lived.user("legal")
    monkeypatch.setattr(Book, "committed", lose_the_answer)
    with pytest.raises(ConnectionError):
        approve(lived.archive, lived.folder, asked, legal)

    assert SECRET.encode() not in opened(lived)
    assert states(lived) == ["done"]


def test_nothing_is_erased_when_the_list_cannot_be_written_and_one_is_told_why(lived: Lived):
    lived.folder.write_text("a file where the folder should be")

    with pytest.raises(Unacceptable, match="什么也没有删除"):
        lived.erase(Wish("purpose-achieved", "已结案", 1, CASE_NO))
    assert SECRET.encode() in opened(lived)
