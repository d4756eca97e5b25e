"""What the law no longer needs is put before a person, and stray chats go by themselves."""

from datetime import timedelta
from pathlib import Path

from casework.retention import STRAY_DAYS, is_review_due, review_due
from casework.workdays import BEIJING
from handlers.erasing import erase_now
from handlers.tasks import new_task
from storage import cases, reach
from storage.book import Archive, Book, Entry, case_stream
from storage.erase_list import Listed
from storage.holds import standing_holds
from storage.log import read_head
from storage.retained import REVIEW, Closed, next_position, stray_no_more, stray_records, unreviewed_cases
from storage.rows import timestamp
from storage.scrub import is_scrubbed, scrub

ACTOR = "system:retention"
DECIDE_WITHIN = timedelta(days=30)
AT_ONCE = 500  # strays in one erasure


def ask_for_reviews(book: Book) -> int:
    """Ask a person about every case whose time is over; return how many were asked about now.

    Of the dates that ``review_due`` can weigh only the closing is known here:
    benefits and employments are not kept, and that person has to look at them.
    """
    today = book.now.astimezone(BEIJING).date()
    held = {hold.case_id for hold in standing_holds(book.connection)}
    asked = 0
    for closed in unreviewed_cases(book.connection):
        due = review_due(closed.closed_at.astimezone(BEIJING).date())
        if closed.case_id not in held and is_review_due(due, today):
            _ask(book, closed)
            asked += 1
    return asked


def erase_strays(archive: Archive, folder: Path) -> int:
    """Erase chats of more than thirty days that belong to no case; return how many webhooks went.

    The log is searched for citations while nobody has to wait for it; when the
    erasure begins, only what came since is. What an earlier erasure could not
    scrub is scrubbed first. Raises EraseListFault.
    """
    if not is_scrubbed(folder):
        scrub(archive.engine, folder)
    with archive.reading() as view:
        seen = next_position(view.connection)
        strays = stray_records(view, view.now - timedelta(days=STRAY_DAYS))[:AT_ONCE]
    if not strays:
        return 0
    try:
        return erase_now(archive, folder, lambda book: _listed(book, strays, seen)).records
    except _NoStray:
        return 0  # the next sweep looks again


class _NoStray(Exception):  # noqa: N818
    """A record cited one of these chats meanwhile."""


def _ask(book: Book, closed: Closed) -> None:
    case = cases.case_by_id(book.connection, closed.case_id)
    put = new_task(book, case.id, REVIEW, book.now + DECIDE_WITHIN)
    told = {"kind": REVIEW, "why": "结案已满三年，请决定继续保存，还是申请删除"}
    book.add(Entry("task.opened", case_stream(case.id), ACTOR, rows=[put], told=told, party=case.employee_id))


def _listed(book: Book, strays: list[str], seen: int) -> Listed:
    if stray_no_more(book.connection, strays, seen):
        raise _NoStray
    head, target = read_head(book.connection), reach.strays(book.connection, strays)
    return Listed(
        book.ids.uuid(), book.ids.uuid(), target, None, "period-over", ACTOR, ACTOR, timestamp(book.now),
        head.epoch, head.size,
    )  # fmt: skip
