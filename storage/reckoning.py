"""What a crash test holds against the gateways' own books: every attempt, every notice, what is under way."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.schema import OPEN_ATTEMPT, attempt, delivery, intake, notice, plan, plan_step


@dataclass(frozen=True)
class UnderWay:
    """How much is not settled yet."""

    due: int  # rungs whose time has come and that nobody has taken
    attempts: int  # sent, or to be found out about
    unread: int  # webhooks that nobody has read; a report of which nothing is known may wait for days

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.due or self.attempts or self.unread)


@dataclass(frozen=True)
class Tried:
    """One attempt, and the notice it was made for."""

    id: str
    notice_id: str
    case_id: str
    client_ref: str
    state: str


def under_way(connection: Connection, now: datetime) -> UnderWay:
    """Count what is not settled at this moment (business time)."""
    due = sa.select(plan_step.c.id).join(plan, plan.c.id == plan_step.c.plan_id)
    due = due.where(plan_step.c.state == "planned", plan_step.c.due_at <= now, plan.c.state == "running")
    return UnderWay(
        _count(connection, due),
        _count(connection, sa.select(attempt.c.id).where(attempt.c.state.in_(OPEN_ATTEMPT))),
        _count(connection, sa.select(intake.c.id).where(intake.c.state == "new")),
    )


def at_work(connection: Connection) -> set[str]:
    """Return the names of all workers that have ever claimed a rung."""
    claimed = sa.select(plan_step.c.lease_owner).where(plan_step.c.lease_owner.is_not(None)).distinct()
    return set(connection.execute(claimed).scalars())


def all_attempts(connection: Connection) -> list[Tried]:
    """Return every attempt that was ever begun."""
    chosen = (
        sa.select(attempt.c.id, notice.c.id, notice.c.case_id, attempt.c.client_ref, attempt.c.state)
        .join(delivery, delivery.c.id == attempt.c.delivery_id)
        .join(notice, notice.c.id == delivery.c.notice_id)
    )
    return [Tried(*row) for row in connection.execute(chosen)]


def all_notices(connection: Connection) -> dict[str, str]:
    """Return the case of every notice."""
    return {row.id: row.case_id for row in connection.execute(sa.select(notice.c.id, notice.c.case_id))}


def rungs_without_attempt(connection: Connection) -> set[str]:
    """Return the notices of which a rung ended, with its reason recorded, before anything could be sent."""
    tried = sa.select(delivery.c.step_id)
    chosen = (
        sa.select(plan.c.notice_id)
        .join(plan_step, plan_step.c.plan_id == plan.c.id)
        .where(plan_step.c.action == "send", plan_step.c.state.in_(("done", "skipped", "lapsed")))
        .where(plan_step.c.id.not_in(tried))
    )
    return set(connection.execute(chosen).scalars())


def _count(connection: Connection, chosen: sa.Select[tuple[str]]) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(chosen.subquery())).scalar_one()
