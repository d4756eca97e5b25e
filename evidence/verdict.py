"""Whether a bundle is anchored as the reader's own policy asks, and up to which record (§8)."""

from collections.abc import Iterator
from dataclasses import dataclass

from evidence import index
from evidence.anchors import Seen
from evidence.checks import Walk
from evidence.policy import Policy
from evidence.report import Finding
from evidence.signed import Signed


@dataclass(frozen=True)
class Reach:
    """Up to which record of the case one kind of trust goes: ``log-key``, ``witness`` or ``anchor``."""

    what: str
    cseq: int


def check(
    walk: Walk, notes: list[Signed], seen: list[Seen], policy: Policy
) -> tuple[list[Reach], list[Finding]]:
    """Return how far each thing that the policy asks for reaches, and what of it is not there."""
    asked = {"log-key": _signed(notes, policy)}
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


def _signed(notes: list[Signed], policy: Policy) -> int | None:
    return max((_end(one) for one in notes if set(one.keys) & set(policy.log_keys)), default=None)


def _cosigned(notes: list[Signed], seen: list[Seen], policy: Policy) -> int | None:
    """Return the end of the longest note that the quorum cosigned; witnesses may have seen it at any time."""
    ends = []
    for one in notes:
        cosigners = {two.witness for two in seen if two.point == one.point and two.witness is not None}
        if policy.satisfied(cosigners):
            ends.append(_end(one))
    return max(ends, default=None)


def _end(one: Signed) -> int:
    return index.place(one.point.origin, one.point.size)


def _cseq(walk: Walk, end: int) -> int:
    return max(
        (walk.index.cseqs[number] for number in walk.case if walk.index.places[number] < end), default=0
    )
