"""Follow the log: hash each new leaf's bytes oneself, and look again and again at those seen before."""

from collections.abc import Callable

from evidence import merkle
from scheduler.signer.blocks import Block, hash_of
from scheduler.signer.memory import BLOCK, Memory
from scheduler.signer.streams import Claim, Streams, Unchained, claim_of
from storage.tailing import Claimed, LeafSource, Leaves, Stored

BEHIND, CHANGED = "behind", "changed"


class Trouble(Exception):  # noqa: N818
    """The database is no continuation of what was seen: ``behind`` or ``changed``."""

    def __init__(self, kind: str, why: str) -> None:
        super().__init__(why)
        self.kind, self.why = kind, why


class Tail:
    """Reads one epoch of a database. ``choose`` picks a number below its argument, at random."""

    def __init__(self, source: LeafSource, origin: str, choose: Callable[[int], int]) -> None:
        self.source, self.origin, self._choose = source, origin, choose
        self._rolling = 0  # the next block of the round that looks at all of them
        self._suspected: Claimed | None = None  # the head row that already made us look at everything

    @property
    def epoch(self) -> int:
        """The number at the end of the origin."""
        return epoch_of(self.origin)

    def follow(self, memory: Memory, pieces: int) -> Memory:
        """Return the memory with all that is new, after looking again at so many older blocks.

        Raises Trouble, and storage.tailing.SourceAway when the database cannot be read now.
        """
        with self.source.opened() as leaves:
            self._must_be_there(leaves, memory)
            for piece in self._again(memory, pieces):
                self._must_be_known(leaves, memory, piece)
            grown = self._grown(leaves, memory)
            if self._suspicious(leaves.claimed(), grown):
                self._look_at_all(leaves, grown)
        return grown

    def check_all(self, memory: Memory) -> None:
        """Look at everything that was seen. Raises as ``follow`` does."""
        with self.source.opened() as leaves:
            self._must_be_there(leaves, memory)
            self._look_at_all(leaves, memory)

    def root_at(self, memory: Memory, size: int) -> bytes:
        """Return the root of a size that was seen, from leaves that are still those seen. Raises as above."""
        with self.source.opened() as leaves:
            return memory.root_at(size, self._must_be_known(leaves, memory, (size - 1) // BLOCK))

    def started(self) -> tuple[str | None, Claim | None]:
        """Return the origin that the database claims to be at, and what its first leaf says."""
        with self.source.opened() as leaves:
            claimed = leaves.claimed()
            first = [] if claimed is None else leaves.between(claimed.epoch, 0, 1)
        return claimed.origin if claimed else None, claim_of(first[0].leaf) if first else None

    def _must_be_there(self, leaves: Leaves, memory: Memory) -> None:
        count = leaves.count(self.epoch)
        if count < memory.seen:
            raise Trouble(
                BEHIND,
                f"the database holds {count} records of {self.origin}, the signer has read {memory.seen}",
            )
        newest = leaves.between(self.epoch, memory.seen - 1, memory.seen) if memory.seen else []
        if [hash_of(one) for one in newest] != [memory.last][: memory.seen]:
            self._look_at_all(leaves, memory)

    def _again(self, memory: Memory, pieces: int) -> list[int]:
        """Choose the blocks to look at again: the next ones of the round, and one at random."""
        if not memory.pieces:
            return []
        chosen = {self._choose(memory.pieces)}
        for _ in range(min(pieces, memory.pieces)):
            self._rolling = (self._rolling + 1) % memory.pieces
            chosen.add(self._rolling)
        return sorted(chosen)

    def _look_at_all(self, leaves: Leaves, memory: Memory) -> None:
        for piece in range(memory.pieces):
            self._must_be_known(leaves, memory, piece)

    def _must_be_known(self, leaves: Leaves, memory: Memory, piece: int) -> merkle.Node:
        """Return the subtrees of a block after making sure that it is the one that was seen."""
        start, end = memory.span(piece)
        block = Block(leaves, self.epoch, start, end)
        try:
            known = block.whole and memory.knows(piece, block.node)
        except LookupError:
            known = block.forgotten(memory)
        if not known:
            raise Trouble(
                CHANGED,
                f"among records {start} to {end - 1} of {self.origin} one is not what the signer read",
            )
        return block.node

    def _grown(self, leaves: Leaves, memory: Memory) -> Memory:
        while new := leaves.between(self.epoch, memory.seen, memory.seen + BLOCK):
            streams = Streams(leaves, self.epoch, memory.seen)
            for at, one in enumerate(new, start=memory.seen):
                self._must_be_chained(streams, one, self._must_be_ours(one, at))
            memory = memory.taking([merkle.leaf_hash(one.leaf) for one in new])
        return memory

    def _must_be_ours(self, leaf: Stored, expected: int) -> Claim:
        if leaf.index != expected or not leaf.leaf:
            raise Trouble(CHANGED, f"record {expected} of {self.origin} is missing or has no bytes")
        claim = claim_of(leaf.leaf)
        if claim is None or claim.log != self.origin:
            raise Trouble(CHANGED, f"record {expected} is no record of the log {self.origin}")
        return claim

    def _must_be_chained(self, streams: Streams, leaf: Stored, claim: Claim) -> None:
        try:
            streams.take(leaf, claim)
        except Unchained as error:
            raise Trouble(CHANGED, f"record {leaf.index} of {self.origin} {error}") from None

    def _suspicious(self, claimed: Claimed | None, memory: Memory) -> bool:
        """Whether the head row says something else than the leaves: no proof, but a reason to look."""
        honest = claimed and (claimed.size, claimed.frontier) == (memory.seen, memory.frontier)
        ended = claimed and claimed.epoch > self.epoch
        if honest or ended or claimed == self._suspected:
            return False
        self._suspected = claimed
        return True


def epoch_of(origin: str) -> int:
    """Return the number at the end of an origin."""
    return int(origin.rpartition("/")[2])
