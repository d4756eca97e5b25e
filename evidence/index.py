"""What is kept in memory of every record in a bundle: a few hundred bytes each, never the leaf (§8)."""

from array import array
from collections.abc import Iterator, Mapping
from sys import intern
from typing import Any

from evidence.records import Record

UNPLACED = -1
ERASED = "erased"  # the kind of a record whose leaf is gone

BITS = 40  # of a place below its epoch: no log holds 2^40 leaves
_OTHERS = frozenset({"custody.exported", "custody.handed_over", "erase.done"})


class Index:
    """The records of a bundle, numbered as they are read."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}  # by id; the first where two bear one
        self.twice: list[str] = []  # ids that two records bear
        self.ids: list[str] = []
        self.kinds: list[str] = []
        self.logs: list[str] = []  # origins; of an erased leaf nothing, until its proof tells
        self.cseqs = array("q")
        self.places = array("q")  # in the log, over all epochs, as the proofs say
        self.kept: dict[str, Record] = {}  # the system's; of the case's, those of custody and erasure
        self.told: dict[str, Mapping[str, Any]] = {}  # what the facts of kept records tell
        self.parts = Parts()
        self._hashes = bytearray()

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, record: Record) -> int:
        """Take a record in and return its number."""
        if record.fields["stream"] == "system" or record.kind in _OTHERS:
            self.kept.setdefault(record.id, record)
        self.parts.add(record.parts)
        return self._add(record.id, record.kind, record.fields["log"], record.fields["cseq"], record.hash)

    def add_erased(self, id: str, cseq: int, leaf_hash: bytes) -> int:
        """Take in a record of the case whose leaf was erased."""
        self.parts.add({})
        return self._add(id, ERASED, "", cseq, leaf_hash)

    def hash(self, number: int) -> bytes:
        """Return a record's leaf hash."""
        return bytes(self._hashes[32 * number : 32 * number + 32])

    def _add(self, id: str, kind: str, log: str, cseq: int, leaf_hash: bytes) -> int:
        number = len(self.ids)
        if self.numbers.setdefault(id, number) != number:
            self.twice.append(id)
        self.ids.append(id)
        self.kinds.append(intern(kind))
        self.logs.append(intern(log))
        self.cseqs.append(cseq)
        self.places.append(UNPLACED)
        self._hashes += leaf_hash
        return number


class Parts:
    """The parts of all records, each with a slot: its commitment, and how often it is opened or left out."""

    def __init__(self) -> None:
        self._names: list[tuple[str, ...]] = []  # by record number
        self._first = array("q")  # slot of a record's first part, by record number
        self._commits = bytearray()
        self._shapes: dict[tuple[str, ...], tuple[str, ...]] = {}  # few differ, so equal ones are kept once
        self.opened = bytearray()
        self.omitted = bytearray()

    def add(self, parts: Mapping[str, str]) -> None:
        """Take in the next record's parts: commitments in hex by name."""
        shape = tuple(parts)
        self._names.append(self._shapes.setdefault(shape, shape))
        self._first.append(len(self.opened))
        self._commits += bytes.fromhex("".join(parts.values()))
        self.opened += bytes(len(parts))
        self.omitted += bytes(len(parts))

    def slot(self, number: int, name: str) -> int | None:
        """Return the slot of a record's part, None when it has none of this name."""
        names = self._names[number]
        return self._first[number] + names.index(name) if name in names else None

    def commit(self, slot: int) -> str:
        """Return a part's commitment in hex."""
        return self._commits[32 * slot : 32 * slot + 32].hex()

    def of(self, number: int) -> Iterator[tuple[str, int]]:
        """Yield the names and slots of a record's parts."""
        return zip(self._names[number], range(self._first[number], len(self.opened)), strict=False)

    def commits(self) -> set[bytes]:
        """Return every commitment."""
        return {bytes(self._commits[at : at + 32]) for at in range(0, len(self._commits), 32)}


def place(origin: str, index: int) -> int:
    """Return where a leaf stands over all epochs: those of a later epoch stand behind."""
    return (epoch(origin) << BITS) + min(index, (1 << BITS) - 1)


def index_of(place: int) -> int:
    """Return the index in its own log of what stands at this place."""
    return place & (1 << BITS) - 1


def epoch(origin: str) -> int:
    """Return the epoch of a log."""
    return int(origin.rpartition("/")[2])
