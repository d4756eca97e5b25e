"""Signs of life: when which sweep of which worker last finished, and what has waited too long."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.log import read_head
from storage.pauses import StandingPause, may_leave, standing_pauses
from storage.schema import attempt, intake, plan, plan_step, sweep_run

FORGOTTEN = timedelta(days=7)  # a worker that has been silent this long is gone for good
LATE = timedelta(minutes=5)  # real time after which nobody seems to look into an attempt
RECENT = timedelta(days=1)


@dataclass(frozen=True)
class Vitals:
    """What tells whether work is done: each field names what has waited longest, or how many wait."""

    halted: str | None
    beat: datetime | None  # when any worker last finished taking due rungs, real time
    overdue_since: datetime | None  # due time of the oldest rung that a worker could take, business time
    open_late: int  # attempts past their deadline that nobody looks into
    unread_since: datetime | None  # arrival of the oldest webhook that was not read
    dead_letters: int  # webhooks of the last day on which we gave up
    paused: tuple[StandingPause, ...]


def record_sweep(connection: Connection, worker: str, sweep: str, real: datetime) -> None:
    """Note that a sweep has finished."""
    mine = (sweep_run.c.worker == worker, sweep_run.c.sweep == sweep)
    changed = connection.execute(
        sa.update(sweep_run).where(*mine).values(finished_at=real, runs=sweep_run.c.runs + 1)
    )
    if changed.rowcount == 0:
        connection.execute(sa.insert(sweep_run).values(worker=worker, sweep=sweep, finished_at=real, runs=1))


def forget_workers(connection: Connection, real: datetime) -> None:
    """Forget workers that have been gone for a week: each start has a name of its own."""
    connection.execute(sa.delete(sweep_run).where(sweep_run.c.finished_at < real - FORGOTTEN))


def last_beat(connection: Connection, sweep: str | None = None) -> datetime | None:
    """Return when any sweep, or this one, last finished on any worker, in real time."""
    chosen = sa.select(sa.func.max(sweep_run.c.finished_at))
    latest: datetime | None = connection.execute(
        chosen.where(sweep_run.c.sweep == sweep) if sweep else chosen
    ).scalar()
    return latest


def read_vitals(connection: Connection, now: datetime, real: datetime) -> Vitals:
    """Read the signs of life; ``now`` is business time, ``real`` real time. Every question has its index."""
    return Vitals(
        halted=read_head(connection).halted,
        beat=last_beat(connection, "send_due"),
        overdue_since=_oldest_due(connection, now),
        open_late=_open_late(connection, real),
        unread_since=_oldest_unread(connection),
        dead_letters=_dead_letters(connection, now),
        paused=tuple(standing_pauses(connection)),
    )


def _oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """Steps that wait for their lawful hours, a throttle or a stop are held, not late."""
    free = sa.or_(plan_step.c.hold_until.is_(None), plan_step.c.hold_until <= now)
    chosen = (
        sa.select(sa.func.coalesce(plan_step.c.hold_until, plan_step.c.due_at).label("since"))
        .join(plan, plan.c.id == plan_step.c.plan_id)
        .where(plan_step.c.state == "planned", plan_step.c.queued_at <= now, plan_step.c.due_at <= now, free)
        .where(plan.c.state == "running", may_leave())
        .order_by(plan_step.c.queued_at)
        .limit(1)
    )
    since: datetime | None = connection.execute(chosen).scalar()
    return since


def _open_late(connection: Connection, real: datetime) -> int:
    before = real - LATE
    lost = sa.and_(attempt.c.state == "sending", attempt.c.deadline_at < before)
    unasked = sa.and_(attempt.c.state == "unknown", attempt.c.look_at < before)
    return int(connection.execute(sa.select(sa.func.count()).where(sa.or_(lost, unasked))).scalar_one())


def _oldest_unread(connection: Connection) -> datetime | None:
    chosen = sa.select(intake.c.received_at).where(intake.c.state == "new").order_by(intake.c.look_at)
    since: datetime | None = connection.execute(chosen.limit(1)).scalar()
    return since


def _dead_letters(connection: Connection, now: datetime) -> int:
    failed = (intake.c.state == "failed", intake.c.look_at > now - RECENT)
    return int(connection.execute(sa.select(sa.func.count()).where(*failed)).scalar_one())
