"""After a restore the log begins a new epoch, and nothing goes out before a person has compared (§2.4)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from evidence import note
from evidence.checkpoint import Checkpoint
from evidence.checkpoint import parse as parse_body
from evidence.errors import CheckpointError, NoteError, ProofError
from handlers.answered import pause
from handlers.desk import Desk
from handlers.escalate import advance
from handlers.hand_over import ask_person
from handlers.people import Unacceptable
from handlers.vouching import SignerStatus
from storage import cases, checkpoints, ladders, log, people, source
from storage.book import SYSTEM, Book, Entry
from storage.epochs import Epoch, end_epoch, epochs
from storage.log_keys import log_keys

STARTING = "a new epoch is being started"
WHY = "数据库从备份恢复过，可能缺少恢复点之后的记录；请先与各网关核对，再恢复提醒"
Seen = tuple[Checkpoint, bytes]  # a signed checkpoint of the ending epoch, and its note


@dataclass(frozen=True)
class Started:
    """A new epoch: its origin, how the old one ended, what is lost of it, and how many plans were paused."""

    origin: str
    before: str
    size: int
    lost: tuple[int, int] | None  # leaf indexes, the second one exclusive
    replaced: tuple[int, int] | None  # where other records stand now than those that were signed
    paused: int


def start_epoch(desk: Desk, reason: str, given: bytes | None, actor: str) -> Started:
    """End the present tree as it stands and begin the next one; every running plan is paused.

    ``given`` is a signed note that somebody outside still holds. Raises
    Unacceptable for a note that is none of this log, and SignerFault when there
    is a signer and it does not answer; the log stays halted then.
    """
    with _halted(desk), desk.archive.writing() as book:
        status = None if desk.signer is None else desk.signer.status()
        known = epochs(book.connection)
        ending, number = known[-1], _next_number(known[-1], status)
        seen = _last_seen(book, ending, status, given)
        lost, replaced = _lost(ending, seen), _replaced(book, ending, seen)
        origin = f"{ending.origin.rpartition('/')[0]}/{number}"
        refs = [f"checkpoint {status.signed}"] if status is not None and status.signed else []
        started = book.add(replace(_record(ending, seen, lost, reason + _said(replaced), actor), refs=refs))
        running = ladders.cases_with_running_plans(book.connection)
        paused = sum(_pause_case(book, case_id, desk, actor, started) for case_id in running)
        end_epoch(book.connection, ending, origin, number)
    if desk.signer is not None:
        desk.signer.begin_epoch(origin)
    return Started(origin, ending.origin, ending.size, lost, replaced, paused)


@contextmanager
def _halted(desk: Desk) -> Iterator[None]:
    """Let nothing be appended meanwhile; where that fails a log that was not halted before goes on."""
    with desk.archive.engine.begin() as connection:
        ours = log.halt(connection, STARTING)
    try:
        yield
    except BaseException:
        if ours:
            with desk.archive.engine.begin() as connection:
                log.lift(connection, STARTING)
        raise


def _next_number(ending: Epoch, status: SignerStatus | None) -> int:
    """Never a number that the signer has already seen: the restored database may not know of it."""
    seen = int(status.origin.rpartition("/")[2]) if status is not None else 0
    return max(ending.number, seen) + 1


def _last_seen(book: Book, ending: Epoch, status: SignerStatus | None, given: bytes | None) -> Seen | None:
    """Return the newest note over the ending epoch that anybody held."""
    kept = checkpoints.newest(book.connection, ending.origin)
    held = [kept.note if kept else None, _signers(ending, status)]
    seen = [one for one in map(_checkpoint, held) if one is not None and one[0].origin == ending.origin]
    if given is not None:
        seen.append(_verified(book, ending, status, given))
    return max(seen, key=lambda one: one[0].size, default=None)


def _signers(ending: Epoch, status: SignerStatus | None) -> bytes | None:
    if status is None:
        return None
    return status.note if status.origin == ending.origin else status.earlier.get(ending.origin)


def _checkpoint(signed: bytes | None) -> Seen | None:
    try:
        return None if signed is None else (parse_body(note.parse(signed).text), signed)
    except (NoteError, CheckpointError):
        return None


def _verified(book: Book, ending: Epoch, status: SignerStatus | None, given: bytes) -> Seen:
    """A note from outside counts only when a key of this log signed it."""
    keys = {one.key.vkey for one in log_keys(book, ending.number)}
    keys |= {status.vkey} if status is not None else set()
    try:
        point, _ = note.opened_checkpoint(given, [note.parse_vkey(one) for one in sorted(keys)])
    except (NoteError, CheckpointError) as error:
        raise Unacceptable("note", f"这份签名不能用（{error}）：请给出本日志最近一次的检查点原文") from None
    if point.origin != ending.origin:
        raise Unacceptable("note", f"这份检查点属于 {point.origin}，不是 {ending.origin}")
    return point, given


def _lost(ending: Epoch, seen: Seen | None) -> tuple[int, int] | None:
    """Return which leaves the newest note covers beyond the end of this database."""
    return (ending.size, seen[0].size) if seen is not None and seen[0].size > ending.size else None


def _replaced(book: Book, ending: Epoch, seen: Seen | None) -> tuple[int, int] | None:
    """Return where the log has grown over what is lost: from the last checkpoint that both sides share.

    From which leaf on exactly nobody can tell any more.
    """
    if seen is None or seen[0].size > ending.size or _holds(book, ending, seen[0]):
        return None
    return _shared(book, ending, seen[0].size), seen[0].size


def _said(replaced: tuple[int, int] | None) -> str:
    """A range that the format has no field for stands in the reason, for every reader to see."""
    if replaced is None:
        return ""
    first, end = replaced
    return f"（第 {first} 至 {end - 1} 条之间，现有记录与已签名的检查点不一致：原来的记录已经丢失）"


def _shared(book: Book, ending: Epoch, below: int) -> int:
    kept = [_checkpoint(one.note) for one in checkpoints.all_of(book.connection, ending.origin)]
    sizes = [one[0].size for one in kept if one and one[0].size < below and _holds(book, ending, one[0])]
    return max(sizes, default=0)


def _holds(book: Book, ending: Epoch, point: Checkpoint) -> bool:
    try:
        return source.checkpoint_at(book.connection, point.size, ending.number) == point
    except ProofError:
        return False


def _record(ending: Epoch, seen: Seen | None, lost: tuple[int, int] | None, reason: str, actor: str) -> Entry:
    before = {
        "origin": ending.origin,
        "size": ending.size,
        "root": ending.root.hex(),
        "note": seen[1].decode() if seen else None,
    }
    first, end = lost or (None, None)
    told = {"before": before, "lost": {"from": first, "to": end}, "reason": reason}
    return Entry("epoch.started", SYSTEM, actor, told=told)


def _pause_case(book: Book, case_id: str, desk: Desk, actor: str, caused_by: str) -> int:
    """Stop the ladders of a case whose newest events may be lost, and ask a person to compare."""
    case = cases.case_by_id(book.connection, case_id)
    people.lock_employee(book.connection, case.employee_id)
    running = [one for one in ladders.unended_plans(book.connection, [case_id]) if one.state == "running"]
    for plan in running:
        pause(book, plan, WHY, actor, caused_by)
        advance(book, plan.id, desk.rules, actor, caused_by=caused_by)
    if running:
        ask_person(book, case_id, "reconcile", WHY, actor, caused_by=caused_by)
    return len(running)
