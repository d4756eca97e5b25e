"""A rung asks a person to do something, and the person records what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from casework.escalation import policy_from_body
from casework.workdays import BEIJING, TASKS
from handlers import unknowns
from handlers.claimed import may_take
from handlers.escalate import advance
from handlers.people import Unacceptable
from handlers.ports import Ladders
from handlers.visits import Visit, told_of
from storage import cases, ladders, tasks
from storage.book import Book, Entry, Part, case_stream
from storage.ladders import Step
from storage.rows import Put
from storage.tasks import Task
from storage.vault import Kept

CALLED = {"reached": "已接通", "no_answer": "无人接听", "wrong_number": "号码不对", "refused": "拒绝交谈"}

# What a person may record for each kind of task.
OUTCOMES: Mapping[str, Mapping[str, str]] = {
    "call_employee": CALLED,
    "call_contact": CALLED,
    "paper": {"posted": "已交寄"},
    "paper_result": {
        "signed": "本人签收",
        "locker": "快递柜／驿站／代收",
        "returned": "退回",
        "refused": "拒收",
    },
    "visit": {"met": "见到本人", "absent": "未见到本人"},
    "counsel": {"done": "已交法务"},
    "hr_check": {"done": "已核实"},
    "reconcile": {"same": "已与网关核对，没有差异", "differs": "与网关有差异，已在备注中写明"},
    "retention_review": {"keep": "继续保存", "erase": "不再需要，申请删除"},
    unknowns.KIND: unknowns.FINDINGS,
}
FOLLOW_PAPER = timedelta(days=3)


@dataclass(frozen=True)
class Outcome:
    """What a person records: the outcome's word, a note, a waybill number, a scan or photo, a visit."""

    word: str
    note: str = ""
    waybill: str = ""
    attachment: bytes | None = None
    attachment_type: str = "application/octet-stream"
    more: Mapping[str, str] = field(default_factory=dict)
    visit: Visit | None = None


def open_task(book: Book, step: Step, rules: Ladders, actor: str) -> None:
    """Put a due rung on a person's list, unless it may not be taken now (handlers/claimed.py).

    A system rung is on nobody's list: it is over with its record.
    """
    allowed = may_take(book, step, rules, actor)
    if allowed is None:
        return
    plan, step = allowed
    if step.action == "system":
        _note_system(book, plan, step, rules, actor)
        return
    rows = [
        new_task(book, plan.case_id, step.action, end_of_day(book.now), step_id=step.id),
        Put("plan_step", step.id, {"state": "waiting"}, new=False),
    ]
    record_id = _add(book, "task.opened", plan.case_id, rows, actor, {"kind": step.action, "why": step.why})
    advance(book, plan.id, rules, actor, caused_by=record_id)  # nobody waits for a rung beside the others


def record_outcome(book: Book, task_id: str, outcome: Outcome, rules: Ladders, actor: str) -> None:
    """Record what came of a task and let the ladder go on."""
    task = _locked(book, task_id)
    if task.state == "done":
        raise Unacceptable("task", "这个任务已经有人登记过结果，请刷新页面")
    _check(task, outcome)
    late = task.state == "withdrawn"  # what was really done is evidence, though the ladder went on without it
    rows = [Put("task", task.id, _ended(book, outcome, actor), new=False)]
    rows += [] if late else _step_rows(book, task, outcome)
    told = {"kind": task.kind, "outcome": outcome.word, "note": outcome.note, "waybill": outcome.waybill}
    visit = told_of(outcome.visit, book.now) if task.kind == "visit" else unknowns.shown(book, task)
    parts: dict[str, Part | Kept] = {}
    if outcome.attachment is not None:
        parts["attachment-1"] = Part(outcome.attachment, outcome.attachment_type)
    record_id = _add(book, "task.done", task.case_id, rows, actor, {**told, **outcome.more, **visit}, parts)
    if task.step_id is not None and not late:
        plan_id = ladders.step_by_id(book.connection, task.step_id).plan_id
        advance(book, plan_id, rules, actor, caused_by=record_id)
    if not late:
        unknowns.apply_finding(book, task, outcome.word, rules, actor, record_id)


def _note_system(book: Book, plan: ladders.Plan, step: Step, rules: Ladders, actor: str) -> None:
    """Record that a system rung was reached; other systems learn of it from the case's timeline."""
    hook = policy_from_body(ladders.policy_body(book.connection, plan.policy_id)).rungs[step.rung].hook
    over = Put("plan_step", step.id, {"state": "done", "finished_at": book.now}, new=False)
    record_id = _add(book, "step.done", plan.case_id, [over], actor, {"hook": hook, "why": step.why})
    advance(book, plan.id, rules, actor, caused_by=record_id)


def _locked(book: Book, task_id: str) -> Task:
    """Return a task, its plan locked first as everywhere: two who hold each other's lock wait for ever."""
    task = tasks.task_by_id(book.connection, task_id)
    if task is None:
        raise Unacceptable("task", "没有这个任务，请刷新页面")
    if task.step_id is not None:
        plan_id = ladders.step_by_id(book.connection, task.step_id).plan_id
        ladders.plan_by_id(book.connection, plan_id, lock=True)
    unknowns.lock_plan_of(book, task)
    return tasks.task_by_id(book.connection, task_id, lock=True) or task


def new_task(
    book: Book,
    case_id: str,
    kind: str,
    due_at: datetime,
    *,
    step_id: str | None = None,
    about: str | None = None,
) -> Put:
    """Return the row of a new open task; ``step_id`` when a rung asks for it, ``about`` what to look at."""
    columns = {
        "case_id": case_id, "step_id": step_id, "kind": kind, "due_at": due_at, "state": "open",
        "outcome": None, "done_by": None, "done_at": None, "about": about,
    }  # fmt: skip
    return Put("task", book.ids.uuid(), columns)


def end_of_day(now: datetime) -> datetime:
    """Return the hour at which the day's working window closes in Beijing (TASKS), or now if it is past."""
    local = now.astimezone(BEIJING)
    return max(now, datetime.combine(local.date(), TASKS.end, BEIJING).astimezone(UTC))


def end_task(book: Book, task: Task, word: str, actor: str) -> Put:
    """Return the row that ends a task by another act than its own form."""
    return Put("task", task.id, _ended(book, Outcome(word), actor), new=False)


def _check(task: Task, outcome: Outcome) -> None:
    allowed = OUTCOMES.get(task.kind, {})
    if outcome.word not in allowed:
        words = "、".join(allowed) or "（请直接确认回复的含义）"
        raise Unacceptable("outcome", f"任务 {task.kind} 的结果只能是：{words}")
    if outcome.word == "posted" and not outcome.waybill.strip():
        raise Unacceptable("waybill", "已交寄的纸质通知要填快递单号")


def _ended(book: Book, outcome: Outcome, actor: str) -> dict[str, object]:
    return {"state": "done", "outcome": outcome.word, "done_by": actor, "done_at": book.now}


def _step_rows(book: Book, task: Task, outcome: Outcome) -> list[Put]:
    """The rung is over when its task is; a posted paper is followed until it is signed or comes back."""
    if task.step_id is None or task.kind == "paper_result":
        return []
    rows = [Put("plan_step", task.step_id, {"state": "done", "finished_at": book.now}, new=False)]
    if outcome.word == "posted":
        rows.append(
            new_task(book, task.case_id, "paper_result", book.now + FOLLOW_PAPER, step_id=task.step_id)
        )
    return rows


def _add(
    book: Book, kind: str, case_id: str, rows: list[Put], actor: str, told: Mapping[str, object],
    parts: Mapping[str, Part | Kept] | None = None,
) -> str:  # fmt: skip
    party = cases.case_by_id(book.connection, case_id).employee_id
    return book.add(
        Entry(kind, case_stream(case_id), actor, rows=rows, told=told, parts=parts or {}, party=party)
    )
