"""Sort what waits for a person into overdue, due today and the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from casework.workdays import BEIJING
from storage.desk_lists import PausedPlan, Waiting


@dataclass(frozen=True)
class Item:
    """One line of the workbench: what to do, about whom, until when, and the very form for it."""

    kind: str
    case_no: str
    name: str
    due_at: datetime | None
    anchor: str


@dataclass(frozen=True)
class Lists:
    """The three lists of the workbench."""

    overdue: tuple[Item, ...]
    today: tuple[Item, ...]
    mine: tuple[Item, ...]


def sorted_lists(tasks: Sequence[Waiting], paused: Sequence[PausedPlan], now: datetime) -> Lists:
    """Sort by urgency; a paused ladder whose reply is a task already is not listed twice."""
    items = [_task(one) for one in tasks]
    asked = {one.case_no for one in tasks if one.kind == "confirm_reply"}
    resting = [_plan(one) for one in paused if one.case_no not in asked]
    end = datetime.combine(now.astimezone(BEIJING).date(), time.max, BEIJING)
    return Lists(
        overdue=tuple(one for one in items if one.due_at and one.due_at < now),
        today=tuple(one for one in items if one.due_at and now <= one.due_at <= end),
        mine=tuple([one for one in items if one.due_at and one.due_at > end] + resting),
    )


def _task(one: Waiting) -> Item:
    anchor = f"reply-{one.about}" if one.kind == "confirm_reply" else f"task-{one.task_id}"
    return Item(one.kind, one.case_no, one.name, one.due_at, anchor)


def _plan(one: PausedPlan) -> Item:
    return Item("paused", one.case_no, one.name, None, f"plan-{one.plan_id}")
