"""A message that is ready to leave waits for its turn: the person's limits first, then a free account."""

from collections.abc import Sequence
from datetime import datetime

from casework.workdays import BEIJING
from handlers.desk import Desk
from handlers.senders import lane_of
from handlers.throttle import Account, give_person_back, take_account, take_person
from storage import ladders
from storage.book import Book, Entry, case_stream
from storage.ladders import Step
from storage.rows import Put

_ENOUGH = "这个人近来收到的消息已到上限"


def take_turn(
    book: Book, step: Step, employee_id: str, accounts: Sequence[Account], desk: Desk, actor: str
) -> Account | None:
    """Return the account by which a message may leave now; None when the step was put back to wait.

    Without a free account the step keeps its place in the queue and is passed
    over until one is (storage/ladders.py). A person who has had enough for now
    is left alone until the next hour or day; the step says so.
    """
    until = take_person(book, desk.limits, employee_id)
    if until is not None:
        ladders.hold(book.connection, step, until)
        _say_why(book, step, until, employee_id, actor)
        return None
    free = next((one for one in accounts if take_account(book, desk.limits, one)), None)
    if free is None:
        give_person_back(book, desk.limits, employee_id)
        ladders.park(book.connection, step, lane_of(accounts[0], desk))
    return free


def _say_why(book: Book, step: Step, until: datetime, employee_id: str, actor: str) -> None:
    held = f"{_ENOUGH}，推迟到 {until.astimezone(BEIJING):%m 月 %d 日 %H:%M} 以后"
    plan = ladders.plan_by_id(book.connection, step.plan_id)
    why = "；".join(filter(None, (step.why.partition(_ENOUGH)[0].rstrip("；"), held)))[:300]
    put = Put("plan_step", step.id, {"why": why}, new=False)
    told = {"why": why}
    book.add(
        Entry("step.planned", case_stream(plan.case_id), actor, rows=[put], told=told, party=employee_id)
    )
