"""Business time and real time: the sandbox may move the first, nobody moves the second."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from storage.schema import clock_shift


def to_ms(moment: datetime) -> datetime:
    """Cut to whole milliseconds, the precision of every stored time."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class SystemClock:
    """The clock of a real deployment: business time is real time."""

    def now(self) -> datetime:
        """Business time."""
        return to_ms(datetime.now(UTC))

    def real(self) -> datetime:
        """Real time."""
        return to_ms(datetime.now(UTC))


class SandboxClock:
    """Real time plus the offset row; every process of a sandbox reads the same row."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def now(self) -> datetime:
        """Business time: real time moved by the sandbox's offset."""
        with self._engine.connect().execution_options(reading=True) as connection:
            return self.real() + timedelta(milliseconds=_offset(connection))

    def real(self) -> datetime:
        """Real time."""
        return to_ms(datetime.now(UTC))


class Real(Protocol):
    """A clock that knows real time."""

    def real(self) -> datetime:
        """Real time."""


def lease_time(connection: Connection, clock: Real) -> datetime:
    """Return the moment that leases, deadlines and looks are measured by.

    Several hosts share one PostgreSQL, and their clocks may differ by minutes:
    its own clock decides. SQLite has one host, whose clock does. A clock that a
    test moves by hand is followed on both.
    """
    if connection.dialect.name != "postgresql" or not isinstance(clock, SystemClock | SandboxClock):
        return clock.real()
    now = connection.execute(sa.select(sa.func.clock_timestamp(type_=sa.DateTime(timezone=True))))
    return to_ms(now.scalar_one().astimezone(UTC))


def move(connection: Connection, by: timedelta) -> None:
    """Move the sandbox's business time forward; it never goes back."""
    if by < timedelta(0):
        raise ValueError("business time only moves forward")
    step = by // timedelta(milliseconds=1)
    changed = connection.execute(
        sa.update(clock_shift).where(clock_shift.c.id == 1).values(offset_ms=clock_shift.c.offset_ms + step)
    )
    if changed.rowcount == 0:
        connection.execute(sa.insert(clock_shift).values(id=1, offset_ms=step))


def _offset(connection: Connection) -> int:
    return connection.execute(sa.select(clock_shift.c.offset_ms).where(clock_shift.c.id == 1)).scalar() or 0
