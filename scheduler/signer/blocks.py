"""A block of leaves as the database holds it now: hashed again, with what erasure has left of it."""

from evidence import merkle
from scheduler.signer.memory import LEVEL, Memory
from storage.log import EPOCH_BITS
from storage.tailing import Leaves, Stored


class Block:
    """The leaves from ``start`` up to but without ``end``, which were seen before.

    Nothing in it is believed: whatever the database gives instead of bytes only
    serves to compute a root, and that root is compared with the one that was seen.
    """

    def __init__(self, leaves: Leaves, epoch: int, start: int, end: int) -> None:
        found = leaves.between(epoch, start, end)
        self.whole = [one.index for one in found] == list(range(start, end))
        self._leaves, self._epoch, self._start = leaves, epoch, start
        self._hashes = [hash_of(one) for one in found]

    def node(self, level: int, index: int) -> bytes:
        """Return the root of a subtree. Raises LookupError where an erasure has forgotten it (§4.1, L3)."""
        first = (index << level) - self._start
        hashes = self._hashes[first : first + (1 << level)]
        if all(hashes):
            return merkle.tree_root(hashes)
        stored = b"" if any(hashes) or level == 0 else self._leaves.node(self._epoch, level, index)
        if stored or level == 0:
            return stored or _nothing(level, index)
        return merkle.node_hash(self.node(level - 1, 2 * index), self.node(level - 1, 2 * index + 1))

    def forgotten(self, memory: Memory) -> bool:
        """Whether a larger subtree, of which only the root is left, is one that was seen."""
        if any(self._hashes):
            return False
        for level in range(LEVEL + 1, EPOCH_BITS):
            index = self._start >> level
            if root := self._leaves.node(self._epoch, level, index):
                return memory.knows_above(level, index, root)
        return False


def hash_of(one: Stored) -> bytes:
    """Hash a leaf again; of one that was erased since only the hash is left, perhaps not even that."""
    return merkle.leaf_hash(one.leaf) if one.leaf else one.leaf_hash


def _nothing(level: int, index: int) -> bytes:
    raise LookupError(f"node {index} of level {level} was forgotten")
