"""When the log is shown to those outside: daily, before an export, and when a witness comes by itself."""

from datetime import datetime, timedelta

from casework.workdays import BEIJING
from handlers.ask_anchors import ACTOR, Round, checkpoint_of, note_jobs, seal, show
from handlers.checkpoints import sign_now
from handlers.desk import Desk
from handlers.heads import make_daily_heads
from handlers.vouching import Anchored
from storage import anchors
from storage.anchors import Waiting
from storage.book import SYSTEM, Book, Entry
from storage.log import read_head
from storage.rows import timestamp

DAY = timedelta(days=1)


def anchor_now(desk: Desk, wait_seconds: float) -> Round | None:
    """Sign the log as it stands and show it to everybody, for at most so many real seconds.

    Returns None for a log without a signer. Raises SignerFault; what a service
    does raises nothing, and who stays silent is asked again by the worker.
    """
    signed = sign_now(desk)
    return None if signed is None else show(desk, signed, wait_seconds)


def anchor_daily(desk: Desk) -> int:
    """Make the day's heads, sign, and put every service on the list; return how many that were.

    The day begins at the hour of the settings. Raises SignerFault, and then it
    is still due.
    """
    archive = desk.archive
    occasion = began(archive.clock.now(), desk.anchor_hour)
    with archive.reading() as view:
        head = read_head(view.connection)
        asked = anchors.asked_since(view.connection, head.origin, occasion)
    if head.halted is not None:
        return 0
    make_daily_heads(archive, occasion)
    signed = None if asked or not desk.anchors else sign_now(desk)
    return 0 if signed is None else note_jobs(desk, checkpoint_of(signed), unless_since=occasion)


def began(now: datetime, hour: int) -> datetime:
    """Return when the present day began, for a day that begins at this hour in Beijing."""
    local = now.astimezone(BEIJING)
    at = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return at if at <= local else at - DAY


def record_missed(desk: Desk) -> int:
    """Record each service that has given no answer for a day, once a day; return how many."""
    with desk.archive.reading() as view:
        head = read_head(view.connection)
        due = _missed(anchors.unanswered(view.connection, head.origin), view.now)
    if not due or head.halted is not None:
        return 0
    with desk.archive.writing() as book:
        origin = read_head(book.connection, lock=True).origin  # of two workers the second one finds it done
        due = _missed(anchors.unanswered(book.connection, origin), book.now)
        for waiting in due:
            book.add(_silence(waiting))
            anchors.set_missed(book.connection, origin, waiting, book.now)
    return len(due)


def take_cosignature(book: Book, witness: str, signed: bytes, answer: Anchored) -> bool:
    """Seal what a witness brought that came by itself; False when it brought that already."""
    of = checkpoint_of(signed)
    job = anchors.new_job(book.ids.uuid(), of, "witness", witness, book.now)
    anchors.add_job(book.connection, job, book.clock.real())
    held = anchors.lock_job(book.connection, of.origin, of.size, "witness", witness)
    if held is None or held.state == "done":
        return False
    seal(book, held, signed, answer)
    return True


def _missed(waiting: list[Waiting], now: datetime) -> list[Waiting]:
    return [one for one in waiting if now - max(one.since, one.missed_at or one.since) >= DAY]


def _silence(waiting: Waiting) -> Entry:
    told = {
        "kind": waiting.kind,
        "service": waiting.service,
        "since": timestamp(waiting.since),
        "why": waiting.said or "no answer",
    }
    return Entry("anchor.missed", SYSTEM, ACTOR, told=told)
