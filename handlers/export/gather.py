"""One pass over a case's records: leaves, openings and parts go into the bag, the story to the papers."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from sys import intern

from evidence import compose, records, rows
from evidence.bag import Bag, Member
from evidence.errors import FactsError, RecordError
from evidence.records import Record
from evidence.rows import Facts, Key
from handlers.export import views
from handlers.export.disclose import Discloser
from handlers.export.events import LONG, Event, Rows, event_of, is_told
from handlers.export.told import text_line
from storage import export_source as source
from storage import vault
from storage.book import Reader
from storage.export_source import Later, Opened

Progress = Callable[[str, int, int], None]  # stage, done, of how many
_NO_FACTS = Facts((), {})
_FILES = ("records.jsonl", "erased.jsonl", "custody.jsonl", "timeline.txt", "cited.jsonl")


@dataclass
class Gathered:
    """What the pass learnt beyond what it wrote into the bag."""

    total: int
    events: list[Event] = field(default_factory=list)
    rows: Rows = field(default_factory=Rows)
    counts: Counter[str] = field(default_factory=Counter)
    states: Counter[tuple[str, str]] = field(default_factory=Counter)  # kind and proof state
    builds: set[str] = field(default_factory=set)
    places: list[tuple[int, str]] = field(default_factory=list)  # position and id, erased ones included
    vouchers: dict[Key, str] = field(default_factory=dict)
    cites: set[bytes] = field(default_factory=set)
    last: int = 0
    expected: int = 0  # the greatest number that the case's stream had given out
    gaps: list[tuple[int, int]] = field(default_factory=list)  # missing numbers, from and to (inclusive)
    first_at: str = ""
    last_at: str = ""
    sandbox: bool = False

    @property
    def first_position(self) -> int:
        """Where the case's first record stands; 0 when it has none."""
        return self.places[0][0] if self.places else 0

    @property
    def long(self) -> bool:
        """Whether the papers tell of notices, outcomes and decisions only."""
        return self.total > LONG


def gather(
    view: Reader,
    bag: Bag,
    discloser: Discloser,
    mode: str,
    case: tuple[str, str],
    later: Later,
    tell: Progress,
) -> Gathered:
    """Write the records of a case (its id and number) and those that they cite, as they stood then."""
    case_id, case_no = case
    found = Gathered(source.count_of_case(view.connection, case_id, later))
    with ExitStack() as stack:
        files = {name: stack.enter_context(bag.open(f"data/{name}")) for name in _FILES}
        files["timeline.txt"].write(f"案件 {case_no}　以下时间均为北京时间\n\n".encode())
        gatherer = _Gatherer(discloser, mode, files, found, later[0])
        for done, one in enumerate(source.records_of_case(view, case_id, later)):
            gatherer.take(one)
            if done % source.BATCH == 0:
                tell("read", done, found.total)
        gatherer.take_cited(view)
    _, found.expected = source.span_of_case(view.connection, case_id, later)
    gatherer.miss_up_to(found.expected + 1)
    return found


@dataclass
class _Gatherer:
    discloser: Discloser
    mode: str
    files: Mapping[str, Member]
    found: Gathered
    below: int  # the position behind the last record of the checkpoint
    next: int = 1  # the number that the next record should have

    def take(self, one: Opened) -> None:
        leaf, position = one.leaf, _position(one)
        self.found.places.append((position, leaf.id))
        self.found.last += 1
        self.miss_up_to(leaf.cseq)
        if not leaf.leaf:
            self.files["erased.jsonl"].write(compose.erased_line(leaf.id, leaf.cseq, leaf.leaf_hash))
            return
        self.files["records.jsonl"].write(compose.leaf_line(leaf.leaf))
        try:
            record = records.read(leaf.leaf)
        except RecordError:
            self.found.counts["unreadable"] += 1  # exported as it is: the verifier has to find it, not we
            return
        self._count(record)
        self._disclose(record, position, one)

    def miss_up_to(self, number: object) -> None:
        """Remember which numbers are missing between the last record and the one of this number."""
        if isinstance(number, int) and number >= self.next:
            if number > self.next:
                self.found.gaps.append((self.next, number - 1))
            self.next = number + 1

    def _count(self, record: Record) -> None:
        self.found.counts[record.kind] += 1
        self.found.states[record.kind, str(record.fields.get("state", ""))] += 1
        self.found.builds.add(str(record.fields["build"]))
        self.found.last_at = str(record.fields["at"])
        self.found.first_at = self.found.first_at or self.found.last_at
        self.found.sandbox |= "clock" in record.fields
        self.found.cites |= {bytes.fromhex(one) for one in record.cites}

    def _disclose(self, record: Record, position: int, one: Opened) -> None:
        facts, shown = _facts(one), []
        for name, part in one.parts.items():
            reason = views.withheld(self.mode, record, name, facts.told)
            self.discloser.part(record.id, name, part, reason)
            if reason is None and isinstance(part, vault.Opening):
                shown.append(name)
        self._vouch(record, one.leaf.id, facts, disclosed="facts" in shown)
        notice, subject = self.found.rows.learn(record, facts)
        told = views.may_tell(self.mode, record.kind, facts.told)
        event = event_of(record, one.leaf.id, position, told, notice, subject, tuple(shown))
        self.files["timeline.txt"].write(text_line(event).encode())
        if not self.found.long or is_told(event.kind):
            self.found.events.append(event)

    def _vouch(self, record: Record, record_id: str, facts: Facts, *, disclosed: bool) -> None:
        """Remember the newest record of each row; one whose newest facts are withheld is not shown at all."""
        for row in facts.rows:
            if disclosed:
                self.found.vouchers[intern(row.table), row.id] = record_id
            else:
                self.found.vouchers.pop(row.key, None)
        if disclosed and record.kind.startswith("custody."):
            self.files["custody.jsonl"].write(compose.custody_line(record, facts.told))

    def take_cited(self, view: Reader) -> None:
        """Write the intake records on which the case's records rest."""
        for some in source.records_at(view, source.positions_of(view.connection, self.found.cites)):
            shared = source.shared_parts(view.connection, [one.leaf.id for one in some], self.below)
            for one in some:
                if one.leaf.leaf:
                    self._take_cited(one, shared)

    def _take_cited(self, one: Opened, shared: set[tuple[str, str]]) -> None:
        self.found.places.append((_position(one), one.leaf.id))
        self.files["cited.jsonl"].write(compose.leaf_line(one.leaf.leaf))
        for name, part in one.parts.items():
            data = part.data if isinstance(part, vault.Opening) else b""
            reason = views.withheld_of_intake(self.mode, name, data, shared=(one.leaf.id, name) in shared)
            self.discloser.part(one.leaf.id, name, part, reason)


def _position(one: Opened) -> int:
    """Return where a record stands; -1, which is nowhere, when somebody has written something else there."""
    position: object = one.leaf.position
    return position if isinstance(position, int) else -1


def _facts(one: Opened) -> Facts:
    part = one.parts.get("facts")
    try:
        return rows.parse_facts(part.data, one.leaf.id) if isinstance(part, vault.Opening) else _NO_FACTS
    except FactsError:
        return _NO_FACTS  # told by the verifier
