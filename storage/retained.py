"""What the retention sweep looks for: closed cases without a review, and webhooks that no record cites."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence.errors import SealError
from storage.book import Book, Reader, case_stream
from storage.cells import octets
from storage.erasure import chunks, citations
from storage.holds import standing_holds
from storage.people import contact_points
from storage.schema import injury_case, intake, record, record_part, task

REVIEW = "retention_review"
UNREAD = ("new", "orphan", "erased")  # still waiting for its meaning, or gone already


@dataclass(frozen=True)
class Closed:
    """A closed case without a review, and when it was closed."""

    case_id: str
    closed_at: datetime


def unreviewed_cases(connection: Connection) -> list[Closed]:
    """Return closed cases for which no review was ever asked."""
    asked = sa.select(task.c.id).where(task.c.case_id == injury_case.c.id, task.c.kind == REVIEW).exists()
    stream = sa.literal(case_stream("")) + injury_case.c.id
    ended = sa.and_(record.c.stream == stream, record.c.kind == "case.closed")
    chosen = (
        sa.select(injury_case.c.id, sa.func.max(record.c.at).label("at"))
        .join_from(injury_case, record, ended)
        .where(injury_case.c.state == "closed", ~asked)
        .group_by(injury_case.c.id)
        .order_by(injury_case.c.id)
    )
    return [Closed(row.id, row.at) for row in connection.execute(chosen)]


def stray_records(view: Book | Reader, before: datetime) -> list[str]:
    """Return intake records from before this moment that no record of a case or a person cites.

    One that holds an address of somebody whose case is on hold stays.
    """
    old = sa.select(intake.c.record_id, record.c.leaf_hash).join(record, record.c.id == intake.c.record_id)
    old = old.where(intake.c.received_at < before, intake.c.state.not_in(UNREAD))
    found = {bytes(row.leaf_hash): row.record_id for row in view.connection.execute(old)}
    if not found:
        return []
    # That it could not be read is no use of it.
    cited = {one for _, kind, one in citations(view.connection) if kind != "intake.unreadable"}
    held = _held_addresses(view.connection)
    strays = (found[one] for one in sorted(found.keys() - cited))
    return [one for one in strays if not _names(view, one, held)]


def next_position(connection: Connection) -> int:
    """Return the first position in the log from which on this view saw no record."""
    newest: int | None = connection.execute(sa.select(sa.func.max(record.c.position))).scalar()
    return 0 if newest is None else newest + 1


def stray_no_more(connection: Connection, ids: list[str], since: int) -> bool:
    """Whether a record from this position on cites one of these webhooks."""
    cited = {leaf_hash for _, _, leaf_hash in citations(connection, since)}
    chosen = (sa.select(record.c.leaf_hash).where(record.c.id.in_(some)) for some in chunks(ids))
    return any(octets(one) in cited for some in chosen for one in connection.execute(some).scalars())


def _held_addresses(connection: Connection) -> list[bytes]:
    case_ids = {hold.case_id for hold in standing_holds(connection)}
    chosen = sa.select(injury_case.c.employee_id).where(injury_case.c.id.in_(case_ids)).distinct()
    people = connection.execute(chosen).scalars().all() if case_ids else []
    points = (point for one in people for point in contact_points(connection, one))
    # A number may stand in a form as %2B86…: its digits are looked for.
    return [point.address.lstrip("+").encode() for point in points]


def _names(view: Book | Reader, record_id: str, addresses: list[bytes]) -> bool:
    if not addresses:
        return False
    chosen = sa.select(record_part.c.blob_id).where(record_part.c.record_id == record_id)
    for blob_id in view.connection.execute(chosen).scalars().all():
        try:
            data = view.open(blob_id).data
        except SealError:
            continue  # erased with another record, or changed: the audit tells
        if any(address in data for address in addresses):
            return True
    return False
