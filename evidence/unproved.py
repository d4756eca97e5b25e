"""What a verification did not show; a report always says so (docs/evidence-format.md §8)."""

from collections.abc import Iterator, Sequence

from evidence import bound
from evidence.anchors import Seen
from evidence.checks import Walk
from evidence.contents import Contents
from evidence.epochs import Epochs
from evidence.policy import Policy
from evidence.report import Unproved
from evidence.signed import Signatures
from evidence.verdict import Reach

_READING = ("data/01-", "data/02-", "data/03-", "data/04-", "data/05-", "data/exhibits/")


def trust(
    walk: Walk, signatures: Signatures, seen: Sequence[Seen], reaches: Sequence[Reach], policy: Policy | None
) -> Iterator[Unproved]:
    """Yield what keys and anchors leave open."""
    if policy is None:
        yield Unproved("not.anchored")
    for one in reaches:
        if one.cseq < len(walk.case):
            yield Unproved(f"not.reach.{one.what}", {"cseq": one.cseq, "records": len(walk.case)})
    if signatures.bare:
        yield Unproved("not.signed")
    elif policy is None:
        yield Unproved("not.key")
    if signatures.history and signatures.history[-1].isolation != "separate-host":
        yield Unproved(f"not.isolated.{signatures.history[-1].isolation}")
    for record in walk.index.kept.values():
        if record.kind == "key.compromised":
            yield Unproved("not.compromised", {"at": record.fields["at"][:10]})
    yield from _missed(walk)
    yield from _unchecked(seen)


def history(walk: Walk, found: Contents, epochs: Epochs) -> Iterator[Unproved]:
    """Yield what the records themselves leave open."""
    yield Unproved("not.true")
    yield Unproved("not.clock")
    yield Unproved("not.captured")
    for origin, told in sorted(epochs.started.items()):
        if told["lost"]["to"] is not None:
            yield Unproved("not.lost", {"origin": origin, **told["lost"]})
    for number in epochs.left_out():
        yield Unproved("not.epoch", {"number": number})
    if bound.HEADS not in found.members or walk.first is None:
        yield Unproved("not.heads")
    if walk.sandbox:
        yield Unproved("not.sandbox")


def reading(found: Contents, omitted: int) -> Iterator[Unproved]:
    """Yield what of the bundle is not held against any record."""
    if omitted:
        yield Unproved("not.omitted", {"count": omitted})
    yield Unproved("not.timeline")
    if any(name.startswith(_READING) for name in found.members.names("data/")):
        yield Unproved("not.documents")


def _missed(walk: Walk) -> Iterator[Unproved]:
    """Yield each service that was silent, from which day and on how many; a year of days is one line."""
    days: dict[str, list[str]] = {}
    for record in walk.index.kept.values():
        if record.kind == "anchor.missed":
            service = walk.index.told.get(record.id, {}).get("service")
            days.setdefault(service if isinstance(service, str) else "", []).append(record.fields["at"][:10])
    for service, silent in days.items():
        yield Unproved("not.missed", {"service": service, "at": silent[0], "count": len(silent)})


def _unchecked(seen: Sequence[Seen]) -> Iterator[Unproved]:
    # A year of daily anchors would be a year of lines: those that say the same are counted.
    groups: dict[tuple[str, str], list[Seen]] = {}
    for one in seen:
        if one.status == "present":
            groups.setdefault((one.service, one.words), []).append(one)
    for (service, words), alike in groups.items():
        values = {"service": service, "count": len(alike), **alike[0].values}
        yield Unproved(f"not.{words}", values)
