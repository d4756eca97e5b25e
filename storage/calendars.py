"""Versions of the working calendar as they are kept, and the ladders that were counted with another one."""

import json
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from casework.calendar_form import calendar_from_body, version_order
from casework.calendars import Calendar
from storage.schema import calendar_version, plan


def newest_kept(connection: Connection) -> Calendar | None:
    """Return the newest version that is kept, None while there is none. Raises CalendarRefused."""
    versions = connection.execute(sa.select(calendar_version.c.id)).scalars().all()
    if not versions:
        return None
    newest = max(versions, key=version_order)
    body = sa.select(sa.cast(calendar_version.c.body, sa.Text)).where(calendar_version.c.id == newest)
    return _calendar(connection.execute(body).scalar_one())


def has_version(connection: Connection, version: str) -> bool:
    """Whether this version is kept already."""
    chosen = sa.select(calendar_version.c.id).where(calendar_version.c.id == version)
    return connection.execute(chosen).scalar() is not None


def plans_on_other_calendars(connection: Connection, version: str, after: str, limit: int) -> list[str]:
    """Return unended plans that were counted with another version, by id, after one id."""
    chosen = sa.select(plan.c.id).where(plan.c.state != "ended", plan.c.calendar != version)
    return list(
        connection.execute(chosen.where(plan.c.id > after).order_by(plan.c.id).limit(limit)).scalars()
    )


def count_on_other_calendars(connection: Connection, version: str) -> int:
    """Return how many unended plans were counted with another version."""
    chosen = sa.select(sa.func.count()).where(plan.c.state != "ended", plan.c.calendar != version)
    return connection.execute(chosen.select_from(plan)).scalar_one()


@lru_cache(maxsize=8)  # asked for at every step of every ladder, and versions do not change
def _calendar(text: str) -> Calendar:
    return calendar_from_body(json.loads(text))
