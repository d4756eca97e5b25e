"""What the signer has seen of one log: enough to know every leaf again, in little room."""

from collections.abc import Sequence
from dataclasses import dataclass

from evidence import merkle

LEVEL = 10
BLOCK = 1 << LEVEL  # leaves; of each full block only its root is kept


@dataclass(frozen=True)
class Memory:
    """The tree over all leaves that were seen, and the root of each full block of them."""

    seen: int = 0
    frontier: tuple[bytes, ...] = ()
    blocks: tuple[bytes, ...] = ()
    last: bytes = b""  # hash of the newest leaf

    @property
    def root(self) -> bytes:
        """Root of the tree of all that was seen."""
        return merkle.root_of(self.frontier)

    @property
    def pieces(self) -> int:
        """How many blocks there are, the last one perhaps not full."""
        return -(-self.seen // BLOCK)

    def taking(self, leaf_hashes: Sequence[bytes]) -> "Memory":
        """Return the memory with these leaves after the ones seen so far."""
        frontier, blocks = self.frontier, list[bytes]()
        for at, leaf_hash in enumerate(leaf_hashes, start=self.seen):
            frontier, completed = merkle.append(frontier, at, leaf_hash)
            blocks += [root for level, _, root in completed if level == LEVEL]
        last = leaf_hashes[-1] if leaf_hashes else self.last
        return Memory(self.seen + len(leaf_hashes), frontier, (*self.blocks, *blocks), last)

    def span(self, piece: int) -> tuple[int, int]:
        """Return where a block begins and where what was seen of it ends."""
        return piece * BLOCK, min((piece + 1) * BLOCK, self.seen)

    def knows(self, piece: int, node: merkle.Node) -> bool:
        """Whether this block, of which ``node`` gives the subtrees, is the one that was seen."""
        start, end = self.span(piece)
        if piece < len(self.blocks):
            return node(LEVEL, piece) == self.blocks[piece]
        return self._frontier(start, end, node) == self.frontier

    def knows_above(self, level: int, index: int, root: bytes) -> bool:
        """Whether this is the root of a subtree of several full blocks that were seen."""
        first, after = index << level - LEVEL, index + 1 << level - LEVEL
        return after <= len(self.blocks) and merkle.tree_root(self.blocks[first:after]) == root

    def root_at(self, size: int, node: merkle.Node) -> bytes:
        """Return the root of an earlier size; ``node`` gives the subtrees of its block, which is known."""
        return merkle.root_of(self._frontier((size - 1) // BLOCK * BLOCK, size, node))

    def _frontier(self, start: int, end: int, node: merkle.Node) -> tuple[bytes, ...]:
        """Return the frontier of ``end`` leaves, of which the last block begins at ``start``."""
        frontier: tuple[bytes, ...] = ()
        for at, root in enumerate(self.blocks[: start // BLOCK]):
            frontier, _ = merkle.append(frontier, at, root)  # roots of equal subtrees grow like leaves
        if end - start == BLOCK:
            return merkle.append(frontier, start // BLOCK, node(LEVEL, start // BLOCK))[0]
        for level in reversed(range(LEVEL)):
            if (end - start) >> level & 1:
                frontier, start = (*frontier, node(level, start >> level)), start + (1 << level)
        return frontier
