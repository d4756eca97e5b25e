"""Show a signed checkpoint to those outside, seal what they answer, and remember whom to ask again."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from evidence.checkpoint import Checkpoint
from evidence.checkpoint import parse as parse_checkpoint
from evidence.merkle import consistency_proof
from evidence.note import parse as parse_note
from handlers.desk import Desk
from handlers.vouching import Anchor, Anchored, AnchorFailed, Anchoring
from storage import anchors, checkpoints
from storage.anchors import Job
from storage.book import SYSTEM, TEXT, Archive, Book, Entry, Part
from storage.log import LogHalted, halt, node_reader, read_head
from storage.log_keys import log_keys
from storage.rows import timestamp

log = structlog.get_logger(__name__)

ACTOR = "system:worker"
LEASE = timedelta(seconds=60)  # more than an anchor may take to answer
LONGEST_PAUSE = timedelta(hours=1)
ASKED_AT_ONCE = 16


@dataclass(frozen=True)
class Round:
    """What came of showing one checkpoint: whose answer is sealed, and who will be asked again."""

    checkpoint: Checkpoint
    answered: tuple[str, ...]
    waiting: tuple[str, ...]


def show(desk: Desk, signed: bytes, wait_seconds: float) -> Round:
    """Ask every service about this signed note at once, for at most so many real seconds.

    Who does not answer in time stays on the list and is asked again by the
    worker. Nothing that a service does raises here.
    """
    checkpoint = checkpoint_of(signed)
    note_jobs(desk, checkpoint)
    with desk.archive.writing() as book:
        of = (checkpoint.origin, checkpoint.size)
        jobs = anchors.claim_jobs(book.connection, desk.archive.clock.real(), LEASE, ASKED_AT_ONCE, of)
    ask(desk, jobs, wait_seconds)
    with desk.archive.reading() as view:
        states = anchors.states_at(view.connection, checkpoint.origin, checkpoint.size)
    done = tuple(service for service, state in states if state == "done")
    waiting = tuple(service for service, state in states if state in anchors.UNANSWERED)
    return Round(checkpoint, done, waiting)


def checkpoint_of(signed: bytes) -> Checkpoint:
    """Return the checkpoint that a note of our own is over."""
    return parse_checkpoint(parse_note(signed).text)


def note_jobs(desk: Desk, of: Checkpoint, unless_since: datetime | None = None) -> int:
    """Note that every service is to be asked about a checkpoint; say for how many that was new.

    With ``unless_since`` nothing is noted when that happened since then, by
    another worker for example.
    """
    real, services = desk.archive.clock.real(), [(one.kind, one.service) for one in desk.anchors]
    with desk.archive.writing() as book:
        connection = book.connection
        read_head(connection, lock=True)  # one worker at a time
        if unless_since is not None and anchors.asked_since(connection, of.origin, unless_since):
            return 0
        anchors.leave(connection, of.origin, services)
        jobs = [anchors.new_job(book.ids.uuid(), of, kind, service, book.now) for kind, service in services]
        return sum(anchors.add_job(connection, job, real) for job in jobs)


def ask_due(desk: Desk, wait_seconds: float) -> int:
    """Ask whoever is due again; return how many were asked."""
    with desk.archive.writing() as book:
        jobs = anchors.claim_jobs(book.connection, desk.archive.clock.real(), LEASE, ASKED_AT_ONCE)
    ask(desk, jobs, wait_seconds)
    return len(jobs)


def ask(desk: Desk, jobs: Sequence[Job], wait_seconds: float) -> None:
    """Ask all of these at the same time, each in a thread that also seals its answer."""
    if not jobs:
        return
    threads = ThreadPoolExecutor(len(jobs), thread_name_prefix="anchor")
    wait([threads.submit(_ask_one, desk, job) for job in jobs], wait_seconds)
    threads.shutdown(wait=False)  # who is late finishes by himself


def _ask_one(desk: Desk, job: Job) -> None:
    """Ask one service with no transaction open, then write down what came of it."""
    try:
        named = [one for one in desk.anchors if (one.kind, one.service) == (job.kind, job.service)]
        asked = _asking(desk.archive, job)
        if not named or asked is None:
            _end(desk.archive, job, "gone", "no longer configured")
            return
        _conclude(desk.archive, job, asked, _answer(named[0], asked))
    except LogHalted as halted:
        log.warning("anchor_not_recorded", service=job.service, why=str(halted))
    except Exception:
        log.exception("anchor_failed", kind=job.kind, service=job.service)


def _asking(archive: Archive, job: Job) -> Anchoring | None:
    with archive.reading() as view:
        kept = checkpoints.at(view.connection, job.origin, job.size)
        last = anchors.last_size(view.connection, job.origin, job.kind, job.service)
        keys = tuple(one.key for one in log_keys(view))
    if kept is None:
        return None
    proof_from = partial(proof_between, archive, size=job.size)
    return Anchoring(kept.note, checkpoint_of(kept.note), proof_from, last, keys)


def proof_between(archive: Archive, old: int, size: int) -> list[bytes]:
    """Return the proof that the log of ``old`` records is the beginning of that of ``size``; ValueError."""
    with archive.reading() as view:
        return consistency_proof(old, size, node_reader(view.connection))


def _answer(anchor: Anchor, asked: Anchoring) -> Anchored | AnchorFailed:
    try:
        return anchor.anchor(asked)
    except AnchorFailed as failed:
        return failed
    except Exception as error:
        log.exception("anchor_failed", kind=anchor.kind, service=anchor.service)
        return AnchorFailed(f"we failed ({type(error).__name__}): see the worker's log")


def _conclude(archive: Archive, job: Job, asked: Anchoring, result: Anchored | AnchorFailed) -> None:
    with archive.writing() as book:
        if not anchors.hold_job(book.connection, job):
            return  # our claim had run out, and somebody else has asked
        if isinstance(result, Anchored):
            seal(book, job, asked.note, result)
        elif result.ahead is not None:
            _ahead(book, job, result, result.ahead)
        else:
            pause = min(LONGEST_PAUSE, timedelta(minutes=2 ** min(job.tries - 1, 6)))
            anchors.try_later(book.connection, job, str(result), archive.clock.real() + pause)
            log.warning("anchor_unanswered", kind=job.kind, service=job.service, said=str(result))


def seal(book: Book, job: Job, note: bytes, answer: Anchored) -> str:
    """Seal an answer verbatim beside the note that it is over; return the record's id (§2.2)."""
    mailed = job.kind == "mail"
    anchors.answered(book.connection, job)
    return book.add(
        Entry(
            "anchor.sent" if mailed else "anchor.received",
            SYSTEM,
            ACTOR,
            told={
                "kind": job.kind,
                "origin": job.origin,
                "service": job.service,
                "size": job.size,
                "time": answer.time and timestamp(answer.time),
            },
            parts={
                "note": Part(note, TEXT),
                "mail" if mailed else "token": Part(answer.token, answer.media),
            },
            refs=[f"checkpoint {job.size}"],
            assurance="C3" if answer.time else "C0",
        )
    )


def _ahead(book: Book, job: Job, failed: AnchorFailed, seen: int) -> None:
    """A witness saw more than this checkpoint: more than we have, too, if this database is a restored one."""
    size = read_head(book.connection).size
    if seen <= size:
        anchors.give_up(book.connection, job, "past", str(failed))
        return
    why = f"the witness {job.service} has cosigned {seen} records and this database holds {size}"
    anchors.try_later(book.connection, job, str(failed), book.clock.real() + LONGEST_PAUSE)
    if halt(book.connection, why):
        log.error("log_halted", why=why)


def _end(archive: Archive, job: Job, state: str, said: str) -> None:
    with archive.writing() as book:
        anchors.give_up(book.connection, job, state, said)
