"""What stands in a bundle's files, read strictly; whatever is not in its form becomes a finding (§7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from evidence import canonical, checkpoint, fields, records, rows
from evidence.errors import CanonicalError, CheckpointError, RecordError
from evidence.records import Record
from evidence.report import Finding
from evidence.rows import Row

_PARTS = "data/parts/"
VIEWS = frozenset({"full", "minimised"})

_HEX64, _ID7 = fields.matches(fields.HEX64), fields.matches(fields.UUID7)
_NAME = fields.matches(fields.PART_NAME)

_CASE = {
    "case": fields.matches(fields.UUID),
    "case_no": fields.is_text,
    "checkpoint": fields.counted(0),
    "export": fields.matches(fields.UUID),
    "format": lambda value: type(value) is int and value == 1,
    "view": fields.among(VIEWS),
}
_OPENING = {"commit": _HEX64, "k_commit": _HEX64, "name": _NAME, "record": _ID7}
_PROOF = {"index": fields.counted(0), "path": fields.listed(fields.counted(0)), "record": _ID7}
_PROOFS = {
    "hashes": fields.listed(_HEX64),
    "proofs": fields.listed(fields.shaped(_PROOF)),
    "size": fields.counted(0),
}
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
class Contents:
    """All that could be read; None or nothing stands for what could not, and a finding says so."""

    parts: Mapping[str, bytes]
    records: tuple[Record, ...]
    cited: tuple[Record, ...]
    openings: tuple[Opening, ...]
    rows: tuple[Row, ...]
    case: Mapping[str, Any] | None
    checkpoint: checkpoint.Checkpoint | None
    proofs: Mapping[str, Any] | None
    completeness: Mapping[str, Any] | None

    @property
    def all_records(self) -> tuple[Record, ...]:
        """The case's records and those that they cite."""
        return self.records + self.cited

    @property
    def omissions(self) -> tuple[Omission, ...]:
        """The parts that the bundle says it leaves out."""
        listed = self.completeness["omitted"] if self.completeness else ()
        return tuple(Omission(**one) for one in listed)


def read(members: Mapping[str, bytes]) -> tuple[Contents, list[Finding]]:
    """Read the members of a bundle; absent ones count as empty, since the wrapping has told of them."""
    reader = _Reader(members)
    return Contents(
        parts={name.removeprefix(_PARTS): members[name] for name in members if name.startswith(_PARTS)},
        records=tuple(reader.leaves("data/records.jsonl")),
        cited=tuple(reader.leaves("data/cited.jsonl")),
        openings=tuple(
            Opening(**one) for one in reader.lines("data/openings.jsonl", fields.shaped(_OPENING))
        ),
        rows=tuple(Row(**one) for one in reader.lines("data/tables.jsonl", _is_row)),
        case=reader.document("data/case.json", fields.shaped(_CASE)),
        checkpoint=reader.checkpoint("data/log/checkpoint.txt"),
        proofs=reader.document("data/log/proofs.json", _are_proofs),
        completeness=reader.document("data/completeness.json", fields.shaped(_COMPLETENESS)),
    ), reader.findings


class _Reader:
    def __init__(self, members: Mapping[str, bytes]) -> None:
        self.members = members
        self.findings: list[Finding] = []

    def leaves(self, name: str) -> Iterator[Record]:
        for number, line in self._numbered(name):
            try:
                yield records.read(line)
            except RecordError as error:
                self._tell("leaf-form", "leaf-form", name=name, line=number, why=str(error))

    def lines(self, name: str, rule: fields.Rule) -> Iterator[dict[str, Any]]:
        for number, line in self._numbered(name):
            found = self._value(f"{name}:{number}", line, rule)
            if found is not None:
                yield found

    def document(self, name: str, rule: fields.Rule) -> dict[str, Any] | None:
        data = self.members.get(name, b"")
        return self._value(name, data[:-1] if data.endswith(b"\n") else b"", rule)

    def checkpoint(self, name: str) -> checkpoint.Checkpoint | None:
        try:
            return checkpoint.parse(self.members.get(name, b""))
        except CheckpointError as error:
            self._tell("checkpoint", "checkpoint.form", why=str(error))
            return None

    def _value(self, name: str, data: bytes, rule: fields.Rule) -> dict[str, Any] | None:
        try:
            found: dict[str, Any] = canonical.loads(data)
        except CanonicalError as error:
            self._tell("container", "container.form", name=name, why=str(error))
            return None
        if not rule(found):
            self._tell("container", "container.form", name=name, why="other fields or values")
            return None
        return found

    def _numbered(self, name: str) -> Iterator[tuple[int, bytes]]:
        *lines, rest = self.members.get(name, b"").split(b"\n")
        if rest:
            self._tell("container", "container.form", name=name, why="the last line does not end")
            lines.append(rest)
        yield from enumerate(lines, start=1)

    def _tell(self, code: str, words: str, **values: object) -> None:
        self.findings.append(Finding(code, None, words, values))


def _is_row(value: object) -> bool:
    return (
        fields.misfit(value, _ROW) is None
        and isinstance(value, dict)
        and rows.is_columns(value["table"], value["columns"])
    )


def _are_proofs(value: object) -> bool:
    if fields.misfit(value, _PROOFS) is not None or not isinstance(value, dict):
        return False
    count = len(value["hashes"])
    return all(entry < count for proof in value["proofs"] for entry in proof["path"])
