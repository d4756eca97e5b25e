"""Ended epochs, and that every signed note tells of the beginning of the tree that is shown (§2.4, §7.1)."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from evidence import fields, index, merkle, note
from evidence.anchors import Loose
from evidence.checkpoint import Checkpoint
from evidence.checks import Walk
from evidence.contents import Contents
from evidence.errors import CheckpointError, NoteError, ProofError
from evidence.inclusion import Tree
from evidence.records import Record
from evidence.report import Finding
from evidence.signed import Signatures, Signed

CONSISTENCY = "data/log/consistency.json"

_HEX64 = fields.matches(fields.HEX64)
_BEFORE = {
    "note": lambda value: value is None or isinstance(value, str),
    "origin": fields.matches(fields.ORIGIN),
    "root": _HEX64,
    "size": fields.counted(0),
}
_SPAN = {name: lambda value: value is None or fields.counted(0)(value) for name in ("from", "to")}
_STARTED = {"before": fields.shaped(_BEFORE), "lost": fields.shaped(_SPAN), "reason": lambda value: True}
_STEP = {
    "from": fields.counted(1),
    "origin": fields.matches(fields.ORIGIN),
    "path": fields.listed(fields.counted(0)),
    "to": fields.counted(1),
}
_STEPS = {"hashes": fields.listed(_HEX64), "proofs": fields.listed(fields.shaped(_STEP))}


class Epochs:
    """The beginnings of the epochs that the system's records tell of."""

    def __init__(self, walk: Walk) -> None:
        """Find the first record of each epoch."""
        self.first = {
            walk.index.logs[number]: number
            for number in walk.system
            if index.index_of(walk.index.places[number]) == 0
        }
        self.started: dict[str, Mapping[str, Any]] = {}  # what epoch.started tells, by the ended origin
        self.records: dict[str, Record] = {}  # the epoch.started records, by the ended origin
        self.malformed: list[Finding] = []
        for number in walk.system:
            if walk.index.kinds[number] == "epoch.started":
                why = self._start(walk, number)
                if why is not None:
                    self.malformed.append(Finding("epoch", walk.index.ids[number], why))

    def _start(self, walk: Walk, number: int) -> str | None:
        """Take in the beginning of an epoch; return the words for why a record is none."""
        id, log = walk.index.ids[number], walk.index.logs[number]
        told = walk.index.told.get(id)
        if told is None or fields.misfit(told, _STARTED) is not None:
            return "epoch.form"
        origin = told["before"]["origin"]
        if index.index_of(walk.index.places[number]) != 0:
            return "epoch.late"
        if not _comes_before(origin, log):
            return "epoch.before"
        if origin in self.started:
            return "epoch.twice"
        self.started[origin] = told
        self.records[origin] = walk.index.kept[id]
        return None

    def left_out(self) -> list[tuple[int, int]]:
        """Return first and last number of each run of epochs of which nothing is here, before the last."""
        known = sorted({index.epoch(origin) for origin in self.first})
        return [(left + 1, right - 1) for left, right in pairwise([0, *known]) if right - left > 1]

    def lost_to(self, origin: str) -> int:
        """Return below which size a note of an ended epoch may cover leaves that the restored log lacks."""
        told = self.started.get(origin)
        return int(told["lost"]["to"] or 0) if told else 0


def check(walk: Walk, trees: list[Tree], epochs: Epochs, signatures: Signatures) -> Iterator[Finding]:
    """Yield what is wrong with the chain of epochs."""
    yield from epochs.malformed
    origins = [tree.origin for tree in trees]
    for tree, follows in zip(trees, [*origins[1:], ""], strict=False):  # no tree at all: nothing follows
        first = epochs.first.get(tree.origin)
        expected = "log.started" if index.epoch(tree.origin) == 1 else "epoch.started"
        if first is None or walk.index.kinds[first] != expected:
            yield Finding("epoch", None, "epoch.first", {"origin": tree.origin})
        if tree.started is not None:
            yield from _ended(tree, follows, epochs, signatures)
    numbers = [index.epoch(origin) for origin in origins]
    # A number may be left out: its epoch was lost with a backup older than its beginning.
    rising = numbers[:1] == [1] and all(later > earlier for earlier, later in pairwise(numbers))
    if trees and (not rising or trees[-1].started is not None):
        yield Finding("epoch", None, "epoch.chain")


def _ended(tree: Tree, follows: str, epochs: Epochs, signatures: Signatures) -> Iterator[Finding]:
    told, record = epochs.started.get(tree.origin), epochs.records.get(tree.origin)
    if told is None or record is None or record.id != tree.started:
        yield Finding("epoch", tree.started, "epoch.unstarted", {"origin": tree.origin})
        return
    before = told["before"]
    if (before["size"], before["root"]) != (tree.size, tree.root.hex()):
        yield Finding("epoch", record.id, "epoch.differs", {"origin": tree.origin})
    if record.fields["log"] != follows:
        yield Finding("epoch", record.id, "epoch.chain")
    if not _is_last(before, told["lost"], signatures):
        yield Finding("epoch", record.id, "epoch.lost")


def _is_last(before: Mapping[str, Any], lost: Mapping[str, Any], signatures: Signatures) -> bool:
    """Whether the last note that anybody held is signed, and what is lost is what it covers and we lack."""
    if before["note"] is None:
        return lost["from"] is None and lost["to"] is None
    try:
        point, _ = note.opened_checkpoint(before["note"].encode(), signatures.keys)
    except (NoteError, CheckpointError):
        return False
    span = (before["size"], point.size) if point.size > before["size"] else (None, None)
    return point.origin == before["origin"] and (lost["from"], lost["to"]) == span


class Steps:
    """The consistency proofs of a bundle, by origin and size."""

    def __init__(self, found: Contents) -> None:
        """Read consistency.json, where there is one."""
        read = found.document(CONSISTENCY, fields.shaped(_STEPS)) if CONSISTENCY in found.members else None
        hashes = read["hashes"] if read else []
        listed = read["proofs"] if read else []
        self.lean = _are_lean(hashes, listed)
        self.paths: dict[tuple[str, int, int], list[bytes]] = {}
        self.order = [(index.epoch(one["origin"]), one["from"]) for one in listed]
        for one in listed if self.lean else []:
            path = [bytes.fromhex(hashes[number]) for number in one["path"]]
            self.paths[one["origin"], one["from"], one["to"]] = path


def consistent(
    trees: list[Tree], epochs: Epochs, signatures: Signatures, steps: Steps
) -> tuple[list[Signed], list[Finding]]:
    """Return the notes that tell of the beginning of a tree shown here, and what is wrong with the others."""
    shown = {tree.origin: Checkpoint(tree.origin, tree.size, tree.root) for tree in trees}
    good, findings, used = [], [], set()
    for one in signatures.notes:
        target = shown.get(one.point.origin)
        if target is not None and target.size < one.point.size <= epochs.lost_to(one.point.origin):
            continue  # it covers what was lost, as the epoch.started says
        used.add((one.point.origin, one.point.size, target.size if target else 0))
        why = _why_not(one.point, target, steps)
        if why is None:
            good.append(one)
        else:
            findings.append(Finding("consistency", None, "consistency", {"name": one.name, "why": why}))
    if not steps.lean or steps.paths.keys() - used or steps.order != sorted(set(steps.order)):
        findings.append(Finding("consistency", None, "consistency.spare"))
    return good, findings


def forks(loose: list[Loose], trees: list[Tree], signatures: Signatures, steps: Steps) -> Iterator[Finding]:
    """Yield each anchored note that the log's key signed, but with which the tree shown here does not begin.

    A note beyond the tree's end is not judged: what it covers may be lost, or came later.
    """
    shown = {tree.origin: Checkpoint(tree.origin, tree.size, tree.root) for tree in trees}
    for one in loose:
        try:
            point, _ = note.opened_checkpoint(one.data, signatures.keys)
        except (NoteError, CheckpointError):
            continue  # nothing that our keys signed: the anchor is told as failed
        target = shown.get(point.origin)
        why = _why_not(point, target, steps) if target is not None and point.size <= target.size else None
        if why is not None:
            yield Finding("consistency", one.record, "consistency.anchored", {"why": why})


def _comes_before(origin: str, log: str) -> bool:
    name, _, number = log.rpartition("/")
    return origin.rpartition("/")[0] == name and index.epoch(origin) < int(number)


def _why_not(point: Checkpoint, target: Checkpoint | None, steps: Steps) -> str | None:
    if target is None:
        return "no tree of this log is shown"
    if point.size == target.size:
        return None if point.root == target.root else "another root at the same size"
    path = steps.paths.get((point.origin, point.size, target.size))
    if path is None:
        return "no proof of consistency"
    try:
        merkle.verify_consistency(point.size, point.root, target.size, target.root, path)
    except ProofError as error:
        return str(error)
    return None


def _are_lean(hashes: list[str], listed: list[Mapping[str, Any]]) -> bool:
    used = {entry for one in listed for entry in one["path"]}
    return used == set(range(len(hashes))) and len(set(hashes)) == len(hashes)
