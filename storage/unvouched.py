"""Check what no record's facts state: look-up hashes, kept webhooks, and work that is put off for ever."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence.report import Finding
from evidence.rows import COLUMNS
from storage import source
from storage.book import Reader
from storage.cells import as_stored, moment, text
from storage.pauses import EVERYTHING, stopped_scopes
from storage.people import address_index
from storage.rows import timestamp
from storage.schema import (
    blob,
    blob_chunk,
    blob_key,
    contact_point,
    intake,
    metadata,
    plan,
    plan_step,
    record,
    record_part,
)  # fmt: skip

# How long a webhook may wait before the audit says so: one not yet read; a report without its attempt.
PATIENCE = {"new": timedelta(hours=1), "orphan": timedelta(days=1)}
OVERDUE = timedelta(days=1)
FARTHEST = timedelta(days=40)  # of our own accord nothing is held back for so long

Received = Mapping[str, Mapping[str, str]]  # channel and time of the ``intake.received`` records by id


def check_blobs(connection: Connection) -> Iterator[Finding]:
    """Find rows that name bytes to which no record of the log commits."""
    part = sa.select(record_part.c.blob_id).join(record, record.c.id == record_part.c.record_id)
    for name in sorted(COLUMNS):
        table = metadata.tables[name]
        for column in (one for one in table.c if one.name.endswith("_blob")):
            loose = sa.and_(column.is_not(None), ~part.where(record_part.c.blob_id == column).exists())
            for row in connection.execute(sa.select(table.c.id, table.c.record_id).where(loose)):
                values = {"table": name, "id": text(row.id), "column": column.name}
                yield Finding("row-unvouched", text(row.record_id), "row-unvouched.blob", values)


def check_erased(connection: Connection) -> Iterator[Finding]:
    """Find bytes that are marked as erased while their key or their chunks are still there."""
    kept = [
        sa.select(table.c.blob_id).where(table.c.blob_id == blob.c.id).exists()
        for table in (blob_key, blob_chunk)
    ]
    chosen = sa.select(blob.c.id, blob.c.erased_by).where(blob.c.erased_by.is_not(None), sa.or_(*kept))
    for row in connection.execute(chosen):
        yield Finding("part-unlisted", text(row.erased_by), "audit.unerased", {"id": text(row.id)})


def check_addresses(view: Reader) -> Iterator[Finding]:
    """Find addresses whose look-up hash leads to somebody else, or to nobody."""
    chosen = sa.select(contact_point.c.id, contact_point.c.address_index)
    stored = {text(row.id): row.address_index for row in view.connection.execute(chosen)}
    for row in source.rows_of(view.connection, "contact_point"):
        address, channel = text(row.columns["address"]), text(row.columns["channel"])
        if stored.get(row.id) != address_index(view.keys, channel, address):
            yield _differs("contact_point", row.id, row.record, "address_index")


def check_intake(connection: Connection, received: Received) -> Iterator[Finding]:
    """Hold kept webhooks against the records of their arrival, both ways."""
    named = set()
    for row in _intake_rows(connection):
        fields = received.get(text(row.record_id))
        if fields is None or row.record_id in named:
            yield Finding("row-unvouched", None, "row-unvouched", {"table": "intake", "id": text(row.id)})
            continue
        named.add(row.record_id)
        yield from _arrival(row, fields)
    for record_id in sorted(received.keys() - named):
        yield Finding("row-missing", record_id, "row-missing.intake")


def _arrival(row: Any, fields: Mapping[str, Any]) -> Iterator[Finding]:
    if f"{row.channel}/{row.account}" != fields.get("channel"):
        yield _differs("intake", text(row.id), text(row.record_id), "channel")
    if _time(row.received_at) != fields["at"]:
        yield _differs("intake", text(row.id), text(row.record_id), "received_at")


def check_waiting(view: Reader) -> Iterator[Finding]:
    """Find webhooks that nobody reads and steps that nobody takes although they should be."""
    for row in _intake_rows(view.connection):
        patience = PATIENCE.get(text(row.state))
        since = moment(row.received_at)
        if patience is not None and (since is None or since < view.now - patience):
            values = {"id": text(row.id), "since": _time(row.received_at), "state": row.state}
            yield Finding("stuck", text(row.record_id), "stuck.intake", values)
    stopped = stopped_scopes(view.connection)
    for row in _planned_steps(view.connection):
        resting = row.action == "send" and not stopped.isdisjoint({EVERYTHING, row.channel})
        if _is_put_off(row, view.now, view.clock.real(), resting):
            values = {"id": text(row.id), "since": _time(row.due_at)}
            yield Finding("stuck", text(row.record_id), "stuck.step", values)


def _is_put_off(row: Any, now: datetime, real: datetime, resting: bool) -> bool:
    """Whether a step should have been taken long ago, or is kept from workers as nobody of ours keeps it.

    ``resting`` while a person has stopped such messages: then it may be as late as it likes.
    """
    due, held, leased = moment(row.due_at), moment(row.hold_until or 0), moment(row.lease_until or 0)
    if due is None or held is None or leased is None:
        return True
    late = max(due, held) < now - OVERDUE and not resting
    return late or held > now + FARTHEST or leased > real + FARTHEST


def _intake_rows(connection: Connection) -> list[Any]:
    return list(connection.execute(sa.select(*as_stored(intake))))


def _planned_steps(connection: Connection) -> list[Any]:
    taken = sa.and_(plan_step.c.state == "planned", plan.c.state == "running")
    steps = sa.select(*as_stored(plan_step)).join_from(plan_step, plan, plan.c.id == plan_step.c.plan_id)
    return list(connection.execute(steps.where(taken)))


def _time(value: Any) -> str:
    found = moment(value)
    return text(value) if found is None else timestamp(found)


def _differs(table: str, row_id: str, record_id: str, column: str) -> Finding:
    values = {"table": table, "id": row_id, "column": column}
    return Finding("row-differs", record_id, "row-differs", values)
