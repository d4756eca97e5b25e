"""Where each case's stream ends, for the heads that bind us to it (docs/evidence-format.md §2.3)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence.heads import Last
from storage.cells import octets
from storage.schema import record, stream_head


@dataclass(frozen=True)
class Made:
    """The newest heads.made: where it stands in the log, and when it was made."""

    position: int
    at: datetime


def case_ends(connection: Connection) -> Iterator[Last]:
    """Yield the end of every case's stream, but of those whose first leaf was erased: it holds the salt."""
    first = sa.and_(record.c.stream == stream_head.c.stream, record.c.cseq == 1)
    chosen = (
        sa.select(stream_head.c.stream, stream_head.c.cseq, stream_head.c.leaf_hash, record.c.leaf)
        .join(record, first)
        .where(stream_head.c.stream.startswith("case:"))
        .order_by(stream_head.c.stream)
    )
    for row in connection.execute(chosen.execution_options(yield_per=1000)):
        leaf = octets(row.leaf)
        if leaf:
            salt = bytes.fromhex(json.loads(leaf)["salt"])
            yield Last(row.stream, salt, row.cseq, octets(row.leaf_hash))


def last_made(connection: Connection) -> Made | None:
    """Return the newest heads.made."""
    chosen = sa.select(record.c.position, record.c.at).where(
        record.c.stream == "system", record.c.kind == "heads.made"
    )
    row = connection.execute(chosen.order_by(record.c.cseq.desc()).limit(1)).first()
    return None if row is None else Made(row.position, row.at)


def has_cases(connection: Connection, after: int = -1) -> bool:
    """Whether a record of any case stands behind this position of the log."""
    chosen = sa.select(record.c.position).where(
        record.c.position > after, record.c.stream.startswith("case:")
    )
    return connection.execute(chosen.limit(1)).first() is not None


def heads_due(connection: Connection, occasion: datetime) -> bool:
    """Whether no heads were made since this moment, and a record of a case stands behind the last ones."""
    made = last_made(connection)
    if made is None:
        return has_cases(connection)
    return made.at < occasion and has_cases(connection, after=made.position)
