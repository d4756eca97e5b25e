"""Who took copies of a case's evidence away, and to whom they were handed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from evidence.errors import FactsError
from evidence.rows import parse_facts
from storage import export_source as reading
from storage import source
from storage.book import Book, Reader, case_stream
from storage.cells import as_stored
from storage.schema import record
from storage.vault import Opening

EXPORTED, HANDED_OVER = "custody.exported", "custody.handed_over"


@dataclass(frozen=True)
class Custody:
    """One record of custody; ``told`` is empty when it cannot be opened."""

    record: str
    cseq: int
    kind: str
    at: datetime | None
    told: Mapping[str, Any]


def custody_of(view: Book | Reader, case_id: str) -> list[Custody]:
    """Return a case's custody records, oldest first."""
    chosen = sa.select(*as_stored(record)).where(
        record.c.stream == case_stream(case_id), record.c.kind.in_((EXPORTED, HANDED_OVER))
    )
    leaves = [source.as_leaf(row) for row in view.connection.execute(chosen.order_by(record.c.cseq))]
    return [_custody(one) for one in reading.opened(view, leaves)]


def _custody(one: reading.Opened) -> Custody:
    facts = one.parts.get("facts")
    try:
        told = parse_facts(facts.data, one.leaf.id).told if isinstance(facts, Opening) else {}
    except FactsError:
        told = {}
    return Custody(one.leaf.id, one.leaf.cseq, one.leaf.kind, one.leaf.at, told)
