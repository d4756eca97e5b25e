"""A rung that a worker has claimed is taken only if it may be taken at this moment."""

from datetime import datetime, timedelta

from casework.escalation import policy_from_body
from casework.workdays import into_window
from handlers.calendar import current
from handlers.escalate import advance
from handlers.ports import Ladders
from storage import cases, inbox, ladders
from storage.book import Book
from storage.ladders import Plan, Step
from storage.pauses import is_stopped

STALE = timedelta(hours=1)  # business time; after that a later rung may have overtaken the one that waits
UNREAD_HOLD = timedelta(seconds=2)  # business time; what came in is usually understood within that


def may_take(book: Book, step: Step, rules: Ladders, actor: str) -> tuple[Plan, Step] | None:
    """Lock a claimed step and return its plan and what to take; None when nothing must be taken now.

    A fence that has moved on, a paused plan or a step that is no longer planned
    means that somebody else decided meanwhile. Outside its lawful hours (a
    worker that was down, a retry after a refusal) the step waits until they
    open. A message that a person has stopped keeps its place and is claimed
    when the stop is lifted. While a webhook that may be this person's reply has
    not been read, it waits until it is. After a stand-still the ladder is asked
    again: a rung that a later one has overtaken lapses, and the later one is
    taken in its turn, so that those who never heard anything do not fall behind
    those who are to be reminded.
    """
    plan = ladders.plan_by_id(book.connection, step.plan_id, lock=True)
    now_step = ladders.step_by_id(book.connection, step.id, lock=True)
    if plan.state != "running" or now_step.state != "planned" or now_step.fence != step.fence:
        return None
    if _held(book, plan, step, rules):
        return None
    asked = _asked_again(book, step, rules, actor) if book.now - step.due_at >= STALE else step
    if asked is None or (asked.id != step.id and _held(book, plan, asked, rules)):
        return None
    return plan, asked


def _held(book: Book, plan: Plan, step: Step, rules: Ladders) -> bool:
    if step.action == "send" and is_stopped(book.connection, step.channel):
        ladders.hold(book.connection, step, book.now)  # a stop began after the claim: back to its place
        return True
    not_before = max(_opening(book, plan, step, rules), _read_by(book, plan))
    if not_before > book.now:
        ladders.hold(book.connection, step, not_before)
    return not_before > book.now


def _asked_again(book: Book, step: Step, rules: Ladders, actor: str) -> Step | None:
    """Return the step that the ladder wants now, if it is of the same kind and due."""
    advance(book, step.plan_id, rules, actor)
    planned = (one for one in ladders.steps_of(book.connection, step.plan_id) if one.state == "planned")
    asked = next(planned, None)
    if asked is None or asked.due_at > book.now:
        return None
    return asked if (asked.action == "send") == (step.action == "send") else None


def _opening(book: Book, plan: Plan, step: Step, rules: Ladders) -> datetime:
    policy = policy_from_body(ladders.policy_body(book.connection, plan.policy_id))
    window = policy.window_for(step.rung, step.action)
    return into_window(book.now, window, current(book, rules.calendar))[0]


def _read_by(book: Book, plan: Plan) -> datetime:
    employee_id = cases.case_by_id(book.connection, plan.case_id).employee_id
    return book.now + UNREAD_HOLD if inbox.has_unread(book.connection, employee_id) else book.now
