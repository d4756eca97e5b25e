"""A case's records in order, opened for those who may read them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from evidence.errors import RecordError, SealError
from evidence.records import parse_leaf
from storage.book import Book, Reader, case_stream
from storage.schema import record, record_part


@dataclass(frozen=True)
class Line:
    """One record of a case, with what it tells."""

    record_id: str
    position: int
    cseq: int
    kind: str
    at: datetime
    actor: str
    channel: str | None
    state: str | None
    assurance: str
    leaf_hash: str
    told: dict[str, Any]
    rows: tuple[dict[str, Any], ...]
    parts: tuple[str, ...]


def lines_of(view: Book | Reader, case_id: str, after: int = 0, limit: int = 1000) -> list[Line]:
    """Return a case's records after a sequence number, in order."""
    chosen = (
        sa.select(record, record_part.c.blob_id)
        .join(record_part, sa.and_(record_part.c.record_id == record.c.id, record_part.c.name == "facts"))
        .where(record.c.stream == case_stream(case_id), record.c.cseq > after)
        .order_by(record.c.cseq)
        .limit(limit)
    )
    return [_line(view, row) for row in view.connection.execute(chosen)]


def _line(view: Book | Reader, row: Any) -> Line:
    leaf, facts = _leaf(bytes(row.leaf)), _facts(view, row.blob_id)
    return Line(
        record_id=row.id,
        position=row.position,
        cseq=row.cseq,
        kind=row.kind,
        at=row.at,
        actor=leaf.get("actor", ""),
        channel=leaf.get("channel"),
        state=leaf.get("state"),
        assurance=leaf.get("assurance", "C0"),
        leaf_hash=bytes(row.leaf_hash).hex(),
        told=facts["told"],
        rows=tuple(facts["rows"]),
        parts=tuple(part["name"] for part in leaf.get("parts", [])),
    )


def _leaf(leaf: bytes) -> dict[str, Any]:
    # Whoever reads a timeline must see it even when a record was tampered with; the audit names it.
    try:
        return parse_leaf(leaf)
    except RecordError:
        return {}


def _facts(view: Book | Reader, blob_id: str) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads(view.open(blob_id).data)
        return facts
    except (SealError, ValueError):
        return {"told": {"why": "此记录的内容无法打开，请运行 huizheng audit"}, "rows": []}
