"""How many messages may leave now: token buckets that every worker takes from, in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.columns import EPOCH, Instant
from storage.rows import insert_or_ignore
from storage.schema import bucket

# A bucket filled this far ahead of now was filled before the clock was set back: it counts as full.
SET_BACK = timedelta(minutes=5)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class Bucket:
    """One limit: a bucket that holds ``capacity`` tokens, one for each message.

    It fills by ``per_second`` tokens a second, or wholly when a new window (an
    hour, a day) has begun at ``since``. Capacity None: no limit, but the
    bucket can be closed.
    """

    name: str
    capacity: int | None = None
    per_second: float = 0.0
    since: datetime | None = None

    @property
    def worth_while(self) -> int:
        """With how many tokens it is worth claiming messages: a trickle would be claimed for, not sent."""
        return max(1, (self.capacity or 0) // 2) if self.per_second else 1


def take(connection: Connection, wanted: Bucket, now: datetime) -> bool:
    """Take one token, if there is one and the bucket is open, in one statement that no two workers share."""
    if wanted.capacity is None:
        return _is_open(connection, wanted.name, now)
    filled = _filled(wanted, now)
    statement = (
        sa.update(bucket)
        .where(bucket.c.name == wanted.name, _open(now), filled >= 1)
        .values(tokens=filled - 1, refilled_at=_forward(now))
        .returning(bucket.c.name)
    )
    if connection.execute(statement).first() is not None:
        return True
    # Empty, or not there yet: somebody else may be making it at this very moment.
    full = {"name": wanted.name, "tokens": float(wanted.capacity), "refilled_at": now}
    insert_or_ignore(connection, bucket, full, ["name"])
    return connection.execute(statement).first() is not None


def give_back(connection: Connection, taken: Bucket) -> None:
    """Return a token taken in this transaction for a message that does not leave after all."""
    if taken.capacity is not None:
        connection.execute(
            sa.update(bucket).where(bucket.c.name == taken.name).values(tokens=bucket.c.tokens + 1)
        )


def shut(connection: Connection, name: str, now: datetime, until: datetime) -> None:
    """Empty a bucket and keep it closed until then; a longer closing stays."""
    insert_or_ignore(connection, bucket, {"name": name, "tokens": 0.0, "refilled_at": now}, ["name"])
    longest = sa.case(
        (bucket.c.closed_until > until, bucket.c.closed_until), else_=sa.literal(until, Instant())
    )
    connection.execute(
        sa.update(bucket)
        .where(bucket.c.name == name)
        .values(tokens=0.0, refilled_at=_forward(now), closed_until=longest)
    )


def forget(connection: Connection, name: str) -> None:
    """Let a bucket be full again."""
    connection.execute(sa.delete(bucket).where(bucket.c.name == name))


def without_room(connection: Connection, asked: Sequence[Bucket], now: datetime) -> set[str]:
    """Return the names of those buckets that are closed or too empty to be worth claiming for now."""
    if not asked:
        return set()
    rows = sa.union_all(*(_blocked(one, now) for one in asked))
    return {row.name for row in connection.execute(rows)}


def closings(connection: Connection, now: datetime) -> dict[str, datetime]:
    """Return every bucket that is closed now, and until when."""
    chosen = sa.select(bucket.c.name, bucket.c.closed_until).where(bucket.c.closed_until > now)
    return {row.name: row.closed_until for row in connection.execute(chosen)}


def _blocked(one: Bucket, now: datetime) -> sa.Select[tuple[str]]:
    blocked = sa.not_(_open(now))
    if one.capacity is not None:
        blocked = sa.or_(blocked, _filled(one, now) < one.worth_while)
    return sa.select(bucket.c.name).where(bucket.c.name == one.name, blocked)


def _filled(one: Bucket, now: datetime) -> sa.ColumnElement[float]:
    """How many tokens a bucket holds now, as an expression for both databases."""
    assert one.capacity is not None
    full = sa.literal(float(one.capacity), sa.Float)
    filled: sa.ColumnElement[float] = bucket.c.tokens
    if one.since is not None:
        filled = sa.case((bucket.c.refilled_at < one.since, full), else_=bucket.c.tokens)
    elif one.per_second:
        waited = sa.literal((now - EPOCH) // MILLISECOND, sa.BigInteger) - _milliseconds(bucket.c.refilled_at)
        grown = bucket.c.tokens + waited * sa.literal(one.per_second / 1000, sa.Float)
        filled = sa.case((waited <= 0, bucket.c.tokens), (grown > full, full), else_=grown)
    return sa.case((bucket.c.refilled_at > now + SET_BACK, full), else_=filled)


def _forward(now: datetime) -> sa.ColumnElement[datetime]:
    """Now, or the moment that a host whose clock is a little ahead wrote: nobody refills it a second time."""
    ahead = sa.and_(bucket.c.refilled_at > now, bucket.c.refilled_at <= now + SET_BACK)
    return sa.case((ahead, bucket.c.refilled_at), else_=sa.literal(now, Instant()))


def _milliseconds(moment: sa.ColumnElement[datetime]) -> sa.ColumnElement[int]:
    return sa.type_coerce(moment, sa.BigInteger)


def _open(now: datetime) -> sa.ColumnElement[bool]:
    return sa.or_(bucket.c.closed_until.is_(None), bucket.c.closed_until <= now)


def _is_open(connection: Connection, name: str, now: datetime) -> bool:
    chosen = sa.select(bucket.c.name).where(bucket.c.name == name, sa.not_(_open(now)))
    return connection.execute(chosen).first() is None
