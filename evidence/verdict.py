"""Whether a bundle is anchored as the reader's own policy asks, and up to which record (§8)."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from evidence import index, signed
from evidence.anchors import Seen
from evidence.checkpoint import Checkpoint
from evidence.checks import Walk
from evidence.note import Key
from evidence.policy import Policy
from evidence.report import Finding
from evidence.signed import Signatures, Signed


@dataclass(frozen=True)
class Reach:
    """Up to which record of the case one kind of trust goes: ``log-key``, ``witness`` or ``anchor``."""

    what: str
    cseq: int


def check(
    walk: Walk, signatures: Signatures, notes: list[Signed], seen: list[Seen], policy: Policy
) -> tuple[list[Reach], list[Finding]]:
    """Return how far each thing that the policy asks for reaches, and what of it is not there.

    ``notes`` are the signed notes that are consistent with the log.
    """
    asked = {"log-key": _signed(signatures, notes, policy)}
    if policy.quorum is not None:
        asked["witness"] = _cosigned(notes, seen, policy)
    if policy.tsas:
        ends = [one.end for one in seen if one.kind == "tsa" and one.status == "checked"]
        asked["anchor"] = max(ends, default=None)
    reaches = [Reach(what, _cseq(walk, end)) for what, end in asked.items() if end is not None]
    return reaches, list(_unmet(asked, reaches))


def _unmet(asked: dict[str, int | None], reaches: list[Reach]) -> Iterator[Finding]:
    # Whoever saw the log only before the case began says nothing about it: all of it may be new.
    short = {one.what for one in reaches if one.cseq == 0}
    for what, end in asked.items():
        if end is None:
            yield Finding(what, None, f"policy.{what}")
        elif what in short:
            yield Finding(what, None, f"policy.before.{what}")


def _signed(signatures: Signatures, notes: list[Signed], policy: Policy) -> int | None:
    """Return the end of the present checkpoint when a key signed it that the policy leads to.

    A key of an earlier epoch says nothing here: whoever can restore a backup can begin an epoch.
    """
    present = next((one for one in notes if one is signatures.present), None)
    if present is None:
        return None
    trusted = _handed_on(signatures, notes, policy, present.point.origin)
    return _end(present) if trusted & set(present.keys) else None


def _handed_on(signatures: Signatures, notes: list[Signed], policy: Policy, origin: str) -> set[Key]:
    """Return the policy's log keys, and those to which they handed over by a note that both signed."""
    trusted = set(policy.log_keys)
    uses = [use.key for use in signatures.history if use.key.name == origin]
    handed = signed.signed_by(one for one in notes if one.point.origin == origin)
    for before, after in pairwise(uses):
        if before in trusted and handed[before] & handed[after]:
            trusted.add(after)
    return trusted


def _cosigned(notes: list[Signed], seen: list[Seen], policy: Policy) -> int | None:
    """Return the end of the longest note that the quorum cosigned; witnesses may have seen it at any time."""
    cosigners = defaultdict[Checkpoint, set[Key]](set)
    for two in seen:
        if two.point is not None and two.witness is not None:
            cosigners[two.point].add(two.witness)
    ends = [_end(one) for one in notes if policy.satisfied(cosigners.get(one.point, set()))]
    return max(ends, default=None)


def _end(one: Signed) -> int:
    return index.place(one.point.origin, one.point.size)


def _cseq(walk: Walk, end: int) -> int:
    return max(
        (walk.index.cseqs[number] for number in walk.case if walk.index.places[number] < end), default=0
    )
