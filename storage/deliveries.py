"""Deliveries, the attempts made for them and what was reported about them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from casework.messages import Outcome, Standing, fold
from storage.schema import attempt, delivery, plan_step, receipt


@dataclass(frozen=True)
class Delivery:
    """One rung's sending of one notice to one address."""

    id: str
    step_id: str
    notice_id: str
    contact_point_id: str


@dataclass(frozen=True)
class Attempt:
    """One try through one gateway."""

    id: str
    delivery_id: str
    number: int
    channel: str
    account: str
    client_ref: str
    state: str  # sending, accepted, rejected_temp, rejected_perm, unknown, absent, human, repeated
    started_at: datetime
    deadline_at: datetime
    provider_id: str | None
    request_blob: str
    response_blob: str | None
    record_id: str
    fence: int
    looks: int
    absences: int
    poison: int


@dataclass(frozen=True)
class Report:
    """One receipt as it is kept."""

    id: str
    delivery_id: str | None
    attempt_id: str | None
    channel: str
    outcome: str
    said: str
    event_at: datetime | None
    received_at: datetime
    record_id: str


def delivery_by_id(connection: Connection, delivery_id: str) -> Delivery:
    """Return a delivery."""
    return _delivery(connection.execute(sa.select(delivery).where(delivery.c.id == delivery_id)).one())


def delivery_of_step(connection: Connection, step_id: str) -> Delivery | None:
    """Return the delivery that a step made."""
    row = connection.execute(sa.select(delivery).where(delivery.c.step_id == step_id)).one_or_none()
    return None if row is None else _delivery(row)


def deliveries_of_notice(connection: Connection, notice_id: str) -> list[Delivery]:
    """Return a notice's deliveries in the order of their steps."""
    chosen = sa.select(delivery).join(plan_step, plan_step.c.id == delivery.c.step_id)
    chosen = chosen.where(delivery.c.notice_id == notice_id).order_by(plan_step.c.ordinal)
    return [_delivery(row) for row in connection.execute(chosen)]


def attempts_of(connection: Connection, delivery_id: str) -> list[Attempt]:
    """Return a delivery's attempts in order."""
    chosen = sa.select(attempt).where(attempt.c.delivery_id == delivery_id).order_by(attempt.c.number)
    return [_attempt(row) for row in connection.execute(chosen)]


def attempt_by_id(connection: Connection, attempt_id: str, *, lock: bool = False) -> Attempt:
    """Return an attempt; ``lock`` keeps other writers of it waiting."""
    chosen = sa.select(attempt).where(attempt.c.id == attempt_id)
    return _attempt(connection.execute(chosen.with_for_update() if lock else chosen).one())


def find_attempt(
    connection: Connection, channel: str, account: str, client_ref: str | None, provider_id: str | None
) -> Attempt | None:
    """Return the attempt that a report is about, by our reference or else by the gateway's."""
    for column, value in ((attempt.c.client_ref, client_ref), (attempt.c.provider_id, provider_id)):
        if value is None:
            continue
        chosen = sa.select(attempt).where(
            attempt.c.channel == channel, attempt.c.account == account, column == value
        )
        row = connection.execute(chosen).first()
        if row is not None:
            return _attempt(row)
    return None


def reports_of(connection: Connection, delivery_id: str) -> list[Report]:
    """Return everything that was reported about a delivery, as it came in."""
    chosen = (
        sa.select(receipt)
        .where(receipt.c.delivery_id == delivery_id)
        .order_by(receipt.c.received_at, receipt.c.id)
    )
    return [
        Report(**{name: getattr(row, name) for name in Report.__dataclass_fields__})
        for row in connection.execute(chosen)
    ]


def standing_of(connection: Connection, delivery_id: str) -> Standing:
    """Fold attempts and reports of a delivery into how far it has come."""
    states = connection.execute(
        sa.select(attempt.c.state).where(attempt.c.delivery_id == delivery_id)
    ).scalars()
    reported = connection.execute(
        sa.select(receipt.c.outcome).where(receipt.c.delivery_id == delivery_id)
    ).scalars()
    return fold(
        [_ATTEMPT_OUTCOME[state] for state in states if state in _ATTEMPT_OUTCOME]
        + [Outcome(o) for o in reported]
    )


_ATTEMPT_OUTCOME = {
    "sending": Outcome.SUBMITTED,
    "accepted": Outcome.ACCEPTED,
    "rejected_temp": Outcome.REJECTED_TEMP,
    "rejected_perm": Outcome.REJECTED_PERM,
    "unknown": Outcome.UNKNOWN,
    "human": Outcome.UNKNOWN,
    "repeated": Outcome.UNKNOWN,
}


def has_receipt(connection: Connection, channel: str, event_key: str) -> bool:
    """Whether this report is kept already."""
    chosen = sa.select(receipt.c.id).where(receipt.c.channel == channel, receipt.c.event_key == event_key)
    return connection.execute(chosen).first() is not None


def claim_lost_attempts(
    connection: Connection, owner: str, real: datetime, lease: timedelta, limit: int
) -> list[Attempt]:
    """Claim attempts whose answer never came, or that must be asked about again, for one worker."""
    lost = sa.or_(
        sa.and_(attempt.c.state == "sending", attempt.c.deadline_at <= real),
        sa.and_(attempt.c.state == "unknown", attempt.c.look_at <= real),
    )
    free = sa.or_(attempt.c.lease_until.is_(None), attempt.c.lease_until <= real)
    chosen = (
        sa.select(attempt.c.id)
        .where(lost, free)
        .order_by(attempt.c.started_at, attempt.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("lost")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    claimed = (
        sa.update(attempt)
        .where(attempt.c.id.in_(sa.select(chosen.c.id)))
        .values(lease_owner=owner, lease_until=real + lease, fence=attempt.c.fence + 1)
        .returning(*attempt.c)
    )
    return [_attempt(row) for row in connection.execute(claimed)]


def look_again(connection: Connection, attempt_id: str, at: datetime, *, absent: bool = False) -> None:
    """Say when an attempt whose fate is unknown is to be asked about again.

    ``absent`` when the gateway was reached and said that it does not have it; a
    question that failed says nothing.
    """
    connection.execute(
        sa.update(attempt)
        .where(attempt.c.id == attempt_id)
        .values(
            look_at=at,
            looks=attempt.c.looks + 1,
            absences=attempt.c.absences + int(absent),
            lease_until=None,
        )
    )


def count_failure(connection: Connection, attempt_id: str) -> None:
    """Count that looking into an attempt raised something; its lease runs out before the next look."""
    connection.execute(
        sa.update(attempt).where(attempt.c.id == attempt_id).values(poison=attempt.c.poison + 1)
    )


def _delivery(row: Any) -> Delivery:
    return Delivery(row.id, row.step_id, row.notice_id, row.contact_point_id)


def _attempt(row: Any) -> Attempt:
    return Attempt(**{name: getattr(row, name) for name in Attempt.__dataclass_fields__})
