"""How an approved erasure is carried out, at once or again after a backup was put back."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from evidence.errors import SealError
from handlers.hold import must_not_be_held
from handlers.people import Unacceptable
from storage import access, cases, checkpoints, ladders
from storage.book import SYSTEM, Archive, Book, Entry, case_stream
from storage.columns import EPOCH
from storage.erase_list import BEGUN, DONE, VOID, WIPED, EraseList, Listed
from storage.erasure import HASHES_TOO, Erasure, destroy, erasure_by_id, known_records, scrub
from storage.holds import standing_holds
from storage.log import read_head
from storage.pruning import prune
from storage.reach import has_open_attempt, rows_left
from storage.rows import Put, write_row

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
    rows = [*_puts(book, listed), _done(book, listed)]
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


def replay(archive: Archive, folder: Path) -> int:
    """Destroy again what a restored backup has brought back; return how many erasures were repeated.

    Called before anything is served. Where a signed log is older than the
    erasure, only the bytes and rows go now: the record follows when the new
    epoch has begun, since the old one must not grow differently.
    """
    outside = EraseList(folder)
    waiting = [one for one in outside.read() if one.state != VOID]
    with archive.reading() as view:
        there = known_records(view.connection, [one.record for one in waiting])
    missing = [one for one in waiting if one.record not in there]
    for listed in waiting:
        if listed.record in there and listed.state != DONE:
            outside.end(listed.erasure, listed.record)
    return sum(_again(archive, outside, listed) for listed in missing)


def _again(archive: Archive, outside: EraseList, listed: Listed) -> bool:
    state = DONE
    with archive.writing() as book:
        # Another process may be carrying it out at this moment: its row is waited for.
        known = erasure_by_id(book.connection, listed.erasure)
        if known_records(book.connection, [listed.record]):
            return False
        if listed.state == BEGUN and _held(book, known):
            return False
        record_id = listed.record if listed.state != DONE else book.ids.uuid()
        if _is_behind(book, listed):
            state = WIPED
            wipe(book, listed, record_id)
            for put in _puts(book, listed):
                write_row(book.connection, put, record_id, {})
        elif known_records(book.connection, listed.target.records):
            carry_out(book, listed, record_id)
        else:
            return False  # the backup is older than what was erased
    outside.end(listed.erasure, record_id, state)
    scrub(archive.engine)
    return True


def _is_behind(book: Book, listed: Listed) -> bool:
    head = read_head(book.connection)
    if head.halted is not None:
        return True
    older = head.epoch == listed.epoch and head.size < listed.size
    return older and checkpoints.newest(book.connection, head.origin) is not None


def _held(book: Book, erasure: Erasure | None) -> bool:
    """Whether an erasure that was interrupted meets a hold that was set since."""
    return bool(erasure and erasure.case_id and standing_holds(book.connection, erasure.case_id))


def _puts(book: Book, listed: Listed) -> list[Put]:
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
