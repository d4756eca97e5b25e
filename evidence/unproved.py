"""What a verification did not show; a report always says so (docs/evidence-format.md §8)."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from evidence import bound, index
from evidence.anchors import Seen
from evidence.checks import Walk
from evidence.contents import Contents
from evidence.epochs import Epochs
from evidence.index import UNPLACED
from evidence.policy import Policy
from evidence.report import Unproved
from evidence.signed import Signatures
from evidence.tables import Vouched
from evidence.verdict import Reach

_READING = ("data/01-", "data/02-", "data/03-", "data/04-", "data/exhibits/")


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
    for first, last in epochs.left_out():
        yield Unproved("not.epoch", {"from": first, "to": last})
    yield from _heads(walk, found)
    yield from _system(walk)
    if walk.sandbox:
        yield Unproved("not.sandbox")


def case(walk: Walk, found: Contents, vouched: Vouched) -> Iterator[Unproved]:
    """Yield what no disclosed record of the case vouches for."""
    if found.case is not None and not vouched.numbered:
        yield Unproved("not.case_no")
    erasures = [record for record in walk.index.kept.values() if record.kind == "erase.done"]
    closed = sum(record.id not in walk.index.told for record in erasures)
    if closed:
        yield Unproved("not.erasure", {"count": closed})


def reading(found: Contents, omissions: Sequence[Mapping[str, str]]) -> Iterator[Unproved]:
    """Yield what of the bundle is not held against any record."""
    if omissions:
        named = Counter(one["name"] for one in omissions)
        values = {"count": len(omissions), "texts": named["text"], "facts": named["facts"]}
        yield Unproved("not.omitted", values)
    yield Unproved("not.timeline")
    if any(name.startswith(_READING) for name in found.members.names("data/")):
        yield Unproved("not.documents")


def _heads(walk: Walk, found: Contents) -> Iterator[Unproved]:
    """Yield how far heads bind: records behind them are counted by nobody."""
    number, point = bound.heads_shown(walk), found.checkpoint
    if number is None:
        yield Unproved("not.heads")
        return
    place = walk.index.places[number]
    if place == UNPLACED or point is None or place == index.place(point.origin, point.size - 1):
        return
    yield Unproved("not.heads.after", {"index": index.index_of(place), "size": point.size})


def _system(walk: Walk) -> Iterator[Unproved]:
    """Yield how many of the system's records up to the last one shown are not here."""
    shown = {walk.index.cseqs[number] for number in walk.system}
    missing = max(shown, default=0) - len(shown)
    if missing:
        yield Unproved("not.system", {"count": missing})


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
