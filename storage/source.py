"""What an export or an audit reads: exact leaves, openings, proofs and rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence import merkle
from evidence.checkpoint import Checkpoint
from evidence.contents import Proof
from evidence.errors import EvidenceError, ProofError, RecordError, SealError
from evidence.records import read
from evidence.rows import COLUMNS, Row
from storage.book import Book, Reader, case_stream
from storage.cells import as_stored, moment, octets, text
from storage.columns import Held, Misplaced
from storage.epochs import find_epoch
from storage.keys import KeyFault
from storage.log import LogAbsent, base, node_reader, place, read_head
from storage.rows import stated, vouched_columns, whole_rows
from storage.schema import log_head, metadata, record, record_part
from storage.vault import Opening

# What reading a database raises into which somebody else has written.
UNREADABLE = (
    EvidenceError, KeyFault, Misplaced, LogAbsent, sa.exc.SQLAlchemyError, ValueError, TypeError,
    ArithmeticError, LookupError, AttributeError, AssertionError,
)  # fmt: skip


_MANY = 400  # ids in one question


@dataclass(frozen=True)
class Leaf:
    """One record as the log holds it; ``at`` is None where the database holds no moment."""

    position: int  # storage/log.py: order over all epochs
    id: str
    stream: str
    cseq: int
    kind: str
    at: datetime | None
    leaf: bytes
    leaf_hash: bytes

    @property
    def epoch(self) -> int:
        """The number of its epoch, from 1."""
        return place(self.position)[0]

    @property
    def index(self) -> int:
        """Its place among its epoch's leaves, from 0."""
        return place(self.position)[1]


def checkpoint(connection: Connection) -> Checkpoint:
    """Return the log's present size and root."""
    head = read_head(connection)
    return Checkpoint(head.origin, head.size, head.root)


def checkpoint_at(connection: Connection, size: int, epoch: int | None = None) -> Checkpoint:
    """Return an earlier size of an epoch with its root, from the stored tree. Raises ProofError."""
    known = find_epoch(connection, epoch)
    if not 0 <= size <= known.size:
        raise ProofError(f"the log {known.origin} has {known.size} records, not {size}")
    root = merkle.range_root(0, size, node_reader(connection, known.number)) if size else merkle.EMPTY_ROOT
    return Checkpoint(known.origin, size, root)


def origin(connection: Connection) -> str:
    """Return the log's origin; nothing when the head row is gone."""
    return text(connection.execute(sa.select(log_head.c.origin)).scalar() or "")


def has_since(connection: Connection, kind: str, size: int) -> bool:
    """Whether a record of this kind stands in the present epoch at this index or after it."""
    first = base(read_head(connection).epoch) + size
    chosen = sa.select(record.c.id).where(record.c.position >= first, record.c.kind == kind).limit(1)
    return connection.execute(chosen).first() is not None


def leaves_of_case(connection: Connection, case_id: str) -> list[Leaf]:
    """Return a case's records in order."""
    chosen = (
        sa.select(*as_stored(record)).where(record.c.stream == case_stream(case_id)).order_by(record.c.cseq)
    )
    return [as_leaf(row) for row in connection.execute(chosen)]


def leaves_by_hash(connection: Connection, hashes: Iterable[bytes]) -> list[Leaf]:
    """Return the records with these leaf hashes, in log order."""
    chosen = (
        sa.select(*as_stored(record)).where(record.c.leaf_hash.in_(list(hashes))).order_by(record.c.position)
    )
    return [as_leaf(row) for row in connection.execute(chosen)]


def all_leaves(connection: Connection) -> Iterator[Leaf]:
    """Yield every record in log order without holding them all in memory."""
    chosen = sa.select(*as_stored(record)).order_by(record.c.position).execution_options(yield_per=1000)
    for row in connection.execute(chosen):
        yield as_leaf(row)


def openings_of(view: Book | Reader, record_id: str) -> dict[str, Opening | SealError]:
    """Open every part of a record; a part that cannot be opened is returned as its error."""
    chosen = sa.select(record_part.c.name, record_part.c.blob_id).where(record_part.c.record_id == record_id)
    return {text(row.name): _opened(view, row.blob_id) for row in view.connection.execute(chosen)}


def proofs_of(
    connection: Connection, leaves: Iterable[Leaf], size: int, epoch: int | None = None
) -> list[Proof]:
    """Return an inclusion proof for each of an epoch's leaves, by default the present one's, at this size.

    One that the stored tree does not give is left out: the verifier must say so.
    """
    known = find_epoch(connection, epoch)
    node = node_reader(connection, known.number)
    return [proof for one in leaves if one.epoch == known.number for proof in _proof(one, size, node)]


def consistency_of(
    connection: Connection, size1: int, size2: int, epoch: int | None = None
) -> tuple[bytes, ...]:
    """Return the proof that an epoch's earlier size is the beginning of a later one (RFC 6962 §2.1.2).

    Raises ValueError unless 0 < size1 <= size2, and ProofError where the stored tree does not reach.
    """
    return tuple(merkle.consistency_proof(size1, size2, node_reader(connection, epoch)))


def _proof(leaf: Leaf, size: int, node: merkle.Node) -> Iterator[Proof]:
    try:
        yield Proof(leaf.id, leaf.index, tuple(merkle.inclusion_proof(leaf.index, size, node)))
    except (ProofError, ValueError, TypeError):
        return


def rows_named(connection: Connection, keys: Iterable[tuple[str, str]]) -> list[Row]:
    """Return the rows with these (table, id) that exist, with their vouched columns as they now stand."""
    ids: dict[str, list[str]] = {}
    for table, row_id in sorted(keys):
        ids.setdefault(table, []).append(row_id)
    return [row for table, wanted in ids.items() for row in _read_some(connection, table, wanted)]


def vouched_rows(connection: Connection) -> Iterator[Row]:
    """Yield every row of every evidence-bearing table."""
    for name in sorted(COLUMNS):
        yield from rows_of(connection, name)


def rows_of(connection: Connection, table: str) -> list[Row]:
    """Return every row of one of these tables; a cell that cannot be read says so."""
    return _read(connection, table)


def _read_some(connection: Connection, name: str, ids: list[str]) -> Iterator[Row]:
    table = metadata.tables[name]
    for start in range(0, len(ids), _MANY):
        some = ids[start : start + _MANY]
        chosen = whole_rows(table).where(table.c.id.in_(some)).order_by(table.c.id)
        try:
            yield from [_as_row(name, dict(row)) for row in connection.execute(chosen).mappings()]
        except UNREADABLE:
            yield from (row for one in some for row in _read(connection, name, one))


def _read(connection: Connection, name: str, row_id: str | None = None) -> list[Row]:
    table = metadata.tables[name]
    chosen = whole_rows(table).order_by(table.c.id)
    try:
        found = connection.execute(chosen if row_id is None else chosen.where(table.c.id == row_id))
        return [_as_row(name, dict(row)) for row in found.mappings()]
    except UNREADABLE:
        return _read_singly(connection, table, row_id)


def _read_singly(connection: Connection, table: sa.Table, row_id: str | None) -> list[Row]:
    """Read rows of which at least one holds something that was not written by us."""
    ids = [row_id] if row_id is not None else list(connection.execute(sa.select(table.c.id)).scalars())
    names = [*COLUMNS[table.name], "record_id"]
    held = [{"id": one, **{name: _value(connection, table, one, name) for name in names}} for one in ids]
    return [_as_row(table.name, row) for row in held]


def _value(connection: Connection, table: sa.Table, row_id: str, name: str) -> Any:
    try:
        value = connection.execute(sa.select(stated(table.c[name])).where(table.c.id == row_id)).scalar_one()
        return value.of(row_id) if isinstance(value, Held) else value
    except UNREADABLE:
        return "unreadable"


def _as_row(table: str, row: dict[str, Any]) -> Row:
    return Row(table, text(row["id"]), text(row["record_id"]), vouched_columns(table, row))


def _opened(view: Book | Reader, blob_id: str) -> Opening | SealError:
    try:
        return view.open(blob_id)
    except SealError as error:
        return error


def as_leaf(row: Any) -> Leaf:
    """Return a record from a row of ``as_stored``."""
    return Leaf(
        row.position, text(row.id), text(row.stream), row.cseq, text(row.kind), moment(row.at),
        octets(row.leaf), octets(row.leaf_hash),
    )  # fmt: skip


def cited_hashes(leaf: bytes) -> list[bytes]:
    """Return the leaf hashes that a record cites."""
    try:
        return [bytes.fromhex(cited) for cited in read(leaf).cites]
    except RecordError:
        return []  # a leaf that was changed; whoever verifies it will say so
