"""What an employee did on the pages of one notice, each act with the record that seals it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.book import Book, Reader, case_stream
from storage.inbox import blob_of
from storage.schema import record, record_part

ACTS = ("page.read", "page.answered")


@dataclass(frozen=True)
class PageAct:
    """One press of a button; ``choice`` is "read" or what was answered."""

    at: datetime
    leaf_hash: bytes
    choice: str
    text: str
    attachments: int
    reply_id: str | None


def acts_on(view: Book | Reader, case_id: str, composed_record: str) -> list[PageAct]:
    """Return every act on a notice's pages, the newest first."""
    facts = sa.and_(record_part.c.record_id == record.c.id, record_part.c.name == "facts")
    chosen = (
        sa.select(record, record_part.c.blob_id)
        .join(record_part, facts)
        .where(record.c.stream == case_stream(case_id), record.c.kind.in_(ACTS))
        .order_by(record.c.cseq.desc())
    )
    about = f"about {composed_record}"
    rows = [(row, json.loads(bytes(row.leaf))) for row in view.connection.execute(chosen)]
    return [_act(view, row, leaf) for row, leaf in rows if about in leaf["refs"]]


def _text(view: Book | Reader, record_id: str) -> str:
    blob = blob_of(view.connection, record_id, "text")
    return view.open(blob).data.decode() if blob else ""


def _act(view: Book | Reader, row: Any, leaf: Mapping[str, Any]) -> PageAct:
    facts = json.loads(view.open(row.blob_id).data)
    replies = [one for one in facts["rows"] if one["table"] == "reply"]
    return PageAct(
        at=row.at,
        leaf_hash=bytes(row.leaf_hash),
        choice=facts["told"].get("choice", "read"),
        text=_text(view, row.id),
        attachments=sum(part["name"].startswith("attachment-") for part in leaf["parts"]),
        reply_id=replies[0]["id"] if replies else None,
    )
