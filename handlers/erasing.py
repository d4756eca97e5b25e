"""How an erasure that was decided is carried out, all of it or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from evidence.errors import SealError
from handlers.hold import must_not_be_held
from handlers.people import Unacceptable
from storage import access, cases, ladders
from storage.book import SYSTEM, Archive, Book, Entry, case_stream
from storage.columns import EPOCH
from storage.erase_list import DONE, VOID, EraseList, EraseListFault, Listed
from storage.erasure import HASHES_TOO, destroy, erasure_by_id, known_records
from storage.log import read_head
from storage.pruning import prune
from storage.reach import has_open_attempt, rows_left
from storage.rows import Put
from storage.scrub import scrub

log = structlog.get_logger(__name__)

AT_ONCE = ("unlawful", "consent-withdrawn")  # grounds that need not wait until the case is closed


@dataclass(frozen=True)
class Erased:
    """What an erasure destroyed: how many records it names, how many runs of bytes, and its own record."""

    record: str
    records: int
    blobs: int


def must_be_free(book: Book, case: cases.Case, ground: str) -> None:
    """Raise Unacceptable while a hold, a running ladder, a message under way or an open case forbids it."""
    must_not_be_held(book, case)
    if case.state == "open" and ground not in AT_ONCE:
        raise Unacceptable("case_no", f"案件 {case.case_no} 还没有结案，只能以违法处理或撤回同意为由删除")
    if any(plan.state == "running" for plan in ladders.plans_of_case(book.connection, case.id)):
        raise Unacceptable("case_no", f"案件 {case.case_no} 还有提醒在进行，请先暂停或结案")
    if has_open_attempt(book.connection, case.id):
        raise Unacceptable("case_no", f"案件 {case.case_no} 有消息正在发送或结果不明，请先查明")


def carry_out(book: Book, listed: Listed, record_id: str) -> Erased:
    """Destroy what is listed and add the ``erase.done`` with this id, in the caller's transaction."""
    target = listed.target
    known = sorted(known_records(book.connection, target.records))
    _forget_answers(book, listed)
    wipe(book, listed, record_id)
    rows = [*rows_kept(book, listed), _done(book, listed)]
    told = {
        "approved": listed.approved_by, "asked": listed.asked_by, "ground": listed.ground,
        "level": target.level,
    }  # fmt: skip
    stream = case_stream(listed.case_id) if listed.case_id else SYSTEM
    refs = [f"erases {one}" for one in known]
    book.add(Entry("erase.done", stream, listed.approved_by, rows=rows, told=told, refs=refs), record_id)
    return Erased(record_id, len(known), len(target.blobs))


def wipe(book: Book, listed: Listed, record_id: str) -> None:
    """Destroy what is listed, without a record of it. Doing it again changes nothing."""
    destroy(book.connection, listed.target, record_id)
    for scope in listed.target.scopes:
        _renew(book, scope)
    if listed.target.level >= HASHES_TOO:
        prune(book.connection, listed.target.records)


def erase_now(archive: Archive, folder: Path, decide: Callable[[Book], Listed]) -> Erased:
    """Erase what ``decide`` names, all of it in one transaction.

    The erase list in ``folder`` names it before the database commits. Raises
    EraseListFault when it cannot, and what ``decide`` raises.
    """
    outside = EraseList(folder)
    begun: Listed | None = None
    try:
        with archive.writing() as book:
            begun = decide(book)
            outside.begin(begun)
            erased = carry_out(book, begun, begun.record)
    except Exception:
        if begun is not None:
            _settle(archive, outside, begun)
        raise
    finish(archive, folder, begun)
    return erased


def finish(archive: Archive, folder: Path, listed: Listed, state: str = DONE) -> None:
    """Let the database forget deleted pages and say on the list how it ended; it is committed already."""
    try:
        if not scrub(archive.engine, folder):
            log.warning("erasure_not_scrubbed", erasure=listed.erasure, remedy="the next sweep tries again")
        EraseList(folder).end(listed.erasure, listed.record, state)
    except (EraseListFault, OSError) as fault:
        log.error("erasure_not_ended", erasure=listed.erasure, fault=str(fault), remedy="the next start does")


def _settle(archive: Archive, outside: EraseList, begun: Listed) -> None:
    """Say how an erasure ended that raised an error: one that came with the commit does not tell."""
    try:
        with archive.writing() as book:
            read_head(book.connection, lock=True)  # a commit under way has ended when this is ours
            done = known_records(book.connection, [begun.record])
            outside.end(begun.erasure, begun.record, DONE if done else VOID)
    except Exception as error:  # it stays begun: the next start looks
        log.warning("erasure_not_settled", erasure=begun.erasure, error=type(error).__name__)


def rows_kept(book: Book, listed: Listed) -> list[Put]:
    """Return the rows that stay, as the ``erase.done`` vouches for them from now on."""
    left = [key for key in rows_left(book.connection, listed.target) if key != ("erasure", listed.erasure)]
    case = ("injury_case", listed.target.case or "")
    if listed.target.case and case not in left and cases.has_case(book.connection, case[1]):
        left.append(case)
    return [Put(table, one, _blanks(table, listed.target.case), new=False) for table, one in left]


def _blanks(table: str, whole: str | None) -> dict[str, object]:
    """What is taken out of a row that stays: an erased case keeps its number and whose it was."""
    if table != "injury_case":
        return {}
    gone: dict[str, object] = {"summary": None}
    return {**gone, "state": "erased", "stage": "closed", "accident_at": EPOCH} if whole else gone


def _done(book: Book, listed: Listed) -> Put:
    ended = {"state": "done", "approved_by": listed.approved_by, "done_at": book.now}
    if erasure_by_id(book.connection, listed.erasure) is not None:
        return Put("erasure", listed.erasure, ended, new=False)
    columns = {
        "case_id": listed.case_id, "level": listed.target.level, "ground": listed.ground,
        "asked_by": listed.asked_by, "asked_at": datetime.fromisoformat(listed.asked_at),
    }  # fmt: skip
    return Put("erasure", listed.erasure, {**columns, **ended})


def _renew(book: Book, scope: str) -> None:
    try:
        book.renew(scope)
    except SealError as error:
        raise Unacceptable("keys", f"{scope} 的密钥打不开（{error}）：请运行 huizheng audit") from error


def _forget_answers(book: Book, listed: Listed) -> None:
    words = {one for ids in listed.target.rows.values() for one in ids}
    if listed.target.case and cases.has_case(book.connection, listed.target.case):
        words |= {listed.target.case, cases.case_by_id(book.connection, listed.target.case).case_no}
    access.forget_answers(book.connection, words)
