"""Append leaves to the RFC 6962 log under one fixed head row (docs/evidence-format.md §2).

Leaf i of epoch n has position ((n - 1) << 40) + i, and a node of level l and
index i has ((n - 1) << (40 - l)) + i: one table holds every epoch's tree.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence import merkle, records
from evidence.errors import ProofError
from storage.cells import octets
from storage.schema import log_head, log_node, record, stream_head

ZEROS = "0" * 64
EPOCH_BITS = 40  # a log of a million records a day fills an epoch in three thousand years
LONGEST_WHY = 500


@dataclass(frozen=True)
class Pending:
    """A record that waits for its place: every leaf field but ``log``, ``cseq`` and ``cprev``."""

    fields: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True)
class Head:
    """How far the log has grown."""

    origin: str
    size: int
    frontier: tuple[bytes, ...]
    epoch: int = 1
    halted: str | None = None  # why nothing may be appended

    @property
    def root(self) -> bytes:
        """Root of the tree of this size."""
        return merkle.root_of(self.frontier)


class LogAbsent(Exception):  # noqa: N818
    """The database holds no log yet: run `huizheng migrate`."""


class LogHalted(Exception):  # noqa: N818
    """The log must not go on; the message says why and what to do. Nothing of the transaction is kept."""

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the evidence log is halted: {why}. Look at `huizheng check` and docs/signer.md, then run"
            " `huizheng epoch start`; until then nothing is recorded and nothing is sent"
        )
        self.why = why


def base(epoch: int, level: int = 0) -> int:
    """Return the position of the first leaf, or node of this level, of an epoch."""
    return (epoch - 1) << (EPOCH_BITS - level)


def place(position: int) -> tuple[int, int]:
    """Return the epoch of a leaf's position and its index there."""
    return (position >> EPOCH_BITS) + 1, position & ((1 << EPOCH_BITS) - 1)


def read_head(connection: Connection, *, lock: bool = False) -> Head:
    """Read the head row; ``lock`` makes every other writer of the log wait. Raises LogAbsent."""
    statement = sa.select(log_head).where(log_head.c.id == 1)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise LogAbsent("the database holds no evidence log: run `huizheng migrate`")
    return Head(row.origin, row.size, peaks(octets(row.frontier)), row.epoch, row.halted)


def peaks(packed: bytes) -> tuple[bytes, ...]:
    """Return the hashes of a stored frontier, largest subtree first."""
    return tuple(packed[at : at + 32] for at in range(0, len(packed), 32))


def halt(connection: Connection, why: str) -> bool:
    """Let nothing be appended until an epoch starts; say whether it was not halted before."""
    changed = connection.execute(
        sa.update(log_head)
        .where(log_head.c.id == 1, log_head.c.halted.is_(None))
        .values(halted=why[:LONGEST_WHY])
    )
    return changed.rowcount == 1


def lift(connection: Connection, why: str) -> None:
    """Let a log go on that was halted for this very reason."""
    connection.execute(
        sa.update(log_head).where(log_head.c.id == 1, log_head.c.halted == why).values(halted=None)
    )


def start_log(connection: Connection, origin: str) -> None:
    """Make the head row of an empty log."""
    connection.execute(sa.insert(log_head).values(id=1, origin=origin, size=0, frontier=b"", epoch=1))


def append(connection: Connection, pending: Sequence[Pending]) -> list[bytes]:
    """Give each record its place and write it. Called last in a transaction; returns leaf hashes.

    The head row is locked here and the transaction must commit at once
    afterwards: no other I/O while it is held. Raises LogHalted.
    """
    head = read_head(connection, lock=True)
    if head.halted is not None:
        raise LogHalted(head.halted)
    streams = _stream_heads(connection, {str(one.fields["stream"]) for one in pending})
    frontier, nodes, rows = head.frontier, [], []
    for index, one in enumerate(pending, start=head.size):
        row = _place(one, head.origin, base(head.epoch) + index, streams)
        frontier, completed = merkle.append(frontier, index, row["leaf_hash"])
        nodes += [
            {"level": level, "position": base(head.epoch, level) + at, "hash": value}
            for level, at, value in completed
        ]
        rows.append(row)
    _write(connection, head.size + len(rows), frontier, nodes, rows, streams)
    return [row["leaf_hash"] for row in rows]


def node_reader(connection: Connection, epoch: int | None = None) -> merkle.Node:
    """Return ``node(level, index)`` for building proofs from an epoch's stored tree; it raises ProofError.

    Without a number it is the present epoch.
    """
    number = epoch or read_head(connection).epoch

    def node(level: int, index: int) -> bytes:
        at = base(number, level) + index
        if level == 0:
            found = connection.execute(sa.select(record.c.leaf_hash).where(record.c.position == at))
        else:
            found = connection.execute(
                sa.select(log_node.c.hash).where(log_node.c.level == level, log_node.c.position == at)
            )
        value = octets(found.scalar())
        if len(value) != merkle.HASH_LENGTH:
            raise ProofError(f"node {index} of level {level} of the log is gone or is no hash")
        return value

    return node


def _place(one: Pending, origin: str, position: int, streams: dict[str, tuple[int, str]]) -> dict[str, Any]:
    stream = str(one.fields["stream"])
    cseq, cprev = streams[stream]
    leaf = records.make_leaf({**one.fields, "log": origin, "cseq": cseq + 1, "cprev": cprev})
    leaf_hash = merkle.leaf_hash(leaf)
    streams[stream] = (cseq + 1, leaf_hash.hex())
    return {
        "position": position, "id": one.fields["id"], "stream": stream, "cseq": cseq + 1,
        "kind": one.fields["kind"], "at": one.at, "leaf_hash": leaf_hash, "leaf": leaf,
    }  # fmt: skip


def _stream_heads(connection: Connection, names: set[str]) -> dict[str, tuple[int, str]]:
    rows = connection.execute(sa.select(stream_head).where(stream_head.c.stream.in_(names)))
    found = {row.stream: (row.cseq, bytes(row.leaf_hash).hex()) for row in rows}
    return {name: found.get(name, (0, ZEROS)) for name in names}


def _write(
    connection: Connection,
    size: int,
    frontier: tuple[bytes, ...],
    nodes: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    streams: Mapping[str, tuple[int, str]],
) -> None:
    connection.execute(sa.insert(record), rows)
    if nodes:
        connection.execute(sa.insert(log_node), nodes)
    for name, (cseq, leaf_hash) in streams.items():
        values = {"cseq": cseq, "leaf_hash": bytes.fromhex(leaf_hash)}
        changed = connection.execute(
            sa.update(stream_head).where(stream_head.c.stream == name).values(**values)
        )
        if changed.rowcount == 0:
            connection.execute(sa.insert(stream_head).values(stream=name, **values))
    connection.execute(
        sa.update(log_head).where(log_head.c.id == 1).values(size=size, frontier=b"".join(frontier))
    )
