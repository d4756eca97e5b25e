"""HR says what a reply means, or lets a paused ladder go on."""

from casework.messages import Meaning
from handlers.escalate import ACKNOWLEDGING, acknowledged, advance
from handlers.people import Unacceptable
from handlers.ports import Ladders
from handlers.tasks import end_of_day, end_task, new_task
from storage import cases, inbox, ladders, people, tasks
from storage.book import Book, Entry, case_stream
from storage.ladders import Plan
from storage.rows import Put


def confirm_reply(book: Book, reply_id: str, meaning: Meaning, note: str, rules: Ladders, actor: str) -> None:
    """Record what a reply means. A meaning that answers the notice ends its ladder.

    A later confirmation with another meaning is a correction; both stay in the
    log, and a ladder that the first had ended is paused again.
    """
    reply = _locked(book, reply_id)
    if reply.confirmed == meaning.value:
        return
    record_id = _record(book, reply, meaning, note, actor)
    plan = ladders.plan_of_notice(book.connection, reply.notice_id) if reply.notice_id else None
    if plan is None:
        return
    if plan.state == "ended":
        _reopen(book, plan, meaning, actor, record_id)
    elif meaning is Meaning.AUTOMATIC and plan.state == "paused" and not _others_wait(book, reply.case_id):
        resume(book, plan.id, "人事确认：这是自动回复，不是员工本人的答复", rules, actor)
    else:
        advance(book, plan.id, rules, actor, caused_by=record_id)


def resume(book: Book, plan_id: str, why: str, rules: Ladders, actor: str) -> None:
    """Let a paused ladder go on, with a reason that is sealed; silence is counted anew from now."""
    case = cases.case_by_id(book.connection, ladders.plan_by_id(book.connection, plan_id).case_id)
    people.lock_employee(book.connection, case.employee_id)  # an answer that comes in meanwhile waits
    plan = ladders.plan_by_id(book.connection, plan_id, lock=True)
    if plan.state != "paused":
        raise Unacceptable("plan", "这个提醒没有暂停，请刷新页面")
    if not why.strip():
        raise Unacceptable("why", "恢复提醒要写明理由")
    put = Put("plan", plan.id, {"state": "running", "resumed_at": book.now}, new=False)
    record_id = book.add(
        Entry(
            "plan.resumed", case_stream(plan.case_id), actor, rows=[put], told={"why": why},
            party=case.employee_id,
        )
    )  # fmt: skip
    advance(book, plan.id, rules, actor, caused_by=record_id)


def _locked(book: Book, reply_id: str) -> inbox.KeptReply:
    """Return a reply, its employee locked first as everywhere."""
    reply = inbox.reply_by_id(book.connection, reply_id)
    if reply is None:
        raise Unacceptable("reply", "没有这条回复，请刷新页面")
    people.lock_employee(book.connection, reply.employee_id)
    return inbox.reply_by_id(book.connection, reply_id, lock=True) or reply


def _record(book: Book, reply: inbox.KeptReply, meaning: Meaning, note: str, actor: str) -> str:
    rows = [Put("reply", reply.id, {"confirmed": meaning.value}, new=False)]
    for task in tasks.tasks_of(book.connection, reply.case_id):
        if task.about == reply.id and task.state == "open":
            rows.append(end_task(book, task, meaning.value, actor))
    entry = Entry(
        "reply.corrected" if reply.confirmed else "reply.confirmed",
        case_stream(reply.case_id),
        actor,
        rows=rows,
        told={"proposed": reply.proposed, "confirmed": meaning.value, "note": note},
        refs=[f"about {reply.record_id}"],
        party=reply.employee_id,
    )
    return book.add(entry)


def _others_wait(book: Book, case_id: str) -> bool:
    """Whether another reply of the case has not been looked at: nothing goes out before it has."""
    open_now = [one for one in tasks.tasks_of(book.connection, case_id) if one.state == "open"]
    return any(one.kind == "confirm_reply" for one in open_now)


def _reopen(book: Book, plan: Plan, meaning: Meaning, actor: str, record_id: str) -> None:
    """The acknowledgement that had ended this ladder was none: it is paused, and a person decides."""
    if meaning.value in ACKNOWLEDGING or acknowledged(book, plan):
        return
    case = cases.case_by_id(book.connection, plan.case_id)
    rows = [
        Put("plan", plan.id, {"state": "paused", "ended_at": None}, new=False),
        new_task(book, plan.case_id, "hr_check", end_of_day(book.now)),
    ]
    why = "人事更正了回复的含义，原来的确认不成立；提醒已重新打开并暂停，请决定是否继续"
    told = {"why": why, "kind": "hr_check"}
    refs = [f"caused-by {record_id}"]
    book.add(
        Entry(
            "plan.paused",
            case_stream(plan.case_id),
            actor,
            rows=rows,
            told=told,
            refs=refs,
            party=case.employee_id,
        )
    )
