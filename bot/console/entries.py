"""The entries of a case's timeline as the page draws them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.console.grouping import Group
from bot.console.track import Track
from casework.unknown_outcome import Weighed
from handlers.story_text import KINDS, detail_text


@dataclass(frozen=True)
class Mark:
    """Where an entry stands in the log: its first record's number and hash, and all of its numbers."""

    at: datetime
    cseq: int
    short: str
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Sent:
    """A delivery: one rung's message to one address."""

    mark: Mark
    title: str
    rung: int
    channel: str
    address: str
    track: Track
    excerpt: str
    group: str = "sent"


@dataclass(frozen=True)
class Todo:
    """What a person was asked to do, with the form for it while it is open."""

    mark: Mark
    id: str
    kind: str
    state: str
    why: str
    due_at: datetime
    script: str
    whom: str
    notice_id: str
    outcomes: Mapping[str, str]
    outcome: str
    note: str
    waybill: str
    visit: str
    by: str
    done_at: datetime | None
    files: tuple["File", ...]
    weighed: Weighed | None = None  # what speaks for and against a message of which nobody knows
    group: str = "todo"


@dataclass(frozen=True)
class File:
    """Something that came along: kept in the record, shown on request."""

    record_id: str
    name: str
    media: str


@dataclass(frozen=True)
class Said:
    """What the employee answered, word for word."""

    mark: Mark
    id: str
    channel: str
    text: str
    choice: str
    proposed: str
    why: str
    confirmed: str | None
    note: str
    by: str
    due_at: datetime | None
    files: tuple[File, ...]
    group: str = "said"


@dataclass(frozen=True)
class Noted:
    """Any other record, in one line."""

    mark: Mark
    kind: str
    detail: str
    by: str
    tone: str = ""
    notice_id: str = ""
    code: str = ""
    paragraphs: tuple[str, ...] = ()
    group: str = "noted"


Entry = Sent | Todo | Said | Noted

_TONES = {
    "case.opened": "strong",
    "notice.composed": "strong",
    "plan.paused": "warn",
    "step.done": "bad",
    "page.refused": "bad",
}


def mark_of(group: Group) -> Mark:
    """Return where a group stands in the log."""
    first = group.first
    short = f"{first.leaf_hash[:4]}…{first.leaf_hash[-4:]}"
    return Mark(first.at, first.cseq, short, tuple(line.cseq for line in group.lines))


def noted(group: Group, by: str) -> Noted:
    """Return the line of a single record; personal data that it tells is not repeated."""
    line = group.first
    detail = detail_text(line.told)
    if line.kind == "custody.exported":
        detail = f"SHA-256 {str(line.told.get('sha256', ''))[:16]}…"
    return Noted(mark_of(group), KINDS.get(line.kind, line.kind), detail, by, _TONES.get(line.kind, ""))
