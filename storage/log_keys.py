"""The keys of the log as its own records name them (docs/evidence-format.md §2.1)."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from evidence.errors import FactsError, NoteError, SealError
from evidence.note import LOG, Key, parse_vkey
from evidence.rows import parse_facts
from storage.book import SYSTEM, Book, Reader
from storage.cells import text
from storage.log import base
from storage.schema import record, record_part


@dataclass(frozen=True)
class LogKey:
    """A key that came into use; ``old`` is the one before it, None for the first of an epoch."""

    record_id: str
    position: int
    isolation: str
    key: Key
    old: str | None


def log_keys(view: Book | Reader, epoch: int | None = None) -> list[LogKey]:
    """Return the log's keys, oldest first, of one epoch or of all; an unreadable record is left out."""
    facts = sa.and_(record_part.c.record_id == record.c.id, record_part.c.name == "facts")
    chosen = (
        sa.select(record.c.id, record.c.position, record_part.c.blob_id)
        .join_from(record, record_part, facts)
        .where(record.c.stream == SYSTEM, record.c.kind == "key.rotated")
        .order_by(record.c.position)
    )
    if epoch is not None:
        chosen = chosen.where(record.c.position >= base(epoch), record.c.position < base(epoch + 1))
    found = (_log_key(view, row) for row in view.connection.execute(chosen).all())
    return [one for one in found if one is not None]


def _log_key(view: Book | Reader, row: Any) -> LogKey | None:
    try:
        told = parse_facts(view.open(row.blob_id).data, text(row.id)).told
        key = parse_vkey(str(told["new"]))
    except (SealError, FactsError, NoteError, KeyError):
        return None  # somebody wrote into it: the audit names it, and no signature counts by it
    old = told.get("old")
    said = LogKey(row.id, row.position, str(told.get("isolation")), key, str(old) if old else None)
    return said if key.kind == LOG else None
