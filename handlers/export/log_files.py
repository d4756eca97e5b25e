"""The files of a bundle that speak of the log itself: system records, proofs, notes, keys and anchors."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from evidence import compose, records, rows
from evidence.bag import Bag
from evidence.contents import Consistency, Ended, Proof
from evidence.errors import FactsError, ProofError, RecordError
from handlers.export import views
from handlers.export.disclose import Discloser
from handlers.export.outside import Anchor, read_anchor
from handlers.export.point import Point
from storage import checkpoints, source
from storage import export_source as reading
from storage.book import Reader
from storage.epochs import Epoch, epochs
from storage.export_paths import Paths
from storage.export_source import Opened
from storage.log import place
from storage.source import Leaf
from storage.vault import Opening

_ALWAYS = ("log.started", "epoch.started", "key.rotated", "key.compromised")
_SINCE = ("anchor.received", "anchor.missed", "selfcheck.done")


@dataclass
class System:
    """What the system's records tell of the log, up to the checkpoint."""

    places: list[tuple[int, str]] = field(default_factory=list)
    told: list[tuple[str, str, Mapping[str, Any]]] = field(default_factory=list)  # kind, at, what it tells
    anchors: list[Anchor] = field(default_factory=list)
    vkeys: list[str] = field(default_factory=list)
    mailed: bool = False  # whether a note was ever sent to a mailbox
    started: dict[int, str] = field(default_factory=dict)  # epoch -> id of the epoch.started that began it


def write_system(view: Reader, bag: Bag, discloser: Discloser, point: Point, first: int) -> System:
    """Write system.jsonl with the records of §7.3; ``first`` is the position of the case's first record."""
    found = System(mailed=bool(reading.leaves_of_kind(view.connection, ("anchor.sent",), point.later[0])))
    known = {one.origin: one.number for one in epochs(view.connection)}
    with bag.open("data/system.jsonl") as file:
        for one in reading.opened(view, _chosen(view, point.later[0], first)):
            found.places.append((one.leaf.position, one.leaf.id))
            file.write(compose.leaf_line(one.leaf.leaf))
            for name, part in one.parts.items():
                discloser.part(one.leaf.id, name, part, views.withheld_of_system(one.leaf.kind))
            _learn(found, one, known)
    return found


def _chosen(view: Reader, below: int, first: int) -> list[Leaf]:
    always = reading.leaves_of_kind(view.connection, _ALWAYS, below)
    firsts = [one for one in reading.first_leaves(view.connection) if one.position < below]
    since = _since(reading.leaves_of_kind(view.connection, ("anchor.received",), below), first)
    start = since[0].position if since else first
    missed = reading.leaves_of_kind(view.connection, ("anchor.missed",), below)
    checks = _since(reading.leaves_of_kind(view.connection, ("selfcheck.done",), below), first)
    made = reading.leaves_of_kind(view.connection, ("heads.made",), below)[-1:]
    chosen = [*always, *firsts, *since, *(one for one in missed if one.position >= start), *checks, *made]
    whole = {one.position: one for one in chosen if one.leaf and one.stream == "system"}
    return [whole[position] for position in sorted(whole)]


def _since(leaves: list[Leaf], first: int) -> list[Leaf]:
    """Return those from the last one before a position on."""
    before = bisect_right(leaves, first, key=lambda leaf: leaf.position)
    return leaves[max(0, before - 1) :]


def _learn(found: System, one: Opened, known: Mapping[str, int]) -> None:
    opened = {name: part.data for name, part in one.parts.items() if isinstance(part, Opening)}
    try:
        record, told = records.read(one.leaf.leaf), rows.parse_facts(opened["facts"], one.leaf.id).told
    except (RecordError, FactsError, KeyError):
        return  # whoever verifies it will say so
    found.told.append((record.kind, str(record.fields["at"]), told))
    if record.kind == "anchor.received":
        anchor = read_anchor(record.id, one.leaf.position, told, known, opened)
        found.anchors += [anchor] if anchor else []
    if record.kind == "key.rotated" and told.get("new") not in found.vkeys:
        found.vkeys.append(str(told.get("new")))
    if record.kind == "epoch.started":
        found.started[one.leaf.epoch] = record.id


def write_proofs(view: Reader, bag: Bag, point: Point, places: Iterable[tuple[int, str]]) -> None:
    """Write proofs.json, and epoch-<n>.json for records of ended epochs."""
    ordered = sorted(set(places))
    size = point.checkpoint.size
    with bag.open("data/log/proofs.json") as file:
        for piece in compose.proofs(_proofs(view, point.epoch, size, ordered), size):
            file.write(piece)


def write_epochs(
    view: Reader, bag: Bag, point: Point, places: Iterable[tuple[int, str]], system: System
) -> None:
    """Write epoch-<n>.json for the records of each ended epoch."""
    ordered = sorted(set(places))
    for epoch in _ended(view, point):
        if any(place(position)[0] == epoch.number for position, _ in ordered):
            ended = Ended(epoch.origin, epoch.root, epoch.size, system.started.get(epoch.number + 1, ""))
            with bag.open(compose.epoch_name(epoch.number)) as file:
                listed = _proofs(view, epoch.number, epoch.size, ordered)
                for piece in compose.epoch_proofs(listed, ended):
                    file.write(piece)


def _ended(view: Reader, point: Point) -> list[Epoch]:
    return [one for one in epochs(view.connection) if one.number < point.epoch]


def _proofs(view: Reader, epoch: int, size: int, ordered: list[tuple[int, str]]) -> Iterator[Proof]:
    paths = Paths(view.connection, epoch, size)
    for position, record_id in ordered:
        number, index = place(position)
        proof = paths.proof(record_id, index) if number == epoch else None
        if proof is not None:
            yield proof


def write_notes(view: Reader, bag: Bag, point: Point, system: System) -> None:
    """Write the checkpoint, and for a signed log its anchored notes, their consistency and the keys."""
    bag.add("data/log/checkpoint.txt", point.note or point.checkpoint.body())
    if point.note is None:
        return
    notes = _notes(view, point, system)
    for (epoch, size), note in sorted(notes.items()):
        bag.add(compose.note_name(epoch, size), note)
    with bag.open("data/log/consistency.json") as file:
        for piece in compose.consistency(_consistent(view, point, sorted(notes))):
            file.write(piece)
    bag.add("data/log/keys.txt", compose.keys_document(system.vkeys))
    witnesses, services = (
        {one.service for one in system.anchors if one.kind == kind} for kind in ("witness", "tsa")
    )
    bag.add("data/log/policy.txt", compose.policy_document(system.vkeys, witnesses, services))
    for anchor in system.anchors:
        bag.add(compose.anchor_name(place(anchor.position)[0], anchor.index, anchor.kind), anchor.token)


def _notes(view: Reader, point: Point, system: System) -> dict[tuple[int, int], bytes]:
    found = {(one.epoch, one.size): one.note for one in system.anchors}
    for epoch in epochs(view.connection):
        limit = point.checkpoint.size if epoch.number == point.epoch else epoch.size
        for kept in checkpoints.with_two_keys(view.connection, epoch.origin):
            if kept.size <= limit:
                found.setdefault((epoch.number, kept.size), kept.note)
    return found


def _consistent(view: Reader, point: Point, notes: Iterable[tuple[int, int]]) -> Iterator[Consistency]:
    known = {one.number: one for one in epochs(view.connection)}
    for epoch, size in notes:
        to = point.checkpoint.size if epoch == point.epoch else known[epoch].size
        if 0 < size < to:
            try:
                path = source.consistency_of(view.connection, size, to, epoch)
            except ProofError:
                continue  # the verifier misses it
            yield Consistency(known[epoch].origin, size, to, path)
