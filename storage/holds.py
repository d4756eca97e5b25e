"""Legal holds: while one stands on a case, nothing of the case is erased."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.schema import injury_case, legal_hold


@dataclass(frozen=True)
class Hold:
    """A hold on a case; ``lifted_at`` is None while it stands."""

    id: str
    case_id: str
    ground: str
    set_at: datetime
    lifted_at: datetime | None


def lock_case(connection: Connection, case_id: str) -> None:
    """Let nobody else put this case on hold or erase it until this transaction ends."""
    connection.execute(sa.select(injury_case.c.id).where(injury_case.c.id == case_id).with_for_update())


def standing_holds(
    connection: Connection, case_id: str | None = None, employee_id: str | None = None
) -> list[Hold]:
    """Return the holds that stand on a case, on an employee's cases, or on any, oldest first."""
    chosen = sa.select(legal_hold).where(legal_hold.c.lifted_at.is_(None))
    if case_id is not None:
        chosen = chosen.where(legal_hold.c.case_id == case_id)
    if employee_id is not None:
        theirs = sa.select(injury_case.c.id).where(injury_case.c.employee_id == employee_id)
        chosen = chosen.where(legal_hold.c.case_id.in_(theirs))
    rows = connection.execute(chosen.order_by(legal_hold.c.set_at, legal_hold.c.id))
    return [Hold(row.id, row.case_id, row.ground, row.set_at, row.lifted_at) for row in rows]


def hold_by_id(connection: Connection, hold_id: str) -> Hold | None:
    """Return a hold, lifted or not, its row locked."""
    chosen = sa.select(legal_hold).where(legal_hold.c.id == hold_id).with_for_update()
    row = connection.execute(chosen).one_or_none()
    return None if row is None else Hold(row.id, row.case_id, row.ground, row.set_at, row.lifted_at)
