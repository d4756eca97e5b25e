"""What the decider may answer: the next step, that the ladder is over, or that it stands still."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """What a step does: the first two are the machine's, all others are tasks for a person."""

    SEND = "send"
    SYSTEM = "system"
    CALL_EMPLOYEE = "call_employee"
    CALL_CONTACT = "call_contact"
    PAPER = "paper"
    VISIT = "visit"
    COUNSEL = "counsel"
    HR_CHECK = "hr_check"


@dataclass(frozen=True)
class Planned:
    """The next step: which rung, what, on which channel, when, and the rule that says so.

    ``lapsed`` are rungs whose time passed while nobody acted and which this step overtakes;
    ``skipped`` are rungs that have no usable channel.
    """

    rung: int
    action: Action
    channel: str | None
    due_at: datetime
    why: str
    lapsed: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rest:
    """The ladder is over; ``why`` says by what."""

    why: str


@dataclass(frozen=True)
class Pause:
    """Nothing goes out until a person has looked."""

    why: str


@dataclass(frozen=True)
class Do:
    """This is the next step; it may lie in the future, never in the past."""

    planned: Planned


@dataclass(frozen=True)
class Wait:
    """Nothing can be planned until a person's open task is over; ``why`` says which."""

    why: str


Step = Rest | Pause | Do | Wait
