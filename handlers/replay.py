"""What a restored backup has brought back is destroyed again, and an interrupted erasure is ended."""

from dataclasses import replace
from pathlib import Path

import structlog

from handlers.erase import target_of
from handlers.erasing import carry_out, finish, must_be_free, rows_kept, wipe
from handlers.people import Unacceptable
from handlers.retention import ACTOR
from storage import cases, checkpoints, reach
from storage.book import Archive, Book, Reader
from storage.erase_list import BEGUN, DONE, VOID, WIPED, EraseList, Listed
from storage.erasure import Erasure, Target, erasure_by_id, known_records
from storage.log import read_head
from storage.rows import write_row

log = structlog.get_logger(__name__)


def replay(archive: Archive, folder: Path) -> int:
    """Destroy again what a restored backup has brought back; return how many erasures were repeated.

    Called before anything is served. Where a signed log is older than the
    erasure, only the bytes and rows go now: the record follows when the new
    epoch has begun, since the old one must not grow differently. One that
    cannot be repeated stops nobody: ``outstanding`` names it. Raises EraseListFault.
    """
    waiting = [one for one in EraseList(folder).read() if one.state != VOID]
    with archive.reading() as view:
        there = known_records(view.connection, [one.record for one in waiting])
    for listed in waiting:
        if listed.record in there and listed.state != DONE:
            finish(archive, folder, listed)
    return sum(_tried(archive, folder, one) for one in waiting if one.record not in there)


def outstanding(view: Reader, folder: Path) -> list[Listed]:
    """Return erasures whose content is there although it must not be. Raises EraseListFault."""
    listed = [one for one in EraseList(folder).read() if one.state in (BEGUN, DONE)]
    there = known_records(view.connection, [one.record for one in listed])
    missing = (one for one in listed if one.record not in there)
    return [one for one in missing if known_records(view.connection, one.target.records)]


def _tried(archive: Archive, folder: Path, listed: Listed) -> bool:
    try:
        return _again(archive, folder, listed)
    except Exception as error:  # whatever it is, the others go on and the service starts
        remedy = "run huizheng check"
        log.error("erasure_not_repeated", erasure=listed.erasure, error=type(error).__name__, remedy=remedy)
        return False


def _again(archive: Archive, folder: Path, listed: Listed) -> bool:
    outside = EraseList(folder)
    with archive.writing() as book:
        # Another process may be carrying it out at this moment: its row is waited for.
        row = erasure_by_id(book.connection, listed.erasure)
        if _is_settled(book, outside, listed, row):
            return False
        target = _target(book, listed, row)
        if target is None:
            outside.end(listed.erasure, listed.record, VOID)
            return False
        if not known_records(book.connection, target.records):
            return False  # the backup is older than what was erased
        record = book.ids.uuid() if listed.state == DONE else listed.record
        again = replace(listed, target=target, record=record)
        if listed.state == BEGUN:
            outside.begin(again)
        state = _repeat(book, again)
    finish(archive, folder, again, state)
    return True


def _repeat(book: Book, listed: Listed) -> str:
    if not _is_behind(book, listed):
        carry_out(book, listed, listed.record)
        return DONE
    wipe(book, listed, listed.record)
    for put in rows_kept(book, listed):
        write_row(book.connection, put, listed.record, {})
    return WIPED


def _is_settled(book: Book, outside: EraseList, listed: Listed, row: Erasure | None) -> bool:
    """Whether somebody else has ended it since the list was read."""
    if row is not None and row.state == "done" and known_records(book.connection, [row.record_id]):
        outside.end(listed.erasure, row.record_id)
        return True
    return outside.find(listed.erasure) != listed


def _target(book: Book, listed: Listed, row: Erasure | None) -> Target | None:
    """Return what goes now; None when an erasure that was only begun must not be any more."""
    if listed.state != BEGUN:
        return _widened(book, listed.target)
    if listed.asked_by == ACTOR:
        return None  # the next sweep decides anew which chats are stray
    try:
        if row is not None:
            return target_of(book, row) if row.state == "asked" else None
        return _unasked(book, listed)
    except Unacceptable as fault:
        log.warning("erasure_called_off", erasure=listed.erasure, fault=fault.field)
        return None


def _unasked(book: Book, listed: Listed) -> Target:
    """The backup is older than the request: the list alone tells what was approved. Raises Unacceptable."""
    if listed.case_id and cases.has_case(book.connection, listed.case_id):
        must_be_free(book, cases.case_by_id(book.connection, listed.case_id), listed.ground)
    return _widened(book, listed.target)


def _widened(book: Book, target: Target) -> Target:
    """Add what came to a case after the backup was put back: nothing may point to what goes."""
    if target.case is None or not cases.has_case(book.connection, target.case):
        return target
    now = reach.whole_case(book.connection, target.case, target.level)
    rows = {
        name: sorted({*target.rows.get(name, ()), *now.rows.get(name, ())})
        for name in {*target.rows, *now.rows}
    }
    records = sorted({*target.records, *now.records})
    return replace(target, records=records, blobs=sorted({*target.blobs, *now.blobs}), rows=rows)


def _is_behind(book: Book, listed: Listed) -> bool:
    head = read_head(book.connection)
    if head.halted is not None:
        return True
    older = head.epoch == listed.epoch and head.size < listed.size
    return older and checkpoints.newest(book.connection, head.origin) is not None
