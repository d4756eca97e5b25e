"""Emergency stops: which stand, and the order in which a stop and a sending pass each other."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.schema import attempt, pause, plan_step

EVERYTHING = ""
_GATE = 0x68757A68656E67  # the advisory lock of PostgreSQL that belongs to stops: "huzheng" in hex


@dataclass(frozen=True)
class StandingPause:
    """A stop that stands: for everything (scope "") or for one channel."""

    id: str
    scope: str
    why: str
    set_at: datetime


def standing_pauses(connection: Connection) -> list[StandingPause]:
    """Return the stops that stand, the oldest first."""
    chosen = sa.select(pause).where(pause.c.lifted_at.is_(None)).order_by(pause.c.set_at, pause.c.id)
    return [StandingPause(row.id, row.scope, row.why, row.set_at) for row in connection.execute(chosen)]


def stopped_scopes(connection: Connection) -> set[str]:
    """Return what is stopped: channels, and "" for everything."""
    return set(connection.execute(sa.select(pause.c.scope).where(pause.c.lifted_at.is_(None))).scalars())


def is_stopped(connection: Connection, channel: str | None) -> bool:
    """Whether a message on this channel must not leave now.

    Asked in the very transaction that writes an attempt ahead: a stop that
    begins meanwhile waits for that transaction, and every later one sees it.
    """
    if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_GATE)))
    chosen = sa.select(pause.c.id).where(pause.c.lifted_at.is_(None), _covers(channel)).limit(1)
    return connection.execute(chosen).first() is not None


def wait_for_senders(connection: Connection) -> None:
    """Wait until no transaction is left that writes an attempt ahead without having seen the stop."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_GATE)))


def may_leave() -> sa.ColumnElement[bool]:
    """Return the condition that keeps stopped messages out of a claim of ``plan_step`` rows.

    What people do themselves, and what waits for nobody's message, is never stopped.
    """
    stopped = sa.exists().where(
        pause.c.lifted_at.is_(None), pause.c.scope.in_((EVERYTHING, plan_step.c.channel))
    )
    return sa.or_(plan_step.c.action != "send", ~stopped)


def under_way(connection: Connection, scope: str, real: datetime) -> int:
    """Return how many messages were handed to a gateway whose answer is not there yet."""
    chosen = sa.select(sa.func.count()).where(attempt.c.state == "sending", attempt.c.deadline_at > real)
    if scope != EVERYTHING:
        chosen = chosen.where(attempt.c.channel == scope)
    return int(connection.execute(chosen).scalar_one())


def _covers(channel: str | None) -> sa.ColumnElement[bool]:
    return pause.c.scope.in_((EVERYTHING, channel) if channel else (EVERYTHING,))
