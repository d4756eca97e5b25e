"""Who is asked how the recovery goes, and when next."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.schema import follow_up, notice, plan


@dataclass(frozen=True)
class FollowUp:
    """The questions to one employee who recovers; ``until`` where the certificate's end is known."""

    id: str
    case_id: str
    since: datetime
    until: datetime | None
    state: str  # running, ended
    next_at: datetime | None
    record_id: str


def due_ids(connection: Connection, now: datetime, limit: int) -> list[str]:
    """Return the running ones whose next question is due (business time), the longest overdue first."""
    due = (follow_up.c.state == "running", follow_up.c.next_at <= now)
    chosen = sa.select(follow_up.c.id).where(*due).order_by(follow_up.c.next_at, follow_up.c.id)
    return list(connection.execute(chosen.limit(limit)).scalars())


def claimed(connection: Connection, follow_up_id: str, now: datetime) -> FollowUp | None:
    """Lock one that is due; None when another worker has it or has had it."""
    chosen = sa.select(follow_up).where(
        follow_up.c.id == follow_up_id, follow_up.c.state == "running", follow_up.c.next_at <= now
    )
    row = connection.execute(chosen.with_for_update(skip_locked=True)).one_or_none()
    return None if row is None else _follow_up(row)


def running_of(connection: Connection, case_id: str) -> FollowUp | None:
    """Return and lock the one that runs in a case."""
    chosen = sa.select(follow_up).where(follow_up.c.case_id == case_id, follow_up.c.state == "running")
    row = connection.execute(chosen.with_for_update()).first()
    return None if row is None else _follow_up(row)


def set_next(connection: Connection, follow_up_id: str, at: datetime | None) -> None:
    """Say when the next question is to be asked (business time)."""
    connection.execute(sa.update(follow_up).where(follow_up.c.id == follow_up_id).values(next_at=at))


def is_unanswered(connection: Connection, case_id: str, kind: str) -> bool:
    """Whether a notice of this kind still waits for an answer in a case, or for a person to read one."""
    chosen = (
        sa.select(plan.c.id)
        .join(notice, notice.c.id == plan.c.notice_id)
        .where(notice.c.case_id == case_id, notice.c.kind == kind, plan.c.state != "ended")
    )
    return connection.execute(chosen.limit(1)).first() is not None


def _follow_up(row: Any) -> FollowUp:
    return FollowUp(**{name: getattr(row, name) for name in FollowUp.__dataclass_fields__})
