"""Gather a case's records into the entries of its timeline, so that no record is left out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from storage.timeline import Line


@dataclass(frozen=True)
class Group:
    """The records of one delivery, one task, one reply, or a single record of any other kind.

    ``kind`` is sent, todo, said or noted; ``key`` the id of what it is about.
    """

    kind: str
    key: str
    lines: tuple[Line, ...]

    @property
    def first(self) -> Line:
        """The record with which it began; it gives the entry its place and number."""
        return self.lines[0]

    @property
    def told(self) -> dict[str, object]:
        """What its records tell, later ones above earlier ones."""
        return {name: value for line in self.lines for name, value in line.told.items()}


def grouped(lines: Sequence[Line]) -> list[Group]:
    """Return the entries, the newest beginning first; every record stands in at least one."""
    found: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        for key in dict.fromkeys(_keys(line)) or [("noted", line.record_id)]:
            found.setdefault(key, []).append(line)
    groups = [Group(kind, key, tuple(members)) for (kind, key), members in found.items()]
    return sorted(groups, key=lambda group: group.first.cseq, reverse=True)


def _keys(line: Line) -> Iterator[tuple[str, str]]:
    if line.kind.startswith(("plan.", "step.")):
        yield "noted", line.record_id  # it may withdraw a task, and still is an event of its own
    for row in line.rows:
        columns = row["columns"]
        match row["table"]:
            case "attempt" | "receipt" if columns["delivery_id"]:
                yield "sent", columns["delivery_id"]
            case "reply":
                yield "said", row["id"]
            case "task" if columns["kind"] == "confirm_reply" and columns["about"]:
                yield "said", columns["about"]  # it is done where the reply stands
            case "task":
                yield "todo", row["id"]
