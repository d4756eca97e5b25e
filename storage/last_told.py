"""What the facts of a record tell, and which record of a kind is the newest."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from evidence.errors import FactsError, SealError
from evidence.rows import parse_facts
from storage.book import SYSTEM, Book, Reader
from storage.schema import record, record_part


@dataclass(frozen=True)
class LastTold:
    """One record: its id, when it was made, and what its facts tell (nothing where they cannot be read)."""

    record: str
    at: datetime
    told: Mapping[str, Any]


def last_told(view: Book | Reader, kind: str) -> LastTold | None:
    """Return the newest record of this kind; None when there is none."""
    facts = sa.and_(record_part.c.record_id == record.c.id, record_part.c.name == "facts")
    chosen = (
        sa.select(record.c.id, record.c.at, record_part.c.blob_id)
        .join_from(record, record_part, facts)
        .where(record.c.stream == SYSTEM, record.c.kind == kind)
        .order_by(record.c.position.desc())
        .limit(1)
    )
    row = view.connection.execute(chosen).first()
    return None if row is None else LastTold(row.id, row.at, _told(view, row.blob_id, row.id))


def told_of(view: Book | Reader, record_id: str) -> Mapping[str, Any]:
    """Return what one record's facts tell; nothing where they cannot be read any more."""
    chosen = sa.select(record_part.c.blob_id).where(
        record_part.c.record_id == record_id, record_part.c.name == "facts"
    )
    blob_id = view.connection.execute(chosen).scalar()
    return {} if blob_id is None else _told(view, blob_id, record_id)


def _told(view: Book | Reader, blob_id: str, record_id: str) -> Mapping[str, Any]:
    try:
        return parse_facts(view.open(blob_id).data, record_id).told
    except (SealError, FactsError):
        return {}
