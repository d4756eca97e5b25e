"""What an erasure reaches: the records, bytes, rows and keys of a case, of single records, of a person."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence.records import parse_leaf
from evidence.rows import COLUMNS
from storage.book import case_stream
from storage.cells import octets
from storage.erasure import KEPT_KINDS, Target, chunks, citations
from storage.schema import (
    OPEN_ATTEMPT,
    attempt,
    bind_code,
    blob,
    contact_point,
    delivery,
    follow_up,
    injury_case,
    legal_hold,
    metadata,
    notice,
    page_token,
    plan,
    plan_step,
    receipt,
    record,
    record_part,
    reply,
    task,
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What an ``erase.asked`` names: single records, or a person; neither means the whole case."""

    records: tuple[str, ...]
    party: str | None


def asked_for(connection: Connection, record_id: str) -> Asked:
    """Read from its leaf what somebody asked to erase. Raises RecordError for a leaf that was changed."""
    leaf = connection.execute(sa.select(record.c.leaf).where(record.c.id == record_id)).scalar()
    fields = parse_leaf(octets(leaf))
    about = tuple(ref.removeprefix("about ") for ref in fields["refs"] if ref.startswith("about "))
    return Asked(about, fields.get("party"))


def whole_case(connection: Connection, case_id: str, level: int) -> Target:
    """Return what goes with a whole case: its records, the intake that only it cites, its rows, its key."""
    own = sa.select(record.c.id).where(
        record.c.stream == case_stream(case_id), record.c.kind.not_in(KEPT_KINDS)
    )
    found = list(connection.execute(own.order_by(record.c.position)).scalars())
    reached = _with_intake(connection, found)
    return Target(
        level, reached, _blobs(connection, reached), [case_stream(case_id)],
        _rows_of_case(connection, case_id), case_id,
    )  # fmt: skip


def selected(connection: Connection, record_ids: Sequence[str], level: int) -> Target:
    """Return what goes with single records, the intake that only they cite included."""
    reached = _with_intake(connection, list(record_ids))
    return Target(level, reached, _blobs(connection, reached))


def strays(connection: Connection, record_ids: Sequence[str]) -> Target:
    """Return what goes with webhooks that nothing cites: their contents, at level 1."""
    return Target(1, list(record_ids), _blobs(connection, record_ids))


def whole_employee(connection: Connection, employee_id: str, level: int) -> Target:
    """Return what goes with an employee whose cases are all erased: records, addresses, rows, key."""
    scope = f"employee:{employee_id}"
    parts = sa.select(record_part.c.record_id).join(blob, blob.c.id == record_part.c.blob_id)
    found = set(connection.execute(parts.where(blob.c.scope == scope)).scalars())
    cases = sa.select(injury_case.c.id, injury_case.c.record_id).where(
        injury_case.c.employee_id == employee_id
    )
    left = list(connection.execute(cases))  # what an erased case leaves behind points to its employee
    reached = _with_intake(connection, sorted(found | {row.record_id for row in left}))
    points = sa.select(contact_point.c.id).where(contact_point.c.employee_id == employee_id)
    codes = sa.select(bind_code.c.digest).where(bind_code.c.employee_id == employee_id)
    rows = {
        "employee": [employee_id], "injury_case": [row.id for row in left],
        "contact_point": sorted(connection.execute(points).scalars()),
        "bind_code": sorted(connection.execute(codes).scalars()),
    }  # fmt: skip
    return Target(level, reached, _blobs(connection, reached), [scope], rows)


def rows_left(connection: Connection, target: Target) -> list[tuple[str, str]]:
    """Return table and id of rows that stay although the record that vouches for them loses its facts."""
    left = []
    for name in sorted(COLUMNS):
        table, going = metadata.tables[name], set(target.rows.get(name, ()))
        for ids in chunks(target.records):
            found = connection.execute(sa.select(table.c.id).where(table.c.record_id.in_(ids))).scalars()
            left += [(name, one) for one in sorted(found) if one not in going]
    return left


def cases_not_erased(connection: Connection, employee_id: str) -> list[str]:
    """Return the numbers of an employee's cases that were not erased as a whole."""
    mine = sa.and_(injury_case.c.employee_id == employee_id, injury_case.c.state != "erased")
    return sorted(connection.execute(sa.select(injury_case.c.case_no).where(mine)).scalars())


def kinds_in_case(connection: Connection, case_id: str, ids: Sequence[str]) -> dict[str, str]:
    """Return the kinds of those of these records that belong to a case."""
    chosen = sa.select(record.c.id, record.c.kind).where(record.c.stream == case_stream(case_id))
    return {row.id: row.kind for row in connection.execute(chosen.where(record.c.id.in_(ids)))}


def has_open_attempt(connection: Connection, case_id: str) -> bool:
    """Whether a message of this case is on its way to a gateway, or nobody knows yet what became of it."""
    notices = sa.select(notice.c.id).where(notice.c.case_id == case_id)
    sent = sa.select(delivery.c.id).where(delivery.c.notice_id.in_(notices))
    under_way = sa.and_(attempt.c.delivery_id.in_(sent), attempt.c.state.in_(OPEN_ATTEMPT))
    return connection.execute(sa.select(attempt.c.id).where(under_way).limit(1)).first() is not None


def _with_intake(connection: Connection, ids: list[str]) -> list[str]:
    """Add the intake records that no record outside ``ids`` cites."""
    inside, cited, outside = set(ids), set[bytes](), set[bytes]()
    for citing, _, leaf_hash in citations(connection):
        (cited if citing in inside else outside).add(leaf_hash)
    only = sorted(cited - outside)
    chosen = (sa.select(record.c.id).where(record.c.leaf_hash.in_(some)) for some in chunks(only))
    return ids + sorted(found for one in chosen for found in connection.execute(one).scalars())


def _blobs(connection: Connection, ids: Sequence[str]) -> list[str]:
    """Return the bytes that no record outside ``ids`` has as a part: a batch goes with its last element."""
    inside, used = set(ids), set[str]()
    for some in chunks(ids):
        chosen = sa.select(record_part.c.blob_id).where(record_part.c.record_id.in_(some))
        used |= set(connection.execute(chosen).scalars())
    shared = set()
    for some in chunks(sorted(used)):
        users = sa.select(record_part.c.blob_id, record_part.c.record_id)
        for row in connection.execute(users.where(record_part.c.blob_id.in_(some))):
            shared |= {row.blob_id} if row.record_id not in inside else set()
    return sorted(used - shared)


def _rows_of_case(connection: Connection, case_id: str) -> dict[str, list[str]]:
    notices = sa.select(notice.c.id).where(notice.c.case_id == case_id)
    plans = sa.select(plan.c.id).where(plan.c.case_id == case_id)
    steps = sa.select(plan_step.c.id).where(plan_step.c.plan_id.in_(plans))
    sent = sa.select(delivery.c.id).where(delivery.c.notice_id.in_(notices))
    tries = sa.select(attempt.c.id).where(attempt.c.delivery_id.in_(sent))
    heard = sa.or_(receipt.c.attempt_id.in_(tries), receipt.c.delivery_id.in_(sent))
    chosen = {
        "notice": notices, "plan": plans, "plan_step": steps, "delivery": sent, "attempt": tries,
        "receipt": sa.select(receipt.c.id).where(heard),
        "page_token": sa.select(page_token.c.digest).where(page_token.c.delivery_id.in_(sent)),
        "reply": sa.select(reply.c.id).where(reply.c.case_id == case_id),
        "legal_hold": sa.select(legal_hold.c.id).where(legal_hold.c.case_id == case_id),
        "task": sa.select(task.c.id).where(task.c.case_id == case_id),
        "follow_up": sa.select(follow_up.c.id).where(follow_up.c.case_id == case_id),
    }  # fmt: skip
    return {name: sorted(connection.execute(one).scalars()) for name, one in chosen.items()}
