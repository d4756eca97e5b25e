"""Roles that only one process, or the processes of one host, may hold: a lease in the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.clock import Real, lease_time
from storage.rows import insert_or_ignore
from storage.schema import role_lock

EMBEDDED = "embedded-worker"  # the worker inside `serve`
SQLITE_HOST = "sqlite-host"  # the machine whose workers use a SQLite file
LEASE = timedelta(seconds=30)


@dataclass(frozen=True)
class Holder:
    """Who holds a role, from which host, until when if it is not renewed."""

    owner: str
    host: str
    until: datetime


def take_role(connection: Connection, name: str, owner: str, host: str, clock: Real) -> Holder | None:
    """Take or renew a role; None when it is ours now, else its holder.

    A role that was not renewed in time, in real time, is free.
    """
    now = lease_time(connection, clock)
    mine = {"owner": owner, "host": host, "until": now + LEASE}
    if insert_or_ignore(connection, role_lock, {"name": name, **mine}, ("name",)):
        return None
    held = sa.select(role_lock).where(role_lock.c.name == name).with_for_update()
    row = connection.execute(held).one_or_none()
    if row is None:  # given back between the two statements
        return take_role(connection, name, owner, host, clock)
    if row.owner != owner and row.until > now:
        return Holder(row.owner, row.host, row.until)
    connection.execute(sa.update(role_lock).where(role_lock.c.name == name).values(**mine))
    return None


def leave_role(connection: Connection, name: str, owner: str) -> None:
    """Give a role back, if it is still ours."""
    connection.execute(sa.delete(role_lock).where(role_lock.c.name == name, role_lock.c.owner == owner))
