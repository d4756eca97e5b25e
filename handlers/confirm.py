"""HR says what a reply means, or lets a paused ladder go on."""

from casework.messages import Meaning
from handlers.escalate import advance
from handlers.people import Unacceptable
from handlers.ports import Ladders
from handlers.tasks import end_task
from storage import cases, inbox, ladders, tasks
from storage.book import Book, Entry, case_stream
from storage.rows import Put


def confirm_reply(book: Book, reply_id: str, meaning: Meaning, note: str, rules: Ladders, actor: str) -> None:
    """Record what a reply means. A meaning that answers the notice ends its ladder.

    A later confirmation with another meaning is a correction; both stay in the log.
    """
    reply = inbox.reply_by_id(book.connection, reply_id, lock=True)
    if reply is None:
        raise Unacceptable("reply", "没有这条回复，请刷新页面")
    if reply.confirmed == meaning.value:
        return
    rows = [Put("reply", reply.id, {"confirmed": meaning.value}, new=False)]
    for task in tasks.tasks_of(book.connection, reply.case_id):
        if task.about == reply.id and task.state == "open":
            rows.append(end_task(book, task, meaning.value, actor))
    record_id = book.add(
        Entry(
            "reply.corrected" if reply.confirmed else "reply.confirmed",
            case_stream(reply.case_id),
            actor,
            rows=rows,
            told={"proposed": reply.proposed, "confirmed": meaning.value, "note": note},
            refs=[f"about {reply.record_id}"],
            party=reply.employee_id,
        )
    )
    plan = ladders.plan_of_notice(book.connection, reply.notice_id) if reply.notice_id else None
    if plan is None:
        return
    if meaning is Meaning.AUTOMATIC and plan.state == "paused":
        resume(book, plan.id, "人事确认：这是自动回复，不是员工本人的答复", rules, actor)
    else:
        advance(book, plan.id, rules, actor, caused_by=record_id)


def resume(book: Book, plan_id: str, why: str, rules: Ladders, actor: str) -> None:
    """Let a paused ladder go on, with a reason that is sealed; silence is counted anew from now."""
    plan = ladders.plan_by_id(book.connection, plan_id, lock=True)
    if plan.state != "paused":
        raise Unacceptable("plan", "这个提醒没有暂停，请刷新页面")
    if not why.strip():
        raise Unacceptable("why", "恢复提醒要写明理由")
    case = cases.case_by_id(book.connection, plan.case_id)
    put = Put("plan", plan.id, {"state": "running", "resumed_at": book.now}, new=False)
    record_id = book.add(
        Entry(
            "plan.resumed", case_stream(plan.case_id), actor, rows=[put], told={"why": why},
            party=case.employee_id,
        )
    )  # fmt: skip
    advance(book, plan.id, rules, actor, caused_by=record_id)
