"""Webhooks as they came in, replies, and the counters of what was turned away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.rows import count_one, insert_or_ignore
from storage.schema import counter, intake, record, record_part, reply


@dataclass(frozen=True)
class Intake:
    """One authenticated element of a webhook."""

    id: str
    channel: str
    account: str
    event_key: str
    state: str  # new, read, orphan, unreadable
    received_at: datetime
    tries: int
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
        .where(intake.c.state.in_(("new", "orphan")), intake.c.look_at <= now)
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


def lock_intake(connection: Connection, intake_id: str) -> Intake:
    """Return an element and keep other workers off it."""
    return _intake(
        connection.execute(sa.select(intake).where(intake.c.id == intake_id).with_for_update()).one()
    )


def set_intake(connection: Connection, intake_id: str, state: str, look_at: datetime | None = None) -> None:
    """Move an element to a state."""
    values: dict[str, Any] = {"state": state} if look_at is None else {"state": state, "look_at": look_at}
    connection.execute(sa.update(intake).where(intake.c.id == intake_id).values(**values))


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
