"""The signed notes that the signer has given us: machinery, since a signature proves itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence import note
from evidence.errors import NoteError
from storage.cells import octets
from storage.rows import insert_or_ignore
from storage.schema import checkpoint

# Text and one signature line of the longest origin are 230 bytes, two lines of the shortest 310.
_SURELY_TWO_LINES = 260


@dataclass(frozen=True)
class Kept:
    """A signed note over the log at one size, and when we got it (business time)."""

    origin: str
    size: int
    note: bytes
    made_at: datetime


def save(connection: Connection, origin: str, size: int, signed: bytes, made_at: datetime) -> bool:
    """Keep a note; say whether none was kept for this size yet. The first one stays."""
    row = {"origin": origin, "size": size, "note": signed, "made_at": made_at}
    return insert_or_ignore(connection, checkpoint, row, ["origin", "size"])


def at(connection: Connection, origin: str, size: int) -> Kept | None:
    """Return the note over exactly this size."""
    return _first(connection, checkpoint.c.origin == origin, checkpoint.c.size == size)


def newest(connection: Connection, origin: str) -> Kept | None:
    """Return the note over the largest size of a log."""
    return _first(connection, checkpoint.c.origin == origin, order=checkpoint.c.size.desc())


def first_from(connection: Connection, origin: str, size: int) -> Kept | None:
    """Return the note over the smallest size that is not below this one: it covers the leaf before it."""
    return _first(
        connection, checkpoint.c.origin == origin, checkpoint.c.size >= size, order=checkpoint.c.size
    )


def last_to(connection: Connection, origin: str, size: int) -> Kept | None:
    """Return the note over the largest size that is not above this one."""
    return _first(
        connection, checkpoint.c.origin == origin, checkpoint.c.size <= size, order=checkpoint.c.size.desc()
    )


def all_of(connection: Connection, origin: str) -> Iterator[Kept]:
    """Yield every note of a log, the smallest size first."""
    chosen = sa.select(checkpoint).where(checkpoint.c.origin == origin).order_by(checkpoint.c.size)
    for row in connection.execute(chosen.execution_options(yield_per=1000)):
        yield _kept(row)


def with_two_keys(connection: Connection, origin: str) -> list[Kept]:
    """Return the notes that bear two signatures of the log, as the one at each rotation does."""
    chosen = (
        sa.select(checkpoint)
        .where(checkpoint.c.origin == origin, sa.func.length(checkpoint.c.note) > _SURELY_TWO_LINES)
        .order_by(checkpoint.c.size)
    )
    return [kept for kept in map(_kept, connection.execute(chosen)) if _signed_twice(kept)]


def _signed_twice(kept: Kept) -> bool:
    try:
        signatures = note.parse(kept.note).signatures
    except NoteError:
        return False  # somebody else wrote it; whoever reads the log's notes will say so
    return len({one.key_id for one in signatures if one.name == kept.origin}) > 1


def _first(connection: Connection, *where: Any, order: Any = None) -> Kept | None:
    row = connection.execute(sa.select(checkpoint).where(*where).order_by(order).limit(1)).first()
    return None if row is None else _kept(row)


def _kept(row: Any) -> Kept:
    return Kept(row.origin, row.size, octets(row.note), row.made_at)
