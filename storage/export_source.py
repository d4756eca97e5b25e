"""What an export reads of one case: piece by piece, as the log stood at one size, in bounded memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence.errors import FactsError, SealError
from evidence.rows import Key, Row, parse_facts
from storage import source
from storage.book import SYSTEM, Book, Reader, case_stream
from storage.cells import as_stored, text
from storage.log import base, read_head
from storage.schema import blob, record, record_part, stream_head
from storage.source import Leaf
from storage.vault import Opening

BATCH = 400  # records that are read at once
SMALL = 64 * 1024  # bytes: parts up to this size are opened many at once, larger ones each by itself


@dataclass(frozen=True)
class Erased:
    """A part that was destroyed on lawful grounds, by this ``erase.done`` record."""

    by: str


Part = Opening | SealError | Erased


@dataclass(frozen=True)
class Opened:
    """A record with its parts by name."""

    leaf: Leaf
    parts: Mapping[str, Part]


Later = tuple[int, int]  # positions of records that were written after a checkpoint: from, to (exclusive)


def later_than(connection: Connection, epoch: int, size: int) -> Later:
    """Return the positions of the records that were written after an epoch had this size."""
    head = read_head(connection)
    return base(epoch) + size, base(head.epoch) + head.size


def count_of_case(connection: Connection, case_id: str, later: Later) -> int:
    """Return how many records a case had."""
    counted = sa.select(sa.func.count()).select_from(record).where(*_then(case_id, later))
    return int(connection.execute(counted).scalar_one())


def _then(case_id: str, later: Later) -> list[sa.ColumnElement[bool]]:
    # A record whose position is none that the log has given out was moved by somebody: it is not left out.
    after = record.c.position.between(later[0], later[1] - 1)
    return [record.c.stream == case_stream(case_id), ~after]


def records_of_case(view: Reader, case_id: str, later: Later) -> Iterator[Opened]:
    """Yield a case's records in order, as the case was then."""
    chosen = sa.select(*as_stored(record)).where(*_then(case_id, later))
    after = -1
    while rows := view.connection.execute(_page(chosen, after)).all():
        yield from opened(view, [source.as_leaf(row) for row in rows])
        after = rows[-1].cseq


def _page(chosen: sa.Select[Any], after: int) -> sa.Select[Any]:
    return chosen.where(record.c.cseq > after).order_by(record.c.cseq).limit(BATCH)


def opened(view: Book | Reader, leaves: Sequence[Leaf]) -> Iterator[Opened]:
    """Yield records with their parts; a large part is opened when its record's turn comes."""
    parts = _parts(view.connection, [leaf.id for leaf in leaves])
    small = {row.blob_id for rows in parts.values() for row in rows if row.size is None or row.size <= SMALL}
    ready = view.open_all(small)
    for leaf in leaves:
        yield Opened(leaf, {text(row.name): _part(view, row, ready) for row in parts.get(leaf.id, [])})


def _parts(connection: Connection, record_ids: Sequence[str]) -> dict[str, list[Any]]:
    kept = sa.outerjoin(record_part, blob, blob.c.id == record_part.c.blob_id)
    chosen = (
        sa.select(record_part, blob.c.size, blob.c.erased_by)
        .select_from(kept)
        .where(record_part.c.record_id.in_(record_ids))
        .order_by(record_part.c.record_id, record_part.c.name)
    )
    found: dict[str, list[Any]] = {}
    for row in connection.execute(chosen):
        found.setdefault(text(row.record_id), []).append(row)
    return found


def _part(view: Book | Reader, row: Any, ready: Mapping[str, Opening | SealError]) -> Part:
    if row.erased_by is not None:
        return Erased(text(row.erased_by))
    if row.blob_id in ready:
        return ready[row.blob_id]
    try:
        return view.open(row.blob_id)
    except SealError as error:
        return error


def positions_of(connection: Connection, hashes: Iterable[bytes]) -> list[int]:
    """Return where the records with these leaf hashes stand, in log order."""
    wanted, found = sorted(set(hashes)), list[int]()
    for start in range(0, len(wanted), BATCH):
        some = record.c.leaf_hash.in_(wanted[start : start + BATCH])
        found += connection.execute(sa.select(record.c.position).where(some)).scalars()
    return sorted(found)


def records_at(view: Reader, positions: Sequence[int]) -> Iterator[list[Opened]]:
    """Yield the records that stand at these positions, in their order, some at a time."""
    for start in range(0, len(positions), BATCH):
        some = record.c.position.in_(positions[start : start + BATCH])
        rows = view.connection.execute(sa.select(*as_stored(record)).where(some).order_by(record.c.position))
        yield list(opened(view, [source.as_leaf(row) for row in rows]))


def shared_parts(connection: Connection, record_ids: Sequence[str], below: int) -> set[tuple[str, str]]:
    """Return which parts (record id, name) hold the very bytes of another record's below a position."""
    other, theirs = record_part.alias(), record.alias()
    same = sa.select(record_part.c.record_id, record_part.c.name).where(
        sa.exists().where(
            other.c.blob_id == record_part.c.blob_id, other.c.record_id != record_part.c.record_id,
            theirs.c.id == other.c.record_id, theirs.c.position < below,
        )
    )  # fmt: skip
    found: set[tuple[str, str]] = set()
    for start in range(0, len(record_ids), BATCH):
        some = same.where(record_part.c.record_id.in_(record_ids[start : start + BATCH]))
        found |= {(text(row.record_id), text(row.name)) for row in connection.execute(some)}
    return found


def span_of_case(connection: Connection, case_id: str, later: Later) -> tuple[int | None, int]:
    """Return where a case's first record stands, and how many it must have had by the numbers given out.

    The numbers come from the head of its stream, so that a missing last record is missed too.
    """
    own = record.c.stream == case_stream(case_id)
    first = connection.execute(sa.select(sa.func.min(record.c.position)).where(own)).scalar()
    chosen = sa.select(sa.func.min(record.c.cseq)).where(
        own, record.c.position.between(later[0], later[1] - 1)
    )
    after = connection.execute(chosen).scalar()
    head = sa.select(stream_head.c.cseq).where(stream_head.c.stream == case_stream(case_id))
    last = after - 1 if isinstance(after, int) else connection.execute(head).scalar()
    return (first if isinstance(first, int) else None), (last if isinstance(last, int) else 0)


def leaves_of_kind(connection: Connection, kinds: Iterable[str], below: int) -> list[Leaf]:
    """Return the system stream's records of these kinds that stand below a position, in log order."""
    chosen = sa.select(*as_stored(record)).where(
        record.c.stream == SYSTEM, record.c.kind.in_(list(kinds)), record.c.position < below
    )
    return [source.as_leaf(row) for row in connection.execute(chosen.order_by(record.c.position))]


def position_of(connection: Connection, record_id: str) -> int | None:
    """Return where a record stands."""
    found = connection.execute(sa.select(record.c.position).where(record.c.id == record_id)).scalar()
    return None if found is None else int(found)


def rows_at(view: Reader, vouchers: Mapping[Key, str], later: Later, case_id: str) -> Iterator[Row]:
    """Yield a case's rows as they stood, in the order of their keys.

    ``vouchers`` names for each row the newest record that vouched for it then. A row that a later
    record of the case has changed is stated from that older record; any other as the table holds it.
    """
    keys = sorted(vouchers)
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        held = {row.key: row for row in source.rows_named(view.connection, some)}
        moved = _moved(view, held.values(), later, case_id)
        stated = _stated(view, {key: vouchers[key] for key in moved})
        yield from (stated.get(key, held[key]) for key in some if key in held)


def _moved(view: Reader, rows: Iterable[Row], later: Later, case_id: str) -> list[Key]:
    """Return the rows for which a later record of the case really vouches."""
    newer = {row.key: row.record for row in rows}
    chosen = sa.select(*as_stored(record)).where(
        record.c.id.in_(set(newer.values())), record.c.stream == case_stream(case_id),
        record.c.position.between(later[0], later[1] - 1),
    )  # fmt: skip
    leaves = [source.as_leaf(row) for row in view.connection.execute(chosen)]
    named = {(one.leaf.id, row.key) for one in opened(view, leaves) for row in _rows(one)}
    return [key for key, record_id in newer.items() if (record_id, key) in named]


def _stated(view: Reader, vouchers: Mapping[Key, str]) -> dict[Key, Row]:
    chosen = sa.select(*as_stored(record)).where(record.c.id.in_(set(vouchers.values())))
    leaves = [source.as_leaf(row) for row in view.connection.execute(chosen)]
    rows = (row for one in opened(view, leaves) for row in _rows(one))
    return {row.key: row for row in rows if vouchers.get(row.key) == row.record}


def _rows(one: Opened) -> tuple[Row, ...]:
    facts = one.parts.get("facts")
    try:
        return parse_facts(facts.data, one.leaf.id).rows if isinstance(facts, Opening) else ()
    except FactsError:
        return ()


def first_leaves(connection: Connection) -> list[Leaf]:
    """Return the first record of each epoch."""
    starts = [base(epoch) for epoch in range(1, read_head(connection).epoch + 1)]
    rows = connection.execute(sa.select(*as_stored(record)).where(record.c.position.in_(starts)))
    return sorted((source.as_leaf(row) for row in rows), key=lambda leaf: leaf.position)


def text_of(view: Reader, record_id: str) -> bytes:
    """Return the text of a notice or reply; nothing where it cannot be opened any more."""
    for one in records_named(view, [record_id]):
        part = one.parts.get("text")
        return part.data if isinstance(part, Opening) else b""
    return b""


def records_named(view: Reader, record_ids: Sequence[str]) -> Iterator[Opened]:
    """Yield the records with these ids, in log order."""
    for start in range(0, len(record_ids), BATCH):
        some = record.c.id.in_(record_ids[start : start + BATCH])
        rows = view.connection.execute(sa.select(*as_stored(record)).where(some).order_by(record.c.position))
        yield from opened(view, [source.as_leaf(row) for row in rows])
