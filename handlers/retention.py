"""What the law no longer needs is put before a person, and stray chats go by themselves."""

from datetime import timedelta
from pathlib import Path

from casework.retention import STRAY_DAYS, is_review_due, review_due
from casework.workdays import BEIJING
from handlers.erasing import carry_out
from handlers.tasks import new_task
from storage import cases, reach
from storage.book import Archive, Book, Entry, case_stream
from storage.erase_list import VOID, EraseList, Listed
from storage.erasure import scrub
from storage.holds import standing_holds
from storage.log import read_head
from storage.retained import REVIEW, Closed, stray_records, unreviewed_cases
from storage.rows import timestamp

ACTOR = "system:retention"
DECIDE_WITHIN = timedelta(days=30)
AT_ONCE = 500  # strays in one erasure


def ask_for_reviews(book: Book) -> int:
    """Ask a person about every case whose time is over; return how many were asked about now."""
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
    """Erase chats of more than thirty days that belong to no case; return how many webhooks went."""
    with archive.reading() as view:
        strays = stray_records(view, view.now - timedelta(days=STRAY_DAYS))[:AT_ONCE]
    if not strays:
        return 0
    outside, begun = EraseList(folder), None
    try:
        with archive.writing() as book:
            begun = _listed(book, strays)
            outside.begin(begun)
            erased = carry_out(book, begun, begun.record)
    except Exception:
        if begun is not None:
            outside.end(begun.erasure, begun.record, VOID)
        raise
    outside.end(begun.erasure, begun.record)
    scrub(archive.engine)
    return erased.records


def _ask(book: Book, closed: Closed) -> None:
    case = cases.case_by_id(book.connection, closed.case_id)
    put = new_task(book, case.id, REVIEW, book.now + DECIDE_WITHIN)
    told = {"kind": REVIEW, "why": "结案已满三年，请决定继续保存，还是申请删除"}
    book.add(Entry("task.opened", case_stream(case.id), ACTOR, rows=[put], told=told, party=case.employee_id))


def _listed(book: Book, strays: list[str]) -> Listed:
    head, target = read_head(book.connection), reach.selected(book.connection, strays, 1)
    return Listed(
        book.ids.uuid(), book.ids.uuid(), target, None, "period-over", ACTOR, ACTOR, timestamp(book.now),
        head.epoch, head.size,
    )  # fmt: skip
