"""What each outside service is still to be asked: machinery, since each answer is a record.

A job is ``open``, ``asking`` while a worker has claimed it, and ends as ``done``.
It is ``late`` when the service is asked about a larger checkpoint instead, ``past``
once that was answered, and ``gone`` when the settings no longer name the service.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence.checkpoint import Checkpoint
from storage.rows import insert_or_ignore
from storage.schema import anchor_job

UNANSWERED = ("open", "asking", "late")
_LONGEST_SAID = 500


@dataclass(frozen=True)
class Job:
    """One service to be asked about one checkpoint; ``tries`` is also the fence of a claim."""

    id: str
    origin: str
    size: int
    kind: str
    service: str
    state: str
    tries: int
    since: datetime  # business time
    said: str | None


@dataclass(frozen=True)
class Waiting:
    """A service that has not answered since a moment of business time, and when that was last recorded."""

    kind: str
    service: str
    since: datetime
    missed_at: datetime | None
    said: str | None


def new_job(job_id: str, of: Checkpoint, kind: str, service: str, since: datetime) -> Job:
    """Return a job that waits to be asked."""
    return Job(job_id, of.origin, of.size, kind, service, "open", 0, since, None)


def add_job(connection: Connection, job: Job, next_at: datetime) -> bool:
    """Note that a service is to be asked at a moment of real time; False when it was noted before.

    What it was not yet asked about smaller checkpoints is then late.
    """
    row = {**vars(job), "next_at": next_at}
    if not insert_or_ignore(connection, anchor_job, row, ("origin", "size", "kind", "service")):
        return False
    older = (_same(job.origin, job.kind, job.service), anchor_job.c.size < job.size)
    connection.execute(
        sa.update(anchor_job).where(*older, anchor_job.c.state.in_(("open", "asking"))).values(state="late")
    )
    return True


def claim_jobs(
    connection: Connection, real: datetime, lease: timedelta, limit: int, of: tuple[str, int] | None = None
) -> list[Job]:
    """Claim jobs for ``lease``: those that are due, and with ``of`` (origin, size) every open one of it.

    A claim that came to nothing can be claimed again when its lease is over.
    """
    due = sa.and_(anchor_job.c.state.in_(("open", "asking")), anchor_job.c.next_at <= real)
    if of is not None:
        mine = sa.and_(anchor_job.c.origin == of[0], anchor_job.c.size == of[1])
        due = sa.and_(mine, sa.or_(due, anchor_job.c.state == "open"))
    chosen = (
        sa.select(anchor_job.c.id)
        .where(due)
        .order_by(anchor_job.c.next_at, anchor_job.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    claimed = (
        sa.update(anchor_job)
        .where(anchor_job.c.id.in_(sa.select(chosen.c.id)))
        .values(state="asking", next_at=real + lease, tries=anchor_job.c.tries + 1)
        .returning(*anchor_job.c)
    )
    return sorted((_job(row) for row in connection.execute(claimed)), key=lambda one: one.id)


def hold_job(connection: Connection, job: Job) -> bool:
    """Lock a job whose answer is to be written down; False when the claim was lost meanwhile.

    A job that became late while its service was being asked is still ours.
    """
    mine = (anchor_job.c.id == job.id, anchor_job.c.tries == job.tries)
    chosen = sa.select(anchor_job.c.state).where(*mine).with_for_update()
    return connection.execute(chosen).scalar() in ("asking", "late")


def lock_job(connection: Connection, origin: str, size: int, kind: str, service: str) -> Job | None:
    """Return the job of a service about one checkpoint, locked."""
    chosen = sa.select(anchor_job).where(_same(origin, kind, service), anchor_job.c.size == size)
    row = connection.execute(chosen.with_for_update()).one_or_none()
    return None if row is None else _job(row)


def answered(connection: Connection, job: Job) -> None:
    """Note that the service answered; with that every smaller checkpoint is past."""
    older = (_same(job.origin, job.kind, job.service), anchor_job.c.size < job.size)
    connection.execute(
        sa.update(anchor_job).where(*older, anchor_job.c.state.in_(UNANSWERED)).values(state="past")
    )
    connection.execute(sa.update(anchor_job).where(anchor_job.c.id == job.id).values(state="done", said=None))


def try_later(connection: Connection, job: Job, said: str, next_at: datetime) -> None:
    """Note why the service gave no answer, and when it is asked again in real time."""
    _change(connection, job, state=_open_again(), said=said[:_LONGEST_SAID], next_at=next_at)


def give_up(connection: Connection, job: Job, state: str, said: str) -> None:
    """End a job without an answer, as ``past`` or ``gone``."""
    _change(connection, job, state=state, said=said[:_LONGEST_SAID])


def unanswered(connection: Connection, origin: str) -> list[Waiting]:
    """Return the services of a log that owe us an answer, the longest silence first."""
    chosen = (
        sa.select(anchor_job)
        .where(anchor_job.c.origin == origin, anchor_job.c.state.in_(UNANSWERED))
        .order_by(anchor_job.c.since, anchor_job.c.kind, anchor_job.c.service)
    )
    found: dict[tuple[str, str], Waiting] = {}
    for row in connection.execute(chosen):
        before = found.get((row.kind, row.service), Waiting(row.kind, row.service, row.since, None, None))
        missed = max(filter(None, (before.missed_at, row.missed_at)), default=None)
        found[row.kind, row.service] = replace(before, missed_at=missed, said=row.said or before.said)
    return list(found.values())


def set_missed(connection: Connection, origin: str, waiting: Waiting, at: datetime) -> None:
    """Note that a silence was recorded."""
    unheard = (_same(origin, waiting.kind, waiting.service), anchor_job.c.state.in_(UNANSWERED))
    connection.execute(sa.update(anchor_job).where(*unheard).values(missed_at=at))


def states_at(connection: Connection, origin: str, size: int) -> list[tuple[str, str]]:
    """Return service and state of each job about one checkpoint."""
    chosen = sa.select(anchor_job.c.service, anchor_job.c.state).where(
        anchor_job.c.origin == origin, anchor_job.c.size == size
    )
    return [(row.service, row.state) for row in connection.execute(chosen.order_by(anchor_job.c.service))]


def last_size(connection: Connection, origin: str, kind: str, service: str) -> int:
    """Return the largest checkpoint about which a service answered, 0 when there is none."""
    done = (_same(origin, kind, service), anchor_job.c.state == "done")
    return connection.execute(sa.select(sa.func.max(anchor_job.c.size)).where(*done)).scalar() or 0


def asked_since(connection: Connection, origin: str, moment: datetime) -> bool:
    """Whether anybody was to be asked about a checkpoint of this log since a moment of business time."""
    chosen = sa.select(anchor_job.c.id).where(anchor_job.c.origin == origin, anchor_job.c.since >= moment)
    return connection.execute(chosen.limit(1)).first() is not None


def leave(connection: Connection, origin: str, services: Iterable[tuple[str, str]]) -> None:
    """Ask nobody any more about an ended epoch, nor services but these (kind, service)."""
    named = sa.tuple_(anchor_job.c.kind, anchor_job.c.service).in_(list(services))
    stale = sa.or_(anchor_job.c.origin != origin, sa.not_(named))
    connection.execute(
        sa.update(anchor_job).where(stale, anchor_job.c.state.in_(UNANSWERED)).values(state="gone")
    )


def _open_again() -> sa.ColumnElement[str]:
    return sa.case((anchor_job.c.state == "late", "late"), else_="open")


def _change(connection: Connection, job: Job, **values: Any) -> None:
    connection.execute(sa.update(anchor_job).where(anchor_job.c.id == job.id).values(**values))


def _same(origin: str, kind: str, service: str) -> sa.ColumnElement[bool]:
    return sa.and_(anchor_job.c.origin == origin, anchor_job.c.kind == kind, anchor_job.c.service == service)


def _job(row: Any) -> Job:
    return Job(**{name: getattr(row, name) for name in Job.__dataclass_fields__})
