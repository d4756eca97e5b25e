"""What fails again and again for reasons nobody foresaw is put aside and, in the end, given to a person."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from handlers.conclude import leave_to_person
from handlers.escalate import advance
from handlers.hand_over import close_failing
from handlers.settle import plan_of
from scheduler.who import Worker
from storage import deliveries, inbox, ladders
from storage.deliveries import Attempt
from storage.inbox import Intake
from storage.ladders import Step

log = structlog.get_logger(__name__)

POISON = 5  # failures after which a person takes over
WEBHOOK_TRIES = 8  # about four minutes; until then no rung of whom it may concern is taken


def step_failed(worker: Worker, step: Step) -> None:
    """Put a step aside for a while, at last for a person."""
    if step.poison + 1 >= POISON:
        _guarded("close_failing", lambda: _close(worker, step))
        return
    with worker.desk.archive.writing() as book:
        wait = timedelta(minutes=2**step.poison)
        ladders.postpone(book.connection, step, book.now + wait)


def attempt_failed(worker: Worker, attempt: Attempt) -> None:
    """Count a failure to find out about an attempt; its lease spaces the looks. At last a person is asked."""
    if attempt.poison + 1 >= POISON:
        _guarded("leave_to_person", lambda: _leave(worker, attempt))
        return
    with worker.desk.archive.writing() as book:
        deliveries.count_failure(book.connection, attempt.id)


def webhook_failed(worker: Worker, intake: Intake) -> None:
    """Try a webhook again soon; at last put it aside, counted, its bytes still sealed.

    Nobody knows whom it concerns, so no case can be given a task; the counter
    stands on the workbench.
    """
    with worker.desk.archive.writing() as book:
        if intake.tries < WEBHOOK_TRIES:
            inbox.try_again(book.connection, intake.id, book.now + timedelta(seconds=2**intake.tries))
        elif inbox.give_up(book.connection, intake.id):
            inbox.count(book.connection, f"webhook_failed/{intake.channel}/{intake.account}")
            log.error("webhook_given_up", intake=intake.id, channel=intake.channel, account=intake.account)


def _close(worker: Worker, step: Step) -> None:
    with worker.desk.archive.writing() as book:
        closed = close_failing(book, step, worker.actor)
    if closed is not None:
        _go_on(worker, step.plan_id, closed)


def _leave(worker: Worker, attempt: Attempt) -> None:
    with worker.desk.archive.writing() as book:
        why = "系统多次查询这次发送的结果都出错，请人工核实是否已发出，并请管理员查看日志"
        left = leave_to_person(book, attempt.id, why, worker.actor)
        plan = plan_of(book, attempt)
    if left is not None:
        _go_on(worker, plan.id, left)


def _go_on(worker: Worker, plan_id: str, caused_by: str) -> None:
    """Ask the ladder what comes next; if that is what fails, the person's task stands all the same."""
    with worker.desk.archive.writing() as book:
        advance(book, plan_id, worker.desk.rules, worker.actor, caused_by=caused_by)


def _guarded(what: str, act: Callable[[], None]) -> None:
    """One that cannot even be put aside must not keep the others of its batch waiting."""
    try:
        act()
    except Exception:
        log.exception("handing_over_failed", what=what)
