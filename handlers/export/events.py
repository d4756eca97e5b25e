"""A case's records as its papers tell them: what happened, to which notice, and how it stands sealed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from sys import intern
from typing import Any

from evidence.records import Record
from evidence.rows import Facts
from evidence.rows import Row as FactRow

LONG = 10_000  # records of a case beyond which its papers tell of notices, outcomes and decisions only
_STEPS = ("step.", "plan.started", "attempt.started", "task.opened", "contact.shown")


@dataclass(frozen=True, slots=True)
class Event:
    """One record.

    ``notice`` is the id of the notice that it concerns, ``subject`` that of the delivery, reply or task that
    it is about; ``parts`` names what is disclosed of it.
    """

    record: str
    kind: str
    cseq: int
    position: int
    hash: bytes
    at: datetime
    actor: str
    channel: str
    state: str
    assurance: str
    told: Mapping[str, Any]
    notice: str | None
    subject: str | None
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Notice:
    """A notice with its number among the case's notices, from 1; ``composed`` is its notice.composed."""

    id: str
    number: int
    title: str
    composed: str
    composed_hash: bytes
    composed_at: datetime


@dataclass
class Rows:
    """What belongs to what, learnt from the facts as they go by."""

    notices: dict[str, Notice] = field(default_factory=dict)
    points: dict[str, str] = field(default_factory=dict)  # delivery -> contact point
    case: Mapping[str, Any] = field(default_factory=dict)  # what case.opened tells
    _owner: dict[str, str] = field(default_factory=dict)  # id of any row -> its notice

    def learn(self, record: Record, facts: Facts) -> tuple[str | None, str | None]:
        """Take in one record's facts; return the notice and the subject that the record is about."""
        if record.kind == "case.opened":
            self.case = facts.told
        for row in facts.rows:
            self._learn(record, row)
        subjects = [subject for row in facts.rows if (subject := _subject(row))]
        owners = [self._owner[row.id] for row in facts.rows if row.id in self._owner]
        return next(iter(owners), None), next(iter(subjects), None)

    def _learn(self, record: Record, row: FactRow) -> None:
        if row.table == "notice" and row.id not in self.notices:
            at, number = datetime.fromisoformat(record.fields["at"]), len(self.notices) + 1
            title = str(row.columns["title"])
            self.notices[row.id] = Notice(row.id, number, title, record.id, record.hash, at)
            self._owner[intern(row.id)] = row.id
        if row.table == "delivery":
            self.points[row.id] = str(row.columns["contact_point_id"])
        for name in _OWNERS.get(row.table, ()):
            owner = self._owner.get(str(row.columns[name]))
            if owner is not None:
                self._owner[row.id] = owner


# The columns through which a row belongs to a notice.
_OWNERS: Mapping[str, tuple[str, ...]] = {
    "plan": ("notice_id",), "plan_step": ("plan_id",), "delivery": ("notice_id",),
    "attempt": ("delivery_id",), "receipt": ("delivery_id",), "reply": ("notice_id",),
    "task": ("step_id", "about"),
}  # fmt: skip


def _subject(row: FactRow) -> str | None:
    match row.table:
        case "attempt" | "receipt":
            return str(row.columns["delivery_id"])
        case "reply" | "task":
            return row.id
        case _:
            return None


def event_of(
    record: Record, record_id: str, position: int, told: Mapping[str, Any], notice: str | None,
    subject: str | None, parts: tuple[str, ...],
) -> Event:  # fmt: skip
    """Return a record as the papers tell it; equal words are one string, since there may be many records."""
    fields = record.fields
    kind, actor, channel, state, assurance = (
        intern(str(fields.get(name, ""))) for name in ("kind", "actor", "channel", "state", "assurance")
    )
    return Event(
        record=record_id,
        kind=kind,
        cseq=fields["cseq"],
        position=position,
        hash=record.hash,
        at=datetime.fromisoformat(fields["at"]),
        actor=actor,
        channel=channel,
        state=state,
        assurance=assurance,
        told=told,
        notice=notice,
        subject=subject and intern(subject),
        parts=_known_parts(parts),
    )


@cache
def _known_parts(parts: tuple[str, ...]) -> tuple[str, ...]:
    return parts


def is_told(kind: str) -> bool:
    """Whether the papers of a long case tell of such a record: a notice, an outcome, a decision."""
    return not kind.startswith(_STEPS)
