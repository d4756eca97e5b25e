"""Is everything done that should be done by now? What is not becomes a finding with its remedy."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.desk import Desk
from storage.health import Vitals, read_vitals
from storage.spool import Figures, Spool

OVERDUE = timedelta(minutes=15)  # a rung is taken within seconds of its time; this is a fault of ours
UNREAD = timedelta(minutes=10)
SPOOLED = timedelta(minutes=2)
SILENT = timedelta(minutes=2)  # no worker has taken due rungs for this long


@dataclass(frozen=True)
class Finding:
    """Something that should not be: a code, one sentence with the remedy, since when or how many."""

    code: str
    said: str
    since: datetime | None = None
    count: int = 0


def look(desk: Desk) -> list[Finding]:
    """Read the signs of life and judge them. Raises what the database raises when it is away."""
    with desk.archive.reading() as view:
        real = desk.archive.clock.real()
        vitals = read_vitals(view.connection, view.now, real)
        now = view.now
    return findings_of(vitals, spool_of(desk).figures(), now, real)


def spool_of(desk: Desk) -> Spool:
    """Return the spool of this host, with the usual limits."""
    return Spool(desk.data_dir / "spool", desk.archive.keys)


def findings_of(vitals: Vitals, spool: Figures, now: datetime, real: datetime) -> list[Finding]:
    """Judge the signs of life; ``now`` is business time, ``real`` real time."""
    return [*_of_workers(vitals, real), *_of_work(vitals, now), *_of_spool(spool, real)]


def _of_workers(vitals: Vitals, real: datetime) -> Iterator[Finding]:
    if vitals.halted is not None:
        yield Finding("halted", f"the evidence log is halted: {vitals.halted}")
    if vitals.beat is None or real - vitals.beat > SILENT:
        said = "no worker has finished a sweep lately: start `huizheng worker`, or read its log"
        yield Finding("no_worker", said, vitals.beat)


def _of_work(vitals: Vitals, now: datetime) -> Iterator[Finding]:
    if vitals.overdue_since is not None and now - vitals.overdue_since > OVERDUE:
        said = "a rung is overdue: read the worker's log for step_failed, or start more workers"
        yield Finding("overdue", said, vitals.overdue_since)
    if vitals.open_late:
        said = "attempts are past their deadline and nobody looks into them: read the log for resolve_failed"
        yield Finding("open_late", said, count=vitals.open_late)
    if vitals.unread_since is not None and now - vitals.unread_since > UNREAD:
        said = "a webhook waits to be read: read the worker's log for intake_failed"
        yield Finding("unread", said, vitals.unread_since)
    if vitals.dead_letters:
        said = "webhooks of the last day were given up: read the log for webhook_given_up"
        yield Finding("dead_letters", said, count=vitals.dead_letters)


def _of_spool(spool: Figures, real: datetime) -> Iterator[Finding]:
    if spool.oldest is not None and real - spool.oldest > SPOOLED:
        said = "webhooks wait on disk: bring the database back; a web process of this host replays them"
        yield Finding("spooled", said, spool.oldest, spool.files)
    if spool.aside:
        yield Finding(
            "aside", "files of the spool lie aside for a person: read docs/spool.md", count=spool.aside
        )
