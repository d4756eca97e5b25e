"""The epochs of the log: each restore from an older backup ends one and begins the next (§2.4)."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence import merkle
from storage.cells import octets
from storage.log import peaks, read_head
from storage.schema import log_epoch, log_head


@dataclass(frozen=True)
class Epoch:
    """One tree of the log: its number from 1, its origin, how large it is or was when it ended."""

    number: int
    origin: str
    size: int
    frontier: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """Root of the tree of this size."""
        return merkle.root_of(self.frontier)


def epochs(connection: Connection) -> list[Epoch]:
    """Return every epoch of this database, oldest first; the last one is the present one."""
    rows = connection.execute(sa.select(log_epoch).order_by(log_epoch.c.number))
    head = read_head(connection)
    return [*(_epoch(row) for row in rows), Epoch(head.epoch, head.origin, head.size, head.frontier)]


def find_epoch(connection: Connection, number: int | None = None) -> Epoch:
    """Return an epoch, without a number the present one. Raises LookupError when there is none."""
    head = read_head(connection)
    if number in (None, head.epoch):
        return Epoch(head.epoch, head.origin, head.size, head.frontier)
    row = connection.execute(sa.select(log_epoch).where(log_epoch.c.number == number)).one_or_none()
    if row is None:
        raise LookupError(f"the log has no epoch {number}")
    return _epoch(row)


def end_epoch(connection: Connection, ending: Epoch, origin: str, number: int) -> None:
    """Put the present epoch away and begin an empty tree; call it last, right before the book is sealed.

    Raises ValueError when the log moved on since ``ending`` was read: nothing may be lost unseen.
    """
    head = read_head(connection, lock=True)
    if (head.epoch, head.size, head.frontier) != (ending.number, ending.size, ending.frontier):
        raise ValueError("the log has changed meanwhile: start again")
    connection.execute(
        sa.insert(log_epoch).values(
            number=head.epoch, origin=head.origin, size=head.size, frontier=b"".join(head.frontier)
        )
    )
    changed = {"origin": origin, "epoch": number, "size": 0, "frontier": b"", "halted": None}
    connection.execute(sa.update(log_head).where(log_head.c.id == 1).values(**changed))


def _epoch(row: Any) -> Epoch:
    return Epoch(row.number, row.origin, row.size, peaks(octets(row.frontier)))
