"""Whether a new leaf continues its stream: one place is used once, and names the leaf before it (§2.2)."""

from dataclasses import dataclass
from json import loads

from evidence import merkle
from scheduler.signer.blocks import hash_of
from storage.log import ZEROS
from storage.tailing import Leaves, Stored

FIRST = (1, ZEROS)


class Unchained(Exception):  # noqa: N818
    """The leaf does not continue its stream; the message ends a sentence that names the leaf."""


@dataclass(frozen=True)
class Claim:
    """What a leaf says of its place, and which other things it refers to."""

    log: str
    stream: str
    cseq: int
    cprev: str
    refs: tuple[str, ...]


def claim_of(leaf: bytes) -> Claim | None:
    """Return what a leaf says; None when it cannot be read."""
    try:
        read = loads(leaf)
        found = Claim(read["log"], read["stream"], read["cseq"], read["cprev"], tuple(read["refs"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    texts = (found.log, found.stream, found.cprev, *found.refs)
    return found if type(found.cseq) is int and all(isinstance(one, str) for one in texts) else None


class Streams:
    """The streams of the leaves that are read together; of earlier ones the database is asked.

    Which older leaf stands at a place of a stream only the database's columns tell:
    each is compared with the leaf's own bytes, and the uniqueness of the two keeps a
    place from being claimed twice. A stream that begins in an epoch after the first
    may continue what that epoch no longer holds: the end of an epoch is named elsewhere.
    """

    def __init__(self, leaves: Leaves, epoch: int, below: int) -> None:
        self._leaves, self._epoch, self._below = leaves, epoch, below
        self._newest: dict[str, tuple[int, str]] = {}

    def take(self, leaf: Stored, claim: Claim) -> None:
        """Take the next leaf. Raises Unchained."""
        if (leaf.stream, leaf.cseq) != (claim.stream, claim.cseq):
            raise Unchained("is filed at another place of its stream than it says itself")
        if claim.stream in self._newest:
            cseq, before = self._newest[claim.stream]
            if (claim.cseq, claim.cprev) != (cseq + 1, before):
                raise Unchained(_SAID)
        else:
            self._must_continue(claim)
        self._newest[claim.stream] = claim.cseq, merkle.leaf_hash(leaf.leaf).hex()

    def _must_continue(self, claim: Claim) -> None:
        places = {claim.cseq - 1, claim.cseq}
        found = self._leaves.of_stream(self._epoch, self._below, claim.stream, places)
        if [one.cseq for one in found] == [claim.cseq - 1]:
            right = _true_hash(found[0]) in (None, claim.cprev)
        else:
            right = not found and self._may_begin(claim)
        if not right:
            raise Unchained(_SAID)

    def _may_begin(self, claim: Claim) -> bool:
        if self._leaves.has_stream(self._epoch, self._below, claim.stream):
            return False
        return self._epoch > 1 or (claim.cseq, claim.cprev) == FIRST


_SAID = "does not continue its stream: its place there was used before, or another leaf stands before it"


def _true_hash(leaf: Stored) -> str | None:
    """Return the hash of an older leaf; None where an erasure has left nothing to compare."""
    claim = claim_of(leaf.leaf) if leaf.leaf else None
    if leaf.leaf and (claim is None or (claim.stream, claim.cseq) != (leaf.stream, leaf.cseq)):
        return ""
    return hash_of(leaf).hex() or None
