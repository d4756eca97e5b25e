"""What the facts of a case's records say, held against its rows and its record codes (§4, §5, §6)."""

from collections.abc import Iterator

from evidence import records, rows
from evidence.checks import Walk
from evidence.contents import Contents
from evidence.disclosed import Disclosed
from evidence.errors import FactsError
from evidence.index import ERASED
from evidence.report import Finding
from evidence.rows import Facts, Key, Row

# Kinds that vouch only for rows of `legal_hold` and `erasure` (§5); their facts are withheld as privileged.
APART = frozenset({"hold.set", "hold.lifted", "erase.asked", "erase.refused"})


class Vouched:
    """Reads the facts of every record once: what they tell, and which record speaks last of each row."""

    def __init__(self, walk: Walk, read: Disclosed) -> None:
        """Read the facts of the case, then those of the system's records."""
        self.index = walk.index
        self.newest: dict[Key, int] = {}
        self.malformed: list[Finding] = []
        self.codes: list[Finding] = []
        self.numbered = False  # whether a record vouches for the case number
        self.closed = 0  # cseq of the last record of the case whose facts are not disclosed
        self._read = read
        self._real = set(codes(walk))
        for number in walk.case:
            self._take(number)
        for number in walk.system:
            self._keep(number, self._facts(number))

    def facts(self, number: int) -> Facts | None:
        """Return the facts of a record; None when they are not disclosed or not in their form."""
        data = self._read.facts_of(number)
        try:
            return None if data is None else rows.parse_facts(data, self.index.ids[number])
        except FactsError:
            return None

    def row(self, key: Key) -> Row | None:
        """Return a row as the newest record of the case that names it has it."""
        facts = self.facts(self.newest[key]) if key in self.newest else None
        return next((row for row in facts.rows if row.key == key), None) if facts else None

    def _take(self, number: int) -> None:
        facts = self._facts(number)
        if facts is not None:
            self.newest.update({row.key: number for row in facts.rows})
            self._code(number, facts)
        elif self.index.kinds[number] in APART:
            pass  # its rows are tables of their own, and it can have changed no other
        elif self.index.kinds[number] == ERASED or self.index.parts.slot(number, "facts") is not None:
            self.closed = max(self.closed, self.index.cseqs[number])
        self._keep(number, facts)

    def _facts(self, number: int) -> Facts | None:
        data = self._read.facts_of(number)
        try:
            return None if data is None else rows.parse_facts(data, self.index.ids[number])
        except FactsError as error:
            values = {"why": str(error)}
            self.malformed.append(Finding("leaf-form", self.index.ids[number], "leaf-form.facts", values))
            return None

    def _keep(self, number: int, facts: Facts | None) -> None:
        if facts is not None and self.index.ids[number] in self.index.kept:
            self.index.told[self.index.ids[number]] = facts.told

    def _code(self, number: int, facts: Facts) -> None:
        told = facts.told.get("record_code")
        if told is not None and told not in self._real:
            self.codes.append(Finding("leaf-hash", self.index.ids[number], "leaf-hash.code", {"code": told}))


def codes(walk: Walk) -> list[str]:
    """Return the record codes of the notices in the bundle, oldest first."""
    known = walk.index
    composed = [number for number in walk.case if known.kinds[number] == "notice.composed"]
    return [records.record_code(known.hash(number)) for number in composed]


def check(vouched: Vouched, found: Contents) -> Iterator[Finding]:
    """Yield what is wrong with facts, rows and record codes."""
    yield from vouched.malformed
    yield from _rows(vouched, found)
    yield from vouched.codes


def _rows(vouched: Vouched, found: Contents) -> Iterator[Finding]:
    seen: set[Key] = set()
    numbers, twice = [], False
    for row in found.rows():
        right = vouched.row(row.key)
        yield from rows.compare_row(row, right)
        numbers += list(_case_no(row, found))
        vouched.numbered = vouched.numbered or (right is not None and _is_of_case(row, found))
        twice = twice or row.key in seen
        seen.add(row.key)
    for key in sorted(vouched.newest.keys() - seen):
        yield from _missing(vouched, key)
    if twice:
        yield Finding("row-unvouched", None, "row-unvouched.twice")
    yield from numbers
    yield from _blobs(vouched)


def _missing(vouched: Vouched, key: Key) -> Iterator[Finding]:
    # A later record whose facts are left out may have changed the row, which then cannot be shown.
    number = vouched.newest[key]
    if vouched.closed <= vouched.index.cseqs[number]:
        values = {"table": key[0], "id": key[1]}
        yield Finding("row-missing", vouched.index.ids[number], "row-missing", values)


def _case_no(row: Row, found: Contents) -> Iterator[Finding]:
    if _is_of_case(row, found) and found.case and row.columns["case_no"] != found.case["case_no"]:
        yield Finding("row-differs", row.record, "row-differs.case_no")


def _is_of_case(row: Row, found: Contents) -> bool:
    return found.case is not None and row.key == ("injury_case", found.case["case"])


def _blobs(vouched: Vouched) -> Iterator[Finding]:
    committed = vouched.index.parts.commits()
    for key in sorted(vouched.newest):
        row = vouched.row(key)
        if row is not None:
            yield from _blobs_of(row, committed)


def _blobs_of(row: Row, committed: set[bytes]) -> Iterator[Finding]:
    for name, commit in rows.blobs(row.columns):
        if bytes.fromhex(str(commit)) not in committed:
            values = {"table": row.table, "id": row.id, "column": name}
            yield Finding("row-unvouched", row.record, "row-unvouched.blob", values)
