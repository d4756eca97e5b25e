"""What stands in a bundle's files, read strictly; whatever is not in its form becomes a finding (§7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evidence import canonical, checkpoint, fields, note, records, rows
from evidence.archive import Members
from evidence.checkpoint import Checkpoint
from evidence.errors import CanonicalError, CheckpointError, NoteError, RecordError
from evidence.records import Record
from evidence.report import Finding
from evidence.rows import Row

RECORDS, CITED, SYSTEM = "data/records.jsonl", "data/cited.jsonl", "data/system.jsonl"
CHECKPOINT = "data/log/checkpoint.txt"
VIEWS = frozenset({"full", "minimised"})

_HEX64, _ID7 = fields.matches(fields.HEX64), fields.matches(fields.UUID7)
_NAME = fields.matches(fields.PART_NAME)
_ORIGIN = fields.matches(fields.ORIGIN)
_CODE = "[A-Z2-7]{4}"

_CASE = {
    "case": fields.matches(fields.UUID),
    "case_no": fields.is_text,
    "checkpoint": fields.counted(0),
    "export": fields.matches(f"{_CODE}-{_CODE}-{_CODE}-{_CODE}"),
    "format": lambda value: type(value) is int and value == 1,
    "origin": fields.matches(fields.ORIGIN),
    "view": fields.among(VIEWS),
}
_ERASED = {"cseq": fields.counted(1), "hash": _HEX64, "record": _ID7}
_OPENING = {"commit": _HEX64, "k_commit": _HEX64, "name": _NAME, "record": _ID7}
_ROW = {"columns": lambda _: True, "id": fields.is_text, "record": _ID7, "table": fields.is_text}
_OMISSION = {"name": _NAME, "reason": fields.is_text, "record": _ID7}
_COMPLETENESS = {
    "counts": lambda value: isinstance(value, dict) and all(map(fields.counted(1), value.values())),
    "first": fields.counted(1),
    "last": fields.counted(0),
    "omitted": fields.listed(fields.shaped(_OMISSION)),
    "stream": fields.matches(fields.STREAM),
}


@dataclass(frozen=True)
class Opening:
    """The disclosure of one part of one record: ``commit`` and ``k_commit`` in hex."""

    record: str
    name: str
    commit: str
    k_commit: str


@dataclass(frozen=True)
class Omission:
    """A part that is not disclosed, and why (``erased`` is a reason that verifiers know)."""

    record: str
    name: str
    reason: str


@dataclass(frozen=True)
class Proof:
    """Where a record stands in the log, and the path that shows it, lowest sibling first."""

    record: str
    index: int
    path: tuple[bytes, ...]


@dataclass(frozen=True)
class Consistency:
    """A path that shows that the tree of ``size`` leaves of an epoch is the beginning of that of ``to``."""

    origin: str
    size: int
    to: int
    path: tuple[bytes, ...]


@dataclass(frozen=True)
class Ended:
    """The tree of an ended epoch, and the id of the epoch.started that came after it."""

    origin: str
    root: bytes
    size: int
    started: str


@dataclass(frozen=True)
class Erased:
    """A record of the case whose leaf was erased: only its number, its hash and its id are left."""

    cseq: int
    hash: bytes
    record: str


class Contents:
    """The files of a bundle. What is not in its form reads as absent and adds to ``findings``."""

    def __init__(self, members: Members) -> None:
        """Read what is short at once; the rest is read when it is asked for."""
        self.members = members
        self.findings: list[Finding] = []
        self.case = self.document("data/case.json", fields.shaped(_CASE))
        self.checkpoint = self._checkpoint()
        self.erased = [_erased(one) for one in self._lines("data/erased.jsonl", _ERASED)]

    @property
    def stream(self) -> str | None:
        """The case's stream, where case.json could be read."""
        return f"case:{self.case['case']}" if self.case else None

    @property
    def all_records(self) -> Iterator[Record]:
        """The records of the case, those that it cites and those of the system."""
        for name in (RECORDS, CITED, SYSTEM):
            yield from self.leaves(name)

    def leaves(self, name: str) -> Iterator[Record]:
        """Yield the records of a file, line by line."""
        for number, line in self._numbered(name):
            try:
                yield records.read(line)
            except RecordError as error:
                self._tell("leaf-form", "leaf-form", name=name, line=number, why=str(error))

    def openings(self) -> Iterator[Opening]:
        """Yield the lines of openings.jsonl."""
        return (Opening(**one) for one in self._lines("data/openings.jsonl", _OPENING))

    def rows(self) -> Iterator[Row]:
        """Yield the lines of tables.jsonl."""
        for one in self._lines("data/tables.jsonl", _ROW):
            if rows.is_columns(one["table"], one["columns"]):
                yield Row(**one)
            else:
                self.malformed(f"data/tables.jsonl: {one['id']}", "other columns")

    def completeness(self) -> dict[str, Any] | None:
        """Return completeness.json; it may be long."""
        return self.document("data/completeness.json", fields.shaped(_COMPLETENESS))

    def document(self, name: str, rule: fields.Rule) -> dict[str, Any] | None:
        """Return the value of a file that is one JSON line."""
        data = self.members.read(name)
        return self._value(name, data[:-1] if data.endswith(b"\n") else b"", rule)

    def malformed(self, name: str, why: str) -> None:
        """Tell that a file is not in its form."""
        self._tell("container", "container.form", name=name, why=why)

    def _checkpoint(self) -> Checkpoint | None:
        data = self.members.read(CHECKPOINT)
        try:
            point = checkpoint.parse(note.parse(data).text if b"\n\n" in data else data)
            if not _ORIGIN(point.origin):
                raise CheckpointError("the origin is not one of a log of ours")
            return point
        except (CheckpointError, NoteError) as error:
            self._tell("checkpoint", "checkpoint.form", why=str(error))
            return None

    def _lines(self, name: str, rules: Mapping[str, fields.Rule]) -> Iterator[dict[str, Any]]:
        for number, line in self._numbered(name):
            found = self._value(f"{name}:{number}", line, fields.shaped(rules))
            if found is not None:
                yield found

    def _value(self, name: str, data: bytes, rule: fields.Rule) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = canonical.loads(data)
        except CanonicalError as error:
            self.malformed(name, str(error))
            return None
        if not rule(found):
            self.malformed(name, "other fields or values")
            return None
        return found

    def _numbered(self, name: str) -> Iterator[tuple[int, bytes]]:
        for number, line in enumerate(self.members.lines(name), start=1):
            if not line.endswith(b"\n"):
                self.malformed(name, "the last line does not end")
            yield number, line.removesuffix(b"\n")

    def _tell(self, code: str, words: str, **values: object) -> None:
        self.findings.append(Finding(code, None, words, values))


def read(members: Members) -> tuple[Contents, list[Finding]]:
    """Read the members of a bundle; absent ones count as empty, since the wrapping has told of them.

    The findings grow while the contents are read on.
    """
    found = Contents(members)
    return found, found.findings


def _erased(one: Mapping[str, Any]) -> Erased:
    return Erased(one["cseq"], bytes.fromhex(one["hash"]), one["record"])
