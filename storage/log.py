"""Append leaves to the RFC 6962 log under one fixed head row (docs/evidence-format.md §2)."""

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

    @property
    def root(self) -> bytes:
        """Root of the tree of this size."""
        return merkle.root_of(self.frontier)


class LogAbsent(Exception):  # noqa: N818
    """The database holds no log yet: run `huizheng migrate`."""


def read_head(connection: Connection, *, lock: bool = False) -> Head:
    """Read the head row; ``lock`` makes every other writer of the log wait. Raises LogAbsent."""
    statement = sa.select(log_head).where(log_head.c.id == 1)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise LogAbsent("the database holds no evidence log: run `huizheng migrate`")
    packed = octets(row.frontier)
    return Head(
        row.origin,
        row.size,
        tuple(packed[at : at + 32] for at in range(0, len(packed), 32)),
    )


def start_log(connection: Connection, origin: str) -> None:
    """Make the head row of an empty log."""
    connection.execute(sa.insert(log_head).values(id=1, origin=origin, size=0, frontier=b""))


def append(connection: Connection, pending: Sequence[Pending]) -> list[bytes]:
    """Give each record its place and write it. Called last in a transaction; returns leaf hashes.

    The head row is locked here and the transaction must commit at once
    afterwards: no other I/O while it is held.
    """
    head = read_head(connection, lock=True)
    streams = _stream_heads(connection, {str(one.fields["stream"]) for one in pending})
    frontier, nodes, rows = head.frontier, [], []
    for position, one in enumerate(pending, start=head.size):
        row = _place(one, head.origin, position, streams)
        frontier, completed = merkle.append(frontier, position, row["leaf_hash"])
        nodes += [{"level": level, "position": index, "hash": value} for level, index, value in completed]
        rows.append(row)
    _write(connection, head.size + len(rows), frontier, nodes, rows, streams)
    return [row["leaf_hash"] for row in rows]


def node_reader(connection: Connection) -> Any:
    """Return ``node(level, index)`` for building proofs from the stored tree; it raises ProofError."""

    def node(level: int, index: int) -> bytes:
        if level == 0:
            found = connection.execute(sa.select(record.c.leaf_hash).where(record.c.position == index))
        else:
            found = connection.execute(
                sa.select(log_node.c.hash).where(log_node.c.level == level, log_node.c.position == index)
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
