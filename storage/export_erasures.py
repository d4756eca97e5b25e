"""What was erased, as far as an export must know it: before its checkpoint, and since."""

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence.errors import RecordError
from evidence.records import read
from storage.cells import octets
from storage.schema import record


def erasures_below(connection: Connection, below: int) -> frozenset[str]:
    """Return the ids of every ``erase.done`` that stands below a position."""
    done = sa.select(record.c.id).where(record.c.kind == "erase.done", record.c.position < below)
    return frozenset(connection.execute(done).scalars())


def erasure_since(connection: Connection, records: Collection[str], since: int) -> str | None:
    """Return the first ``erase.done`` from a position on, of any stream, that names one of these records."""
    done = sa.select(record.c.id, record.c.leaf).where(
        record.c.kind == "erase.done", record.c.position >= since
    )
    for row in connection.execute(done.order_by(record.c.position)):
        if not _named(octets(row.leaf)).isdisjoint(records):
            return str(row.id)
    return None


def _named(leaf: bytes) -> frozenset[str]:
    try:
        refs = read(leaf).fields["refs"]
    except RecordError:
        return frozenset()  # somebody wrote into it: the audit names it
    return frozenset(one.removeprefix("erases ") for one in refs if one.startswith("erases "))
