"""What must hold of the records of a bundle, their order and what they cite (§3, §7, §8)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from evidence import contents, records
from evidence.contents import Contents
from evidence.index import ERASED, Index
from evidence.records import Record
from evidence.report import Finding


class Walk:
    """Reads every record once; what it finds is sorted by what it concerns."""

    def __init__(self, found: Contents) -> None:
        """Read the cited records, the case's and the system's."""
        self.index = Index()
        self.case: list[int] = []  # numbers of the case's records in their order, erased ones included
        self.order: list[Finding] = []
        self.citations: list[Finding] = []
        self.sandbox = False  # whether a record was made under a moved clock
        self.first: Record | None = None  # the case's first record, unless it is erased
        self._stream = found.stream
        self._before = records.FIRST
        self._called: set[bytes] = set()
        self.cited = [self._add(record) for record in found.leaves(contents.CITED)]
        self._held = {self.index.hash(number) for number in self.cited}
        self._read_case(found)
        self.system = [self._system(record) for record in found.leaves(contents.SYSTEM)]
        self._uncalled()

    @property
    def groups(self) -> tuple[list[int], list[int], list[int]]:
        """The numbers of the case's records, of the cited ones and of the system's, in file order."""
        return self.case, self.cited, self.system

    def _add(self, record: Record) -> int:
        self.sandbox = self.sandbox or "clock" in record.fields
        return self.index.add(record)

    def _read_case(self, found: Contents) -> None:
        erased = list(reversed(found.erased))
        for record in found.leaves(contents.RECORDS):
            while erased and erased[-1].cseq < record.fields["cseq"]:
                self._gone(erased.pop())
            self._follow(record)
        while erased:
            self._gone(erased.pop())

    def _gone(self, one: contents.Erased) -> None:
        self._numbered(one.record, one.cseq)
        self.case.append(self.index.add_erased(one.record, one.cseq, one.hash))
        self._before = one.hash.hex()

    def _follow(self, record: Record) -> None:
        self._numbered(record.id, record.fields["cseq"])
        if record.fields["cprev"] != self._before:
            self._tell("back-link", record.id, "back-link", cseq=record.fields["cseq"])
        if self._stream and record.fields["stream"] != self._stream:
            self._tell("sequence", record.id, "sequence.stream", stream=record.fields["stream"])
        if not self.case:
            self.first = record
        self._cites(record)
        self.case.append(self._add(record))
        self._before = record.hash.hex()

    def _numbered(self, id: str, cseq: int) -> None:
        expected = len(self.case) + 1
        if cseq != expected:
            self._tell("sequence", id, "sequence", expected=expected, cseq=cseq)

    def _cites(self, record: Record) -> None:
        for cited in record.cites:
            if bytes.fromhex(cited) in self._held:
                self._called.add(bytes.fromhex(cited))
            else:
                self.citations.append(Finding("cited-missing", record.id, "cited-missing", {"cited": cited}))

    def _system(self, record: Record) -> int:
        if record.fields["stream"] != "system":
            self._tell("sequence", record.id, "sequence.stream", stream=record.fields["stream"])
        return self._add(record)

    def _uncalled(self) -> None:
        for number in self.cited:
            kind = self.index.kinds[number]
            if self.index.hash(number) not in self._called or kind not in records.INTAKE_KINDS:
                self.citations.append(
                    Finding("cited-missing", self.index.ids[number], "cited-missing.uncalled")
                )

    def _tell(self, code: str, id: str, words: str, **values: object) -> None:
        self.order.append(Finding(code, id, words, values))


def order(walk: Walk, found: Contents, stated: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Yield what is wrong with the numbering of the records and with what completeness.json says of it."""
    yield from walk.order
    for id in sorted(set(walk.index.twice)):
        yield Finding("sequence", id, "sequence.twice")
    system = [walk.index.cseqs[number] for number in walk.system]
    if any(later <= earlier for earlier, later in pairwise(system)):
        yield Finding("sequence", None, "sequence.system")
    if stated is not None:
        yield from _summary(walk, found, stated)


def _summary(walk: Walk, found: Contents, stated: Mapping[str, Any]) -> Iterator[Finding]:
    kinds = Counter(walk.index.kinds[number] for number in walk.case)
    actual = {
        "counts": {kind: count for kind, count in kinds.items() if kind != ERASED},
        "first": 1,
        "last": len(walk.case),
        "stream": found.stream or stated["stream"],
    }
    for name, value in actual.items():
        if stated[name] != value:
            yield Finding("sequence", None, "sequence.summary", {"name": name})
    if not walk.case:
        yield Finding("sequence", None, "sequence.empty")
