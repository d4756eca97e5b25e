"""Webhooks as they came in, replies, and the counters of what was turned away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.rows import count_one, insert_or_ignore
from storage.schema import contact_point, counter, intake, record, record_part, reply

LONGEST_WAIT = timedelta(minutes=10)  # longer than any wait between two tries of what is new


@dataclass(frozen=True)
class Intake:
    """One authenticated element of a webhook."""

    id: str
    channel: str
    account: str
    event_key: str
    state: str  # new, read, orphan, unmatched, unreadable, failed
    received_at: datetime
    tries: int
    looks: int
    record_id: str


@dataclass(frozen=True)
class KeptReply:
    """What an employee answered, with what it seems and is confirmed to mean."""

    id: str
    channel: str
    external_key: str
    employee_id: str
    case_id: str
    notice_id: str | None
    text_blob: str
    proposed: str
    confirmed: str | None
    received_at: datetime
    record_id: str


def take_in(connection: Connection, row: Mapping[str, Any]) -> bool:
    """Keep a new element; False when the platform only repeats itself, which is counted."""
    key = ("channel", "account", "event_key")
    if insert_or_ignore(connection, intake, row, key):
        return True
    same = [intake.c[name] == row[name] for name in key]
    connection.execute(sa.update(intake).where(*same).values(repeats=intake.c.repeats + 1))
    return False


def claim_intake(connection: Connection, now: datetime, hold: timedelta, limit: int) -> list[Intake]:
    """Claim elements that wait to be understood; a claim that comes to nothing returns after ``hold``."""
    chosen = (
        sa.select(intake.c.id)
        .where(sa.or_(_is_due(now), _set_back(now)))
        .order_by(intake.c.look_at, intake.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("chosen")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    claimed = (
        sa.update(intake)
        .where(intake.c.id.in_(sa.select(chosen.c.id)))
        .values(look_at=now + hold, tries=intake.c.tries + 1)
        .returning(*intake.c)
    )
    return sorted(
        (_intake(row) for row in connection.execute(claimed)), key=lambda one: (one.received_at, one.id)
    )


def _is_due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(intake.c.state.in_(("new", "orphan")), intake.c.look_at <= now)


def _set_back(now: datetime) -> sa.ColumnElement[bool]:
    """What is new never waits this long: the clock was set back since it came in."""
    return sa.and_(intake.c.state == "new", intake.c.look_at > now + LONGEST_WAIT)


def lock_intake(connection: Connection, intake_id: str) -> Intake:
    """Return an element and keep other workers off it."""
    return _intake(
        connection.execute(sa.select(intake).where(intake.c.id == intake_id).with_for_update()).one()
    )


def set_intake(connection: Connection, intake_id: str, state: str) -> None:
    """Move an element to a state."""
    connection.execute(sa.update(intake).where(intake.c.id == intake_id).values(state=state))


def wait_as_orphan(connection: Connection, intake_id: str, look_at: datetime) -> None:
    """Let a report that came too early wait; that is no failure, so its tries count anew."""
    connection.execute(
        sa.update(intake)
        .where(intake.c.id == intake_id)
        .values(state="orphan", look_at=look_at, looks=intake.c.looks + 1, tries=0)
    )


def try_again(connection: Connection, intake_id: str, look_at: datetime) -> None:
    """Say when an element on which we failed is tried again."""
    connection.execute(sa.update(intake).where(_unsettled(intake_id)).values(look_at=look_at))


def give_up(connection: Connection, intake_id: str) -> bool:
    """Put aside an element on which we always fail; False when somebody has settled it meanwhile."""
    given_up = sa.update(intake).where(_unsettled(intake_id)).values(state="failed").returning(intake.c.id)
    return connection.execute(given_up).first() is not None


def _unsettled(intake_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(intake.c.id == intake_id, intake.c.state.in_(("new", "orphan")))


def has_unread(connection: Connection, employee_id: str) -> bool:
    """Whether a kind of channel on which this employee has an address holds a webhook nobody has read yet.

    Any account of the kind: an answer comes to the one that wrote. It may be
    this person's reply. Delivery reports, what was read and waits for its
    attempt, and what was given up after many tries do not count.
    """
    here = sa.and_(
        contact_point.c.channel == intake.c.channel,
        contact_point.c.employee_id == employee_id,
    )
    unread = sa.and_(intake.c.state == "new", intake.c.spoken)
    chosen = sa.select(intake.c.id).join(contact_point, here).where(unread).limit(1)
    return connection.execute(chosen).first() is not None


def wake_orphans(connection: Connection, channel: str, account: str, now: datetime) -> None:
    """Look at once at reports that came before the attempt they belong to was known."""
    connection.execute(
        sa.update(intake)
        .where(intake.c.channel == channel, intake.c.account == account, intake.c.state == "orphan")
        .values(look_at=now)
    )


def blob_of(connection: Connection, record_id: str, name: str) -> str | None:
    """Return where a record's part is kept."""
    chosen = sa.select(record_part.c.blob_id).where(
        record_part.c.record_id == record_id, record_part.c.name == name
    )
    return connection.execute(chosen).scalar()


def leaf_hash_of(connection: Connection, record_id: str) -> bytes:
    """Return the leaf hash of a record that is in the log."""
    return bytes(
        connection.execute(sa.select(record.c.leaf_hash).where(record.c.id == record_id)).scalar_one()
    )


def has_reply(connection: Connection, channel: str, external_key: str) -> bool:
    """Whether this reply is kept already."""
    chosen = sa.select(reply.c.id).where(reply.c.channel == channel, reply.c.external_key == external_key)
    return connection.execute(chosen).first() is not None


def reply_by_id(connection: Connection, reply_id: str, *, lock: bool = False) -> KeptReply | None:
    """Return a reply."""
    chosen = sa.select(reply).where(reply.c.id == reply_id)
    row = connection.execute(chosen.with_for_update() if lock else chosen).one_or_none()
    return None if row is None else _reply(row)


def replies_of(connection: Connection, case_id: str) -> list[KeptReply]:
    """Return a case's replies, oldest first."""
    chosen = sa.select(reply).where(reply.c.case_id == case_id).order_by(reply.c.received_at, reply.c.id)
    return [_reply(row) for row in connection.execute(chosen)]


def count(connection: Connection, name: str) -> None:
    """Add one to a counter."""
    count_one(connection, counter, name)


def counts(connection: Connection) -> dict[str, int]:
    """Return every counter."""
    rows = connection.execute(sa.select(counter.c.name, counter.c["count"].label("times")))
    return {row.name: row.times for row in rows}


def _intake(row: Any) -> Intake:
    return Intake(**{name: getattr(row, name) for name in Intake.__dataclass_fields__})


def _reply(row: Any) -> KeptReply:
    return KeptReply(**{name: getattr(row, name) for name in KeptReply.__dataclass_fields__})
