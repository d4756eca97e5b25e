"""Plans and their steps: the ladder of one notice, and which steps are due."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.pauses import may_leave
from storage.schema import plan, plan_step, policy_version


@dataclass(frozen=True)
class Plan:
    """The ladder of one notice."""

    id: str
    case_id: str
    notice_id: str
    policy_id: str
    calendar: str
    state: str  # running, paused, ended
    started_at: datetime
    resumed_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True)
class Step:
    """One rung as planned, waited for or finished."""

    id: str
    plan_id: str
    ordinal: int
    rung: int
    action: str
    channel: str | None
    due_at: datetime
    state: str  # planned, dispatched, waiting, done, skipped, lapsed
    why: str
    finished_at: datetime | None
    fence: int
    poison: int
    queued_at: datetime


def plan_by_id(connection: Connection, plan_id: str, *, lock: bool = False) -> Plan:
    """Return a plan; ``lock`` keeps other writers of it waiting until this transaction ends."""
    chosen = sa.select(plan).where(plan.c.id == plan_id)
    return _plan(connection.execute(chosen.with_for_update() if lock else chosen).one())


def find_plan(connection: Connection, plan_id: str) -> Plan | None:
    """Return a plan, None when there is none of this id."""
    row = connection.execute(sa.select(plan).where(plan.c.id == plan_id)).one_or_none()
    return None if row is None else _plan(row)


def plan_of_notice(connection: Connection, notice_id: str) -> Plan | None:
    """Return the plan of a notice."""
    row = connection.execute(sa.select(plan).where(plan.c.notice_id == notice_id)).one_or_none()
    return None if row is None else _plan(row)


def plans_of_case(connection: Connection, case_id: str) -> list[Plan]:
    """Return a case's plans, oldest first."""
    chosen = sa.select(plan).where(plan.c.case_id == case_id).order_by(plan.c.started_at, plan.c.id)
    return [_plan(row) for row in connection.execute(chosen)]


def policy_body(connection: Connection, policy_id: str) -> dict[str, Any]:
    """Return the frozen body of a policy version."""
    chosen = sa.select(policy_version.c.body).where(policy_version.c.id == policy_id)
    body: dict[str, Any] = connection.execute(chosen).scalar_one()
    return body


def has_policy(connection: Connection, policy_id: str) -> bool:
    """Whether this policy version is kept already."""
    chosen = sa.select(policy_version.c.id).where(policy_version.c.id == policy_id)
    return connection.execute(chosen).scalar() is not None


def steps_of(connection: Connection, plan_id: str) -> list[Step]:
    """Return a plan's steps in order."""
    chosen = sa.select(plan_step).where(plan_step.c.plan_id == plan_id).order_by(plan_step.c.ordinal)
    return [_step(row) for row in connection.execute(chosen)]


def step_by_id(connection: Connection, step_id: str, *, lock: bool = False) -> Step:
    """Return a step."""
    chosen = sa.select(plan_step).where(plan_step.c.id == step_id)
    return _step(connection.execute(chosen.with_for_update() if lock else chosen).one())


@dataclass(frozen=True)
class Blocked:
    """What cannot leave now: kinds of channel all of whose accounts are closed, and single accounts."""

    channels: tuple[str, ...] = ()
    lanes: tuple[str, ...] = ()


def claim_steps(
    connection: Connection, owner: str, now: datetime, real: datetime, lease: timedelta, limit: int,
    blocked: Blocked = Blocked(),
) -> list[Step]:  # fmt: skip
    """Claim due steps for one worker: each claim raises the fence, so a late owner changes nothing.

    ``now`` is business time (what is due); ``real`` is real time (how long the
    claim lasts). Those that have waited longest come first; what is ``blocked``
    is passed over and keeps its place.
    """
    due = sa.or_(plan_step.c.hold_until.is_(None), plan_step.c.hold_until <= now)
    free = sa.or_(plan_step.c.lease_until.is_(None), plan_step.c.lease_until <= real)
    chosen = (
        sa.select(plan_step.c.id)
        .join(plan, plan.c.id == plan_step.c.plan_id)
        .where(
            plan_step.c.state == "planned",
            plan_step.c.queued_at <= now,
            plan_step.c.due_at <= now,
            due,
            free,
            plan.c.state == "running",
            may_leave(),
            *_passed_over(blocked),
        )
        .order_by(plan_step.c.queued_at, plan_step.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=plan_step)
        .cte("chosen")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    claimed = (
        sa.update(plan_step)
        .where(plan_step.c.id.in_(sa.select(chosen.c.id)))
        .values(lease_owner=owner, lease_until=real + lease, fence=plan_step.c.fence + 1)
        .returning(*plan_step.c)
    )
    return sorted(
        (_step(row) for row in connection.execute(claimed)), key=lambda step: (step.queued_at, step.id)
    )


def _passed_over(blocked: Blocked) -> list[sa.ColumnElement[bool]]:
    columns = ((plan_step.c.channel, blocked.channels), (plan_step.c.lane, blocked.lanes))
    return [sa.or_(column.is_(None), column.not_in(names)) for column, names in columns if names]


def park(connection: Connection, step: Step, lane: str | None) -> None:
    """Give a claimed step back with its place in the queue; ``lane`` is the one account it can leave by."""
    connection.execute(
        sa.update(plan_step)
        .where(plan_step.c.id == step.id, plan_step.c.fence == step.fence)
        .values(lane=lane, lease_until=None)
    )


def hold(connection: Connection, step: Step, until: datetime) -> None:
    """Give a claimed step back: it is not to be taken before this moment (business time)."""
    connection.execute(
        sa.update(plan_step)
        .where(plan_step.c.id == step.id, plan_step.c.fence == step.fence)
        .values(hold_until=until, lease_until=None)
    )


def postpone(connection: Connection, step: Step, until: datetime) -> None:
    """Put a step that failed for an unforeseen reason aside for a while and count it."""
    connection.execute(
        sa.update(plan_step)
        .where(plan_step.c.id == step.id, plan_step.c.fence == step.fence)
        .values(hold_until=until, lease_until=None, poison=plan_step.c.poison + 1)
    )


def unended_plans(connection: Connection, case_ids: list[str]) -> list[Plan]:
    """Return these cases' plans that run or are paused, oldest first, and keep other writers off them."""
    chosen = sa.select(plan).where(plan.c.case_id.in_(case_ids), plan.c.state != "ended")
    locked = connection.execute(chosen.order_by(plan.c.id).with_for_update())
    return sorted((_plan(row) for row in locked), key=lambda one: (one.started_at, one.id))


def running_plans(connection: Connection, employee_id_cases: list[str]) -> list[Plan]:
    """Return the plans of these cases that are still running, oldest first."""
    chosen = sa.select(plan).where(plan.c.case_id.in_(employee_id_cases), plan.c.state == "running")
    return [_plan(row) for row in connection.execute(chosen.order_by(plan.c.started_at, plan.c.id))]


def cases_with_running_plans(connection: Connection) -> list[str]:
    """Return every case of which at least one plan runs."""
    chosen = sa.select(plan.c.case_id).where(plan.c.state == "running").distinct().order_by(plan.c.case_id)
    return list(connection.execute(chosen).scalars())


def _plan(row: Any) -> Plan:
    return Plan(**{name: getattr(row, name) for name in Plan.__dataclass_fields__})


def _step(row: Any) -> Step:
    return Step(**{name: getattr(row, name) for name in Step.__dataclass_fields__})
