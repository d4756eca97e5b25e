"""How what was asked to be erased is destroyed: keys, bytes, rows, look-up hashes (evidence-format §4.1)."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence.rows import COLUMNS
from storage.cells import octets
from storage.columns import EPOCH
from storage.schema import (
    blob,
    blob_chunk,
    blob_key,
    erasure,
    intake,
    metadata,
    record,
    record_part,
    scope_key,
)  # fmt: skip

# Left out of ordinary dumps and dumped apart, for a short time only (docs/keys.md).
KEY_TABLES = (scope_key.name, blob_key.name)

# What tells of an erasure and of copies already handed out stays: it says whom to ask to erase theirs.
KEPT_KINDS = ("erase.asked", "erase.refused", "custody.exported", "custody.handed_over")
LEAF_TOO, HASHES_TOO = 2, 3  # levels; at 1 the leaf stays

_CITED = re.compile(rb'"cites ([0-9a-f]{64})"')
_MANY = 500  # ids in one statement


@dataclass(frozen=True)
class Erasure:
    """What somebody asked to erase, and what became of it."""

    id: str
    case_id: str | None
    level: int
    ground: str
    state: str  # asked, done, refused
    asked_by: str
    approved_by: str | None
    asked_at: datetime
    done_at: datetime | None
    record_id: str


@dataclass(frozen=True)
class Target:
    """Everything that one erasure destroys, as ids only: this may lie outside the database.

    ``scopes`` are keys to destroy, ``rows`` ids by table, ``case`` the case that goes as a whole.
    """

    level: int
    records: Sequence[str]
    blobs: Sequence[str]
    scopes: Sequence[str] = ()
    rows: Mapping[str, Sequence[str]] = field(default_factory=dict)
    case: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the form in which the erase list keeps it."""
        return asdict(self)


def erasure_by_id(connection: Connection, erasure_id: str) -> Erasure | None:
    """Return an erasure, its row locked."""
    chosen = sa.select(erasure).where(erasure.c.id == erasure_id).with_for_update()
    row = connection.execute(chosen).one_or_none()
    return None if row is None else _erasure(row)


def erasures(connection: Connection, case_id: str | None = None, state: str | None = None) -> list[Erasure]:
    """Return erasures, of one case or state where named, oldest first."""
    chosen = sa.select(erasure).order_by(erasure.c.asked_at, erasure.c.id)
    if case_id is not None:
        chosen = chosen.where(erasure.c.case_id == case_id)
    if state is not None:
        chosen = chosen.where(erasure.c.state == state)
    return [_erasure(row) for row in connection.execute(chosen)]


def destroy(connection: Connection, target: Target, by: str) -> None:
    """Destroy it; ``by`` is the id of the ``erase.done``. Doing it again changes nothing.

    Keys of whole scopes are the vault's: the caller renews them.
    """
    for ids in chunks(target.blobs):
        _destroy_blobs(connection, ids, by)
    for table in reversed(metadata.sorted_tables):
        for ids in chunks(target.rows.get(table.name, ())):
            connection.execute(sa.delete(table).where(next(iter(table.primary_key)).in_(ids)))
    for ids in chunks(target.records):
        _blank_intake(connection, ids)
        if target.level >= LEAF_TOO:
            _drop_leaves(connection, ids, ~record.c.stream.like("intake:%"))
    if target.level >= LEAF_TOO:
        _drop_intake(connection, target.records)


def known_records(connection: Connection, ids: Iterable[str]) -> set[str]:
    """Return those of these records that the log holds."""
    chosen = (sa.select(record.c.id).where(record.c.id.in_(some)) for some in chunks(list(ids)))
    return {found for one in chosen for found in connection.execute(one).scalars()}


def citations(connection: Connection, since: int = 0) -> Iterator[tuple[str, str, bytes]]:
    """Yield citing record, its kind and the cited leaf hash, for every record but the intake's own.

    ``since`` is a position in the log: only records from there on are read.
    """
    chosen = sa.select(record.c.id, record.c.kind, record.c.leaf)
    chosen = chosen.where(record.c.stream.not_like("intake:%"), record.c.position >= since)
    for row in connection.execute(chosen.execution_options(yield_per=1000)):
        for cited in _CITED.findall(octets(row.leaf)):
            yield row.id, row.kind, bytes.fromhex(cited.decode())


def _destroy_blobs(connection: Connection, ids: Sequence[str], by: str) -> None:
    connection.execute(sa.delete(blob_key).where(blob_key.c.blob_id.in_(ids)))
    connection.execute(sa.delete(blob_chunk).where(blob_chunk.c.blob_id.in_(ids)))
    mark = (
        sa.update(blob)
        .where(blob.c.id == sa.bindparam("one"), blob.c.erased_by.is_(None))
        .values(address=sa.bindparam("gone"), media="", size=0, erased_by=by)
    )
    # The address is a keyed hash of the content; what replaces it only has to differ from all others.
    places = [{"one": id, "gone": hashlib.sha256(f"erased {id}".encode()).digest()} for id in ids]
    connection.execute(mark, places)


def _blank_intake(connection: Connection, ids: Sequence[str]) -> None:
    """Take the look-up hash from webhooks."""
    forgotten = {"event_key": "erased " + intake.c.id, "state": "erased"}
    connection.execute(sa.update(intake).where(intake.c.record_id.in_(ids)).values(forgotten))


def _drop_leaves(connection: Connection, ids: Sequence[str], where: sa.ColumnElement[bool]) -> None:
    # Stream and number stay: they say which record of the case it was.
    emptied = {"leaf": b"", "kind": "erased", "at": EPOCH}
    gone = sa.and_(record.c.id.in_(ids), where, ~_needed())
    connection.execute(sa.update(record).where(gone).values(emptied))


def _drop_intake(connection: Connection, ids: Sequence[str]) -> None:
    """Drop the leaves of webhooks, and their rows, unless a leaf that stays cites them."""
    cited = {leaf_hash for _, _, leaf_hash in citations(connection)}
    for some in chunks(ids):
        theirs = sa.and_(record.c.id.in_(some), record.c.stream.like("intake:%"))
        rows = connection.execute(sa.select(record.c.id, record.c.leaf_hash).where(theirs)).all()
        gone = [row.id for row in rows if octets(row.leaf_hash) not in cited]
        connection.execute(sa.delete(intake).where(intake.c.record_id.in_(gone)))
        _drop_leaves(connection, gone, sa.true())


def _needed() -> sa.ColumnElement[bool]:
    """Whether a leaf must stay although it may go.

    An earlier ``erase.done`` names what it erased; to the salt of a case's first
    leaf the heads are bound (§2.3); and a row that stays may name bytes to which
    only that leaf commits.
    """
    first = sa.and_(record.c.stream.like("case:%"), record.c.cseq == 1)
    blobs = [one for name in sorted(COLUMNS) for one in metadata.tables[name].c if one.name.endswith("_blob")]
    part = sa.select(record_part.c.record_id).where(record_part.c.record_id == record.c.id)
    named = [part.where(record_part.c.blob_id.in_(sa.select(one))).exists() for one in blobs]
    return sa.or_(record.c.kind == "erase.done", first, *named)


def chunks(ids: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield ids in lots that fit into one statement."""
    return (ids[start : start + _MANY] for start in range(0, len(ids), _MANY))


def _erasure(row: Any) -> Erasure:
    return Erasure(**{name: getattr(row, name) for name in Erasure.__dataclass_fields__})
