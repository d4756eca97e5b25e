"""What the machine cannot do or find out is handed to a person."""

from handlers.tasks import end_of_day, new_task
from storage import cases, ladders
from storage.book import Book, Entry, case_stream
from storage.ladders import Step
from storage.rows import Put


def close_failing(book: Book, step: Step, actor: str) -> str | None:
    """Close a rung on which we fail again and again, and ask a person to do what it was for.

    Return the record's id, None when the step is not waiting any more. The
    ladder is not asked what comes next: that may be the very thing that fails.
    """
    plan = ladders.plan_by_id(book.connection, step.plan_id, lock=True)
    if ladders.step_by_id(book.connection, step.id, lock=True).state != "planned":
        return None
    why = "系统多次处理这一步都出错，已跳过，请人工联系员工，并请管理员查看日志"
    entry = Entry(
        "step.done",
        case_stream(plan.case_id),
        actor,
        rows=[Put("plan_step", step.id, {"state": "done", "finished_at": book.now}, new=False)],
        told={"why": why},
        party=cases.case_by_id(book.connection, plan.case_id).employee_id,
    )
    record_id = book.add(entry)
    ask_person(book, plan.case_id, "hr_check", why, actor, caused_by=record_id)
    return record_id


def ask_person(
    book: Book, case_id: str, kind: str, why: str, actor: str, *, caused_by: str, about: str | None = None
) -> None:
    """Put a task that belongs to no rung on HR's list, due when the working day ends."""
    book.add(
        Entry(
            "task.opened",
            case_stream(case_id),
            actor,
            rows=[new_task(book, case_id, kind, end_of_day(book.now), about=about)],
            told={"kind": kind, "why": why},
            refs=[f"caused-by {caused_by}"],
            party=cases.case_by_id(book.connection, case_id).employee_id,
        )
    )
