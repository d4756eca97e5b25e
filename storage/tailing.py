"""What the signer reads: the bytes of the leaves, without any key, through a connection that cannot write."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from storage.cells import octets
from storage.engine import open_engine
from storage.log import LogAbsent, base, place, read_head
from storage.schema import log_node, record

_READ = (record.c.position, record.c.leaf, record.c.leaf_hash, record.c.stream, record.c.cseq)


class SourceAway(Exception):  # noqa: N818
    """The database cannot be read now; that proves nothing about the log. Try again later."""


@dataclass(frozen=True)
class Stored:
    """A leaf as it lies there; ``leaf`` is empty once it was erased, ``leaf_hash`` is only claimed."""

    index: int
    leaf: bytes
    leaf_hash: bytes
    stream: str = ""  # only claimed, as is ``cseq``
    cseq: int = 0


@dataclass(frozen=True)
class Claimed:
    """What the head row claims; nobody who signs may rely on it."""

    origin: str
    epoch: int
    size: int
    frontier: tuple[bytes, ...]


class LeafSource:
    """A database that is opened anew for each look, so that a file put in its place is noticed."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(_without_writing(url))

    @contextmanager
    def opened(self) -> Iterator["Leaves"]:
        """Look at one consistent state of the database. Raises SourceAway."""
        try:
            opened = self._engine.connect().execution_options(**_options(self._engine.name))
            with opened as connection, connection.begin():
                yield Leaves(connection)
        except SQLAlchemyError as error:
            raise SourceAway(str(getattr(error, "orig", error)).strip().split("\n")[0]) from error
        finally:
            self._engine.dispose()


class Leaves:
    """One consistent state of the log's leaves."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claimed(self) -> Claimed | None:
        """Return what the head row says; None when there is none or it cannot be read."""
        try:
            head = read_head(self._connection)
        except (LogAbsent, TypeError, ValueError):
            return None
        return Claimed(head.origin, head.epoch, head.size, head.frontier)

    def count(self, epoch: int) -> int:
        """Return one more than the highest index of an epoch's leaves."""
        last = self._connection.execute(
            sa.select(sa.func.max(record.c.position)).where(
                record.c.position >= base(epoch), record.c.position < base(epoch + 1)
            )
        ).scalar()
        return 0 if last is None else place(last)[1] + 1

    def between(self, epoch: int, start: int, end: int) -> list[Stored]:
        """Return an epoch's leaves from ``start`` up to but without ``end``, as far as they are there."""
        first = base(epoch)
        chosen = (
            sa.select(*_READ)
            .where(record.c.position >= first + start, record.c.position < first + end)
            .order_by(record.c.position)
        )
        return [_stored(row, first) for row in self._connection.execute(chosen)]

    def of_stream(self, epoch: int, below: int, stream: str, cseqs: Collection[int]) -> list[Stored]:
        """Return an epoch's leaves under ``below`` that claim these places in a stream."""
        chosen = _in_stream(sa.select(*_READ), epoch, below, stream).where(record.c.cseq.in_(cseqs))
        return [_stored(row, base(epoch)) for row in self._connection.execute(chosen)]

    def has_stream(self, epoch: int, below: int, stream: str) -> bool:
        """Whether a leaf of the epoch under ``below`` claims to be of this stream."""
        chosen = _in_stream(sa.select(record.c.position), epoch, below, stream).limit(1)
        return self._connection.execute(chosen).first() is not None

    def node(self, epoch: int, level: int, index: int) -> bytes:
        """Return a stored node, which is only claimed; nothing when there is none."""
        chosen = sa.select(log_node.c.hash).where(
            log_node.c.level == level, log_node.c.position == base(epoch, level) + index
        )
        return octets(self._connection.execute(chosen).scalar())


def _stored(row: Any, first: int) -> Stored:
    return Stored(row.position - first, octets(row.leaf), octets(row.leaf_hash), row.stream, row.cseq)


def _in_stream(chosen: sa.Select[Any], epoch: int, below: int, stream: str) -> sa.Select[Any]:
    first = base(epoch)
    return chosen.where(
        record.c.stream == stream, record.c.position >= first, record.c.position < first + below
    )


def _without_writing(url: str) -> str:
    """Return the address by which SQLite neither writes nor makes a file that is not there."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return url
    changed = parsed.set(
        database=f"file:{quote(parsed.database)}", query={**parsed.query, "mode": "ro", "uri": "true"}
    )
    return changed.render_as_string(hide_password=False)


def _options(dialect: str) -> dict[str, Any]:
    if dialect == "postgresql":
        return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    return {"reading": True}
