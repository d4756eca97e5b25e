"""A clock that jumped, a machine that slept, a sweep that stood still: sealed beside what it touches."""

from dataclasses import dataclass
from datetime import datetime

from storage.book import SYSTEM, Book, Entry
from storage.rows import timestamp

KIND = "clock.incident"


@dataclass(frozen=True)
class Incident:
    """What the watchdog of one process saw.

    ``kind`` is clock_back, clock_forward, suspended, sweep_silent, sweep_stuck or
    scheduler_dead; ``seconds`` says how far or how long; ``before`` and ``after``
    are what the wall clock showed at the last look that was right, and now.
    """

    kind: str
    seconds: float
    before: datetime
    after: datetime
    what: str = ""  # the sweep it is about


def note_incident(book: Book, seen: Incident, worker: str, actor: str) -> str:
    """Seal an incident; return its record's id."""
    told = {
        "kind": seen.kind, "seconds": round(seen.seconds), "wall_before": timestamp(seen.before),
        "wall_after": timestamp(seen.after), "what": seen.what, "worker": worker,
    }  # fmt: skip
    return book.add(Entry(KIND, SYSTEM, actor, told=told))
