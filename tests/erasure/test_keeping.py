"""What nobody needs any more: cases are put before a person, stray chats go by themselves."""

from datetime import date

import pytest

from casework.messages import Outcome
from casework.retention import is_review_due, review_due
from handlers.erase import Wish
from handlers.hold import set_hold
from handlers.people import Unacceptable
from handlers.retention import ask_for_reviews, erase_strays
from handlers.tasks import Outcome as Ended
from handlers.tasks import record_outcome
from storage import tasks
from storage.book import Entry, case_stream
from storage.retained import next_position, stray_no_more
from storage.rows import Put
from tests.erasure.living import Lived
from tests.erasure.test_erase import opened
from tests.world import CASE_NO, MONDAY, OPENID

CLOSED = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("known", "due"),
    [
        ({"closed_on": CLOSED}, date(2029, 11, 24)),
        ({"closed_on": date(2028, 2, 29)}, date(2031, 2, 28)),
        ({"closed_on": None}, None),
        ({"closed_on": CLOSED, "monthly_benefits": True}, None),
        ({"closed_on": CLOSED, "monthly_benefits_until": date(2031, 1, 31)}, date(2034, 1, 31)),
        ({"closed_on": CLOSED, "graded": True}, None),
        ({"closed_on": CLOSED, "graded": True, "employment_ended_on": date(2030, 5, 1)}, date(2033, 5, 1)),
        ({"closed_on": CLOSED, "graded": True, "employment_ended_on": date(2020, 5, 1)}, date(2029, 11, 24)),
        ({"closed_on": CLOSED, "employment_ended_on": date(2030, 5, 1)}, date(2029, 11, 24)),
    ],
    ids=[
        "three years after closing", "from a leap day", "never while it is open",
        "never while benefits are paid by the month", "after the last monthly benefit",
        "never while a graded employee is employed", "after the employment of a graded employee",
        "the last of them counts", "employment does not matter without a grade",
    ],
)  # fmt: skip
def test_a_case_is_reviewed(known, due):
    assert review_due(**known) == due


def test_a_review_is_due_on_its_day_and_not_before():
    assert is_review_due(date(2029, 11, 24), date(2029, 11, 24))
    assert not is_review_due(date(2029, 11, 24), date(2029, 11, 23))
    assert not is_review_due(None, date(2099, 1, 1))


def review(lived: Lived) -> list[str]:
    with lived.archive.writing() as book:
        ask_for_reviews(book)
    with lived.archive.reading() as view:
        return [one.kind for one in tasks.open_tasks(view.connection)]


def test_a_person_is_asked_once_and_decides(lived: Lived):
    lived.world.clock.pass_by(days=365 * 3 - 2)
    before = review(lived)
    lived.world.clock.pass_by(days=10)
    assert review(lived) == [*before, "retention_review"]
    with lived.archive.writing() as book:
        (task,) = [one for one in tasks.open_tasks(book.connection) if one.kind == "retention_review"]
        record_outcome(book, task.id, Ended("keep", "仍有争议"), lived.world.desk.rules, lived.world.hr)

    assert review(lived) == before
    assert lived.findings() == set()


def test_nobody_is_asked_about_a_case_on_hold(lived: Lived):
    with lived.archive.writing() as book:
        set_hold(book, CASE_NO, "litigation", "二审", lived.user("legal"))
    lived.world.clock.pass_by(days=365 * 4)

    assert "retention_review" not in review(lived)


STRANGER = "我是他邻居，他手机号换成了一三九零零零零"


def stray(lived: Lived, text: str = STRANGER, sender: str = "oStranger") -> None:
    lived.world.hear(lived.world.wechat, key=f"stray-{text[:9]}", text=text, **{"from": sender})


def test_a_chat_that_belongs_to_no_case_goes_after_thirty_days(lived: Lived):
    stray(lived)
    lived.world.clock.pass_by(days=30)
    assert erase_strays(lived.archive, lived.folder) == 0
    assert STRANGER.encode() in said(lived)
    lived.world.clock.pass_by(minutes=1)

    assert erase_strays(lived.archive, lived.folder) == 1
    assert STRANGER.encode() not in said(lived)
    assert lived.findings() == set()
    assert erase_strays(lived.archive, lived.folder) == 0
    (row,) = lived.rows("SELECT * FROM erasure")
    assert (row.case_id, row.ground, row.state) == (None, "period-over", "done")


def said(lived: Lived) -> bytes:
    """All that can be opened, with the escapes of the pretend gateway's JSON undone."""
    return opened(lived).decode("unicode_escape").encode()


def test_what_a_case_cites_stays(lived: Lived):
    lived.world.clock.pass_by(days=400)

    assert erase_strays(lived.archive, lived.folder) == 0
    assert lived.findings() == set()


def test_a_stray_chat_of_somebody_whose_case_is_on_hold_stays(lived: Lived):
    stray(lived, "没有案件可归的一句话", OPENID)  # the case is closed
    with lived.archive.writing() as book:
        set_hold(book, CASE_NO, "litigation", "二审", lived.user("legal"))
    stray(lived)
    lived.world.clock.pass_by(days=40)

    assert erase_strays(lived.archive, lived.folder) == 1  # the stranger's only


def test_what_was_cited_since_the_log_was_searched_is_no_stray(lived: Lived):
    with lived.archive.reading() as view:
        seen = next_position(view.connection)
    before = [row.record_id for row in lived.rows("SELECT record_id FROM intake")]
    lived.world.report(lived.world.wechat, Outcome.READ, "read")
    ids = [row.record_id for row in lived.rows("SELECT record_id FROM intake")]
    with lived.archive.reading() as view:
        assert stray_no_more(view.connection, before, 0)  # each was cited once,
        assert not stray_no_more(view.connection, before, seen)  # and only the newest since
        assert stray_no_more(view.connection, ids, seen)


def test_an_erased_case_cannot_be_put_on_hold(lived: Lived):
    lived.erase()

    with pytest.raises(Unacceptable, match="已依法删除"), lived.archive.writing() as book:
        set_hold(book, CASE_NO, "litigation", "二审", lived.user("legal"))


def test_an_employee_goes_only_when_no_hold_stands_on_any_case(lived: Lived):
    lived.erase()
    row = {"case_id": lived.world.case_id, "ground": "claim", "set_at": MONDAY, "lifted_at": None}
    with lived.archive.writing() as book:  # as an older release allowed on an erased case
        put = Put("legal_hold", book.ids.uuid(), row)
        book.add(Entry("hold.set", case_stream(lived.world.case_id), "system:test", rows=[put]))

    with pytest.raises(Unacceptable, match="工伤保险待遇争议"):
        lived.ask(Wish("purpose-achieved", "离职", employee_no="E-0107"))
