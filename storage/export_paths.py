"""Inclusion proofs for many records, read from the stored tree a block at a time."""

from collections import OrderedDict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence import merkle
from evidence.contents import Proof
from evidence.errors import ProofError
from storage.cells import octets
from storage.log import base
from storage.schema import log_node, record

_LEVELS = 10  # a block of stored hashes: 1,024 leaves and the subtrees above them
_BLOCKS = 6  # blocks kept: the one in use, and those at the right edge of the tree


class Paths:
    """Makes inclusion proofs in one epoch's tree of one size, in log order with few questions asked."""

    def __init__(self, connection: Connection, epoch: int, size: int) -> None:
        self._connection, self._epoch, self._size = connection, epoch, size
        self._blocks: OrderedDict[int, dict[tuple[int, int], bytes]] = OrderedDict()
        self._upper: dict[tuple[int, int], bytes] = {}

    def proof(self, record_id: str, index: int) -> Proof | None:
        """Return a record's proof; None when the stored tree does not give one, as the verifier will say."""
        try:
            return Proof(record_id, index, tuple(merkle.inclusion_proof(index, self._size, self.node)))
        except (ProofError, ValueError, TypeError):
            return None

    def node(self, level: int, index: int) -> bytes:
        """Return a stored hash. Raises ProofError."""
        if level < _LEVELS:
            found = self._block(index >> (_LEVELS - level)).get((level, index), b"")
        else:
            found = self._upper.get((level, index)) or self._read_upper(level, index)
        if len(found) != merkle.HASH_LENGTH:
            raise ProofError(f"node {index} of level {level} of the log is gone or is no hash")
        return found

    def _read_upper(self, level: int, index: int) -> bytes:
        at = base(self._epoch, level) + index
        chosen = sa.select(log_node.c.hash).where(log_node.c.level == level, log_node.c.position == at)
        self._upper[level, index] = octets(self._connection.execute(chosen).scalar())
        return self._upper[level, index]

    def _block(self, number: int) -> dict[tuple[int, int], bytes]:
        if number not in self._blocks:
            self._blocks[number] = self._read_block(number)
            while len(self._blocks) > _BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]

    def _read_block(self, number: int) -> dict[tuple[int, int], bytes]:
        found: dict[tuple[int, int], bytes] = {}
        for level in range(_LEVELS):
            first = number << (_LEVELS - level)
            start, count = base(self._epoch, level) + first, 1 << (_LEVELS - level)
            for at, value in self._connection.execute(_range(level, start, count)):
                found[level, first + at - start] = octets(value)
        return found


def _range(level: int, start: int, count: int) -> sa.Select[Any]:
    if level == 0:
        hashes = sa.select(record.c.position, record.c.leaf_hash)
        return hashes.where(record.c.position.between(start, start + count - 1))
    nodes = sa.select(log_node.c.position, log_node.c.hash).where(log_node.c.level == level)
    return nodes.where(log_node.c.position.between(start, start + count - 1))
