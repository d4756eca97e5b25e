"""What a verification found, and the JSON form in which it is told (docs/evidence-format.md §8)."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from evidence import words

Language = Literal["zh", "en"]

# Findings that say something is not here, as against not right.
_COMPLETE = frozenset(
    {"sequence", "cited-missing", "part-missing", "row-missing", "head", "omitted"}
)  # fmt: skip
# A part that is openly left out is told, but the bundle still holds all that it says it holds.
_HARMLESS = frozenset({"omitted"})


@dataclass(frozen=True)
class Finding:
    """One thing found. ``words`` names the sentence in words.py, ``values`` fill it."""

    code: str
    record: str | None
    words: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: Language = "zh") -> str:
        """Return the sentence for people; whatever came from outside is made printable."""
        return words.sentence(self.words, self.values, language)

    def to_json(self, language: Language = "zh") -> dict[str, object]:
        """Return the three keys of §8."""
        return {"code": self.code, "record": self.record, "text": self.text(language)}


@dataclass(frozen=True)
class Verdict:
    """Whether one claim holds; None means that it was not asked or nothing is there to tell."""

    holds: bool | None
    findings: tuple[Finding, ...] = ()

    def to_json(self, language: Language) -> dict[str, object]:
        """Return the two keys of §8."""
        return {"holds": self.holds, "findings": [found.to_json(language) for found in self.findings]}


@dataclass(frozen=True)
class Signer:
    """How far the signer stood from the application, and the log's keys, oldest first."""

    isolation: str
    vkeys: tuple[str, ...]


@dataclass(frozen=True)
class Anchor:
    """One answer of an outside service: ``checked``, only ``present``, or ``failed``."""

    kind: str
    service: str
    size: int | None
    status: str
    time: str | None


@dataclass(frozen=True)
class Sandwich:
    """Between which of others' times a notice was sealed; its record code is on the employee's phone."""

    code: str
    not_after: str | None
    not_before: str | None
    record: str


@dataclass(frozen=True)
class Unproved:
    """One thing that was not shown; ``words`` names the sentence, ``values`` fill it."""

    words: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """All that a verification can say about one file."""

    file: str
    case_no: str | None
    origin: str | None
    size: int | None
    root: str | None
    records: int
    export: str | None
    internal: Verdict
    anchored: Verdict
    complete: Verdict
    signer: Signer | None
    anchors: tuple[Anchor, ...]
    times: tuple[Sandwich, ...]
    erased: int
    unproved: tuple[Unproved, ...]

    @property
    def verified(self) -> bool:
        """Whether all that was asked holds."""
        return bool(self.internal.holds and self.complete.holds and self.anchored.holds is not False)

    @property
    def codes(self) -> tuple[str, ...]:
        """Record codes of the notices, to be held against an employee's phone."""
        return tuple(one.code for one in self.times)

    def not_proved(self, language: Language = "zh") -> list[str]:
        """Return in sentences what was not shown; never empty."""
        return [words.sentence(one.words, one.values, language) for one in self.unproved]

    def to_json(self, language: Language = "zh") -> dict[str, object]:
        """Return exactly the keys of §8."""
        signer = self.signer and {"isolation": self.signer.isolation, "vkeys": list(self.signer.vkeys)}
        return {
            "file": self.file,
            "case_no": self.case_no,
            "origin": self.origin,
            "size": self.size,
            "root": self.root,
            "records": self.records,
            "export": self.export,
            "internal": self.internal.to_json(language),
            "anchored": self.anchored.to_json(language),
            "complete": self.complete.to_json(language),
            "signer": signer,
            "anchors": [asdict(one) for one in self.anchors],
            "times": [asdict(one) for one in self.times],
            "erased": self.erased,
            "not_proved": self.not_proved(language),
            "verified": self.verified,
        }


def parted(findings: Iterable[Finding]) -> tuple[Verdict, Verdict]:
    """Sort findings into what concerns integrity and what concerns completeness."""
    found = tuple(findings)
    internal = tuple(one for one in found if one.code not in _COMPLETE)
    complete = tuple(one for one in found if one.code in _COMPLETE)
    return Verdict(not internal, internal), Verdict(all(one.code in _HARMLESS for one in complete), complete)
