"""Who signed the log of a bundle, and that all signed notes in it tell of one history (§2.1, §7.2)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from evidence import bundle, contents, export_note, index, names, note
from evidence.archive import Members
from evidence.checkpoint import Checkpoint
from evidence.checks import Walk
from evidence.contents import Contents
from evidence.errors import CheckpointError, NoteError
from evidence.note import Key
from evidence.records import Record
from evidence.report import Finding

ISOLATIONS = frozenset({"same-user", "separate-user", "separate-host"})


@dataclass(frozen=True)
class KeyUse:
    """A log key, the record that told of it and its place, and how far its signer stood from us."""

    key: Key
    record: str
    place: int
    isolation: str


@dataclass(frozen=True)
class Signed:
    """A signed note of this log that holds: its bytes, what it is over, and which log keys signed it."""

    name: str
    data: bytes
    point: Checkpoint
    keys: tuple[Key, ...]


class Signatures:
    """The log's keys and the notes that they signed."""

    def __init__(self, walk: Walk, found: Contents) -> None:
        """Read the keys from the records, then every note."""
        self.findings: list[Finding] = []
        self.history: list[KeyUse] = []
        self._newest: dict[str, str] = {}  # vkey by origin, while the records are read
        for number in walk.system:
            record = walk.index.kept.get(walk.index.ids[number])
            if record is not None and record.kind == "key.rotated":
                self._rotate(record, walk.index.places[number], walk.index.told.get(record.id))
        self.keys = [use.key for use in self.history]
        self._successors = _successors(self.history)
        self.bare = b"\n\n" not in found.members.read(contents.CHECKPOINT)
        self.notes = list(self._notes(found.members))
        self.present = next((one for one in self.notes if one.name == contents.CHECKPOINT), None)
        self._check_present()
        self._check_rotations()

    @property
    def vkeys(self) -> list[str]:
        """The log's keys, oldest first."""
        return [use.key.vkey for use in self.history]

    def _rotate(self, record: Record, place: int, told: Mapping[str, Any] | None) -> None:
        origin = str(record.fields["log"])
        try:
            key = note.parse_vkey(str(told["new"])) if told else None
        except (KeyError, NoteError):
            key = None
        if told is None or key is None or key.name != origin or told.get("isolation") not in ISOLATIONS:
            self._tell(record.id, "signature.key")
        elif told.get("old") != self._newest.get(origin):
            self._tell(record.id, "signature.history")
        else:
            self._newest[origin] = key.vkey
            self.history.append(KeyUse(key, record.id, place, str(told.get("isolation"))))

    def _notes(self, members: Members) -> Iterator[Signed]:
        present = [] if self.bare else [contents.CHECKPOINT]
        for name in (*present, *members.names(names.CHECKPOINTS)):
            signed = self._note(name, members.read(name))
            if signed is not None:
                yield signed

    def _note(self, name: str, data: bytes) -> Signed | None:
        try:
            point, signers = note.opened_checkpoint(data, self.keys)
        except (NoteError, CheckpointError) as error:
            self._tell(None, "signature", name=name, why=str(error))
            return None
        stated = f"{names.CHECKPOINTS}{index.epoch(point.origin)}-{point.size}.note"
        if name not in (contents.CHECKPOINT, stated):
            self._tell(None, "signature.name", name=name)
        if all(self._is_retired(key, point) for key in signers):
            self._tell(None, "signature.retired", name=name)
        return Signed(name, data, point, signers)

    def _is_retired(self, key: Key, point: Checkpoint) -> bool:
        """Whether the log below this checkpoint tells of a newer key than this one."""
        after = self._successors.get(key) if key.name == point.origin else None
        return after is not None and after < point.size

    def _check_present(self) -> None:
        # A log that tells of keys was signed: somebody took the signatures off.
        if self.bare and self.history:
            self._tell(None, "signature.missing")

    def _check_rotations(self) -> None:
        by = signed_by(self.notes)
        for before, after in pairwise(self.history):
            if before.key.name == after.key.name and not by[before.key] & by[after.key]:
                self._tell(after.record, "signature.rotation")

    def _tell(self, record: str | None, words: str, **values: object) -> None:
        self.findings.append(Finding("signature", record, words, values))


def signed_by(notes: Iterable[Signed]) -> defaultdict[Key, set[str]]:
    """Return the names of the notes that each log key signed."""
    found = defaultdict[Key, set[str]](set)
    for one in notes:
        for key in one.keys:
            found[key].add(one.name)
    return found


def _successors(history: list[KeyUse]) -> dict[Key, int]:
    """Return for each key the least index at which its log tells of a newer one."""
    found: dict[Key, int] = {}
    least: dict[str, int] = {}
    for use in reversed(history):
        if use.key.name in least:
            found[use.key] = least[use.key.name]
        own = index.index_of(use.place)
        least[use.key.name] = min(own, least.get(use.key.name, own))
    return found


def check(found: Contents, signatures: Signatures) -> Iterator[Finding]:
    """Yield what is wrong with keys, signatures, export note and export number."""
    yield from signatures.findings
    point, case = found.checkpoint, found.case
    if point and case and case["export"] != export_note.number(case["case"], case["view"], point):
        yield Finding("export-number", None, "export-number")
    if signatures.bare and "export.note" in found.members:
        yield Finding("export-note", None, "export-note.unsigned")
    if not signatures.bare:
        yield from _files(found.members)
        yield from _export_note(found, signatures)


def _files(members: Members) -> Iterator[Finding]:
    for name in sorted(names.SIGNED - {"export.note"}):
        if name not in members:
            yield Finding("container", None, "container.missing", {"name": name})


def _export_note(found: Contents, signatures: Signatures) -> Iterator[Finding]:
    data = found.members.read("export.note")
    keys = signatures.present.keys if signatures.present else ()
    try:
        read, signers = note.opened(data, keys)
        stated = export_note.parse(read.text)
    except NoteError as error:
        yield Finding("export-note", None, "export-note", {"why": str(error)})
        return
    if len(read.signatures) != 1 or not signers:
        yield Finding("export-note", None, "export-note.signer")
    for name in _differing(stated, found):
        yield Finding("export-note", None, "export-note.differs", {"name": name})


def _differing(stated: export_note.ExportNote, found: Contents) -> list[str]:
    point = found.checkpoint
    right = {
        "number": found.case and found.case["export"],
        "origin": point and point.origin,
        "size": point and point.size,
        "sha256": bundle.digest(found.members, "tagmanifest-sha256.txt", "sha256"),
        "sha512": bundle.digest(found.members, "tagmanifest-sha512.txt", "sha512"),
    }
    return [name for name, value in right.items() if getattr(stated, name) != value]
