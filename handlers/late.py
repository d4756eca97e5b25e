"""A yes comes late, for an attempt that was given up meanwhile: what really happened is written down."""

from casework.messages import Outcome
from handlers.escalate import advance
from handlers.hand_over import ask_person
from handlers.ports import Answer, Ladders
from handlers.settle import Ending, plan_of, write
from handlers.tasks import end_task
from storage import deliveries, inbox, ladders, tasks
from storage.book import Book
from storage.deliveries import Attempt
from storage.rows import Put

PROVED_NOT_SENT = ("absent", "rejected_temp", "rejected_perm")


def accept_late(book: Book, attempt: Attempt, answer: Answer, rules: Ladders, actor: str) -> None:
    """Record that the gateway took an attempt that was settled as not sent, or left to a person.

    A rung that was to be tried again need not be. When it was tried again
    already, the message may have gone out twice, and HR is told so.
    """
    if attempt.state == "accepted" or answer.outcome in (Outcome.REJECTED_PERM, Outcome.REJECTED_TEMP):
        return
    said, changes = f"迟到的受理答复：{answer.said}", {"provider_id": answer.provider_id}
    ending = Ending("attempt.found", "accepted", "accepted", said, answer.raw, "C1", changes)
    rows = [*_step_over(book, attempt), *_question_over(book, attempt, actor)]
    record_id = write(book, attempt, ending, actor, rows)
    plan = plan_of(book, attempt)
    if _sent_again(book, attempt):
        why = "网关迟迟才答复已受理，其间系统又发了一次：员工可能收到两条同样的消息，请核实并向员工说明"
        ask_person(book, plan.case_id, "unknown_attempt", why, actor, caused_by=record_id, about=attempt.id)
    inbox.wake_orphans(book.connection, attempt.channel, attempt.account, book.now)
    advance(book, plan.id, rules, actor, caused_by=record_id)


def _step_over(book: Book, attempt: Attempt) -> list[Put]:
    step_id = deliveries.delivery_by_id(book.connection, attempt.delivery_id).step_id
    if ladders.step_by_id(book.connection, step_id, lock=True).state != "planned":
        return []
    return [Put("plan_step", step_id, {"state": "done", "finished_at": book.now}, new=False)]


def _question_over(book: Book, attempt: Attempt, actor: str) -> list[Put]:
    """HR need not find out any more what the gateway has now answered."""
    of_case = tasks.tasks_of(book.connection, plan_of(book, attempt).case_id)
    asked = [
        tasks.task_by_id(book.connection, one.id, lock=True) for one in of_case if one.about == attempt.id
    ]
    return [end_task(book, one, "went", actor) for one in asked if one and one.state == "open"]


def _sent_again(book: Book, attempt: Attempt) -> bool:
    made = deliveries.attempts_of(book.connection, attempt.delivery_id)
    return any(one.number > attempt.number and one.state not in PROVED_NOT_SENT for one in made)
