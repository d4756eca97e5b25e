"""What must hold between records and what is disclosed of them: parts, openings, omissions (§4, §7)."""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from evidence import names, seal
from evidence.archive import Members
from evidence.checks import Walk
from evidence.contents import Contents, Opening
from evidence.report import Finding

# Why a part may be left out (§7.1).
REASONS = frozenset({"erased", "third-person", "privileged", "internal", "other-people"})

_NOWHERE = -1


class Disclosed:
    """Reads every opening once and remembers where each record's facts lie."""

    def __init__(self, walk: Walk, found: Contents, stated: Mapping[str, Any] | None) -> None:
        """Check the openings and take in what completeness.json leaves out."""
        self.index = walk.index
        self.facts = array("q", [_NOWHERE]) * len(walk.index)  # number of the member, by record number
        self.used = bytearray(len(found.members))  # by number of the member: whether it is a disclosed part
        self.wrong: list[Finding] = []
        self.unlisted: Counter[tuple[str, str]] = Counter()
        self.omissions = stated["omitted"] if stated else []
        self._members: Members = found.members
        for opening in found.openings():
            self._open(opening)
        for one in self.omissions:
            self._mark(one["record"], one["name"], self.index.parts.omitted)

    def read(self, id: str, name: str) -> bytes | None:
        """Return the disclosed bytes of a record's part."""
        number = self.index.numbers.get(id)
        slot = None if number is None else self.index.parts.slot(number, name)
        if slot is None or not self.index.parts.opened[slot]:
            return None
        member = self._members.find(f"{names.PARTS}{self.index.parts.commit(slot)}")
        return None if member is None else b"".join(self._members.pieces(member))

    def facts_of(self, number: int) -> bytes | None:
        """Return the bytes of a record's facts, None where they are not disclosed."""
        member = self.facts[number]
        return None if member == _NOWHERE else b"".join(self._members.pieces(member))

    def _open(self, opening: Opening) -> None:
        slot = self._mark(opening.record, opening.name, self.index.parts.opened)
        member = self._members.find(f"{names.PARTS}{opening.commit}")
        if member is None:
            self._tell("part-missing", opening, "part-missing.file")
            return
        self.used[member] = 1
        data = b"".join(self._members.pieces(member))
        if slot is None or self.index.parts.commit(slot) != opening.commit or not _opens(opening, data):
            self._tell("commitment", opening, "commitment")
        if opening.name == "facts" and opening.record in self.index.numbers:
            self.facts[self.index.numbers[opening.record]] = member

    def _mark(self, record: str, name: str, flags: bytearray) -> int | None:
        number = self.index.numbers.get(record)
        slot = None if number is None else self.index.parts.slot(number, name)
        if slot is None:
            self.unlisted[record, name] += 1
        else:
            flags[slot] = min(flags[slot] + 1, 2)
        return slot

    def _tell(self, code: str, opening: Opening, words: str) -> None:
        self.wrong.append(Finding(code, opening.record, words, {"name": opening.name}))


def check(read: Disclosed, walk: Walk, found: Contents) -> Iterator[Finding]:
    """Yield parts that are missing, doubled or nobody's, and what is wrong with the openings."""
    parts, doubled = walk.index.parts, []
    for group in walk.groups:
        for number in group:
            for name, slot in parts.of(number):
                times = parts.opened[slot] + parts.omitted[slot]
                if times == 0:
                    yield Finding("part-missing", walk.index.ids[number], "part-missing", {"name": name})
                elif times > 1:
                    doubled.append((walk.index.ids[number], name))
    for record, name in [*doubled, *sorted(read.unlisted)]:
        yield Finding("part-unlisted", record, "part-unlisted", {"name": name})
    for number, name in found.members.numbered(names.PARTS):
        if not read.used[number]:
            commit = name.removeprefix(names.PARTS)
            yield Finding("part-unlisted", None, "part-unlisted.file", {"commit": commit})
    yield from read.wrong
    for one in read.omissions:
        if one["reason"] not in REASONS:
            values = {"name": one["name"], "reason": one["reason"]}
            yield Finding("part-unlisted", one["record"], "part-unlisted.reason", values)


def _opens(opening: Opening, data: bytes) -> bool:
    return seal.opens(bytes.fromhex(opening.k_commit), bytes.fromhex(opening.commit), data)
