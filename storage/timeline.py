"""A case's records in order, opened for those who may read them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from evidence.errors import FactsError, RecordError, SealError
from evidence.records import parse_leaf
from evidence.rows import Facts, parse_facts
from storage.book import Book, Reader, case_stream
from storage.cells import as_stored, moment, octets, text
from storage.columns import EPOCH
from storage.schema import record, record_part
from storage.vault import Erased


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


ERASED = Facts((), {"why": "此记录的内容已依法删除"})
UNOPENED = Facts((), {"why": "此记录的内容无法打开，请运行 huizheng audit"})


def lines_of(view: Book | Reader, case_id: str, after: int = 0, limit: int = 1000) -> list[Line]:
    """Return a case's records after a sequence number, in order."""
    # Whoever reads a timeline must see it even when a record was tampered with; the audit names it.
    facts = sa.and_(record_part.c.record_id == record.c.id, record_part.c.name == "facts")
    chosen = (
        sa.select(*as_stored(record), record_part.c.blob_id)
        .outerjoin_from(record, record_part, facts)
        .where(record.c.stream == case_stream(case_id), record.c.cseq > after)
        .order_by(record.c.cseq)
        .limit(limit)
    )
    return [_line(view, row) for row in view.connection.execute(chosen)]


def _line(view: Book | Reader, row: Any) -> Line:
    leaf, facts = _leaf(row), _facts(view, row.blob_id, text(row.id))
    return Line(
        record_id=text(row.id),
        position=row.position,
        cseq=leaf["cseq"],
        kind=leaf["kind"],
        at=leaf["at"],
        actor=leaf.get("actor", ""),
        channel=leaf.get("channel"),
        state=leaf.get("state"),
        assurance=leaf.get("assurance", "C0"),
        leaf_hash=octets(row.leaf_hash).hex(),
        told=dict(facts.told),
        rows=tuple({"table": one.table, "id": one.id, "columns": one.columns} for one in facts.rows),
        parts=tuple(part["name"] for part in leaf.get("parts", [])),
    )


def _leaf(row: Any) -> dict[str, Any]:
    """Return the fields of a leaf; of one that was changed, what its row says."""
    try:
        leaf = parse_leaf(octets(row.leaf))
    except RecordError:
        cseq = row.cseq if isinstance(row.cseq, int) else 0
        return {"cseq": cseq, "kind": text(row.kind), "at": moment(row.at) or EPOCH}
    return {**leaf, "at": datetime.fromisoformat(leaf["at"])}


def _facts(view: Book | Reader, blob_id: str, record_id: str) -> Facts:
    try:
        return parse_facts(view.open(blob_id).data, record_id)
    except Erased:
        return ERASED
    except (SealError, FactsError):
        return UNOPENED
