"""What an export or an audit reads: exact leaves, openings, proofs and rows."""

from collections.abc import Iterable, Iterator, Sequence
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
from storage.keys import KeyFault
from storage.log import LogAbsent, node_reader, read_head
from storage.rows import stated, vouched_columns, whole_rows
from storage.schema import log_head, metadata, record, record_part
from storage.vault import Opening

# What reading a database raises into which somebody else has written.
UNREADABLE = (
    EvidenceError, KeyFault, Misplaced, LogAbsent, sa.exc.SQLAlchemyError, ValueError, TypeError,
    ArithmeticError, LookupError, AttributeError, AssertionError,
)  # fmt: skip


@dataclass(frozen=True)
class Leaf:
    """One record as the log holds it; ``at`` is None where the database holds no moment."""

    position: int
    id: str
    stream: str
    cseq: int
    kind: str
    at: datetime | None
    leaf: bytes
    leaf_hash: bytes


def checkpoint(connection: Connection) -> Checkpoint:
    """Return the log's present size and root."""
    head = read_head(connection)
    return Checkpoint(head.origin, head.size, head.root)


def origin(connection: Connection) -> str:
    """Return the log's origin; nothing when the head row is gone."""
    return text(connection.execute(sa.select(log_head.c.origin)).scalar() or "")


def leaves_of_case(connection: Connection, case_id: str) -> list[Leaf]:
    """Return a case's records in order."""
    chosen = (
        sa.select(*as_stored(record)).where(record.c.stream == case_stream(case_id)).order_by(record.c.cseq)
    )
    return [_leaf(row) for row in connection.execute(chosen)]


def leaves_by_hash(connection: Connection, hashes: Iterable[bytes]) -> list[Leaf]:
    """Return the records with these leaf hashes, in log order."""
    chosen = (
        sa.select(*as_stored(record)).where(record.c.leaf_hash.in_(list(hashes))).order_by(record.c.position)
    )
    return [_leaf(row) for row in connection.execute(chosen)]


def all_leaves(connection: Connection) -> Iterator[Leaf]:
    """Yield every record in log order without holding them all in memory."""
    chosen = sa.select(*as_stored(record)).order_by(record.c.position).execution_options(yield_per=1000)
    for row in connection.execute(chosen):
        yield _leaf(row)


def openings_of(view: Book | Reader, record_id: str) -> dict[str, Opening | SealError]:
    """Open every part of a record; a part that cannot be opened is returned as its error."""
    chosen = sa.select(record_part.c.name, record_part.c.blob_id).where(record_part.c.record_id == record_id)
    return {text(row.name): _opened(view, row.blob_id) for row in view.connection.execute(chosen)}


def proofs_of(connection: Connection, leaves: Sequence[Leaf], size: int) -> list[Proof]:
    """Return an inclusion proof for each leaf in the tree of this size.

    One that the stored tree does not give is left out: the verifier must say so.
    """
    node = node_reader(connection)
    return [proof for one in leaves for proof in _proof(one, size, node)]


def _proof(leaf: Leaf, size: int, node: merkle.Node) -> Iterator[Proof]:
    try:
        yield Proof(leaf.id, leaf.position, tuple(merkle.inclusion_proof(leaf.position, size, node)))
    except (ProofError, ValueError, TypeError):
        return


def rows_named(connection: Connection, keys: Iterable[tuple[str, str]]) -> list[Row]:
    """Return the rows with these (table, id) that exist, with their vouched columns as they now stand."""
    return [row for table, row_id in sorted(keys) for row in _read(connection, table, row_id)]


def vouched_rows(connection: Connection) -> Iterator[Row]:
    """Yield every row of every evidence-bearing table."""
    for name in sorted(COLUMNS):
        yield from rows_of(connection, name)


def rows_of(connection: Connection, table: str) -> list[Row]:
    """Return every row of one of these tables; a cell that cannot be read says so."""
    return _read(connection, table)


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


def _leaf(row: Any) -> Leaf:
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
