"""Tasks: what a person must do now, and what came of it."""

from typing import Annotated

from flask import Response
from pydantic import Field

from bot.api.entry import caller
from bot.api.once import write_once
from bot.api.paging import Next, Paged, page_of, read_cursor
from bot.api.problems import Problem
from bot.api.spec import KeyHeader, Operations, answer
from bot.api.values import Given, GivenMoment, Line, Moment, Text, Told
from handlers.desk import Desk
from handlers.tasks import OUTCOMES, Outcome, record_outcome
from handlers.unknowns import evidence_about
from handlers.visits import Visit
from storage import cases, tasks
from storage.book import Book, Reader
from storage.rows import timestamp


class Choice(Told):
    """One word that may be recorded."""

    word: str = Field(description="填在 outcome 里的词", examples=["no_answer"])
    title: str = Field(description="中文", examples=["无人接听"])


class EvidenceOut(Told):
    """What is known of a message whose answer was lost."""

    facts: list[str] = Field(description="发生了什么", examples=[["向网关查询 2 次：2 次答复没有这条消息"]])
    speaks_for: list[str] = Field(description="说明可能已发出", examples=[[]])
    speaks_against: list[str] = Field(
        description="说明可能没有发出", examples=[["至今没有收到提到这次发送的报告"]]
    )


class TaskOut(Told):
    """A task and what may be recorded of it."""

    id: str = Field(description="任务编号")
    case_no: str = Field(description="案件编号", examples=["GS-2026-0017"])
    kind: str = Field(description="做什么", examples=["call_contact"])
    due_at: Moment = Field(description="最晚何时做")
    state: str = Field(description="open 待办，done 已办，withdrawn 不用办了", examples=["open"])
    outcome: str | None = Field(description="结果", examples=[None])
    done_by: str | None = Field(description="谁办的", examples=[None])
    done_at: Moment | None = Field(description="何时办的")
    choices: list[Choice] = Field(description="可以登记的结果；为空的任务在控制台办理")
    evidence: EvidenceOut | None = Field(description="核实发送结果（unknown_attempt）时的依据，其余任务没有")


class TaskPage(Told):
    """One page of tasks."""

    items: list[TaskOut] = Field(description="待办任务，急的在前")
    next: Next


class TaskPath(Given):
    """Which task."""

    id: Line = Field(min_length=1, max_length=36, description="任务编号")


class VisitIn(Given):
    """A visit by two people, never the direct supervisor."""

    people: list[Annotated[Line, Field(min_length=1, max_length=30)]] = Field(
        min_length=2, max_length=2, description="上门的两个人的姓名", examples=[["李娜", "王强"]]
    )
    no_supervisor: bool = Field(description="两个人都不是员工的直接主管", examples=[True])
    at: GivenMoment = Field(description="上门的时间")
    left: Text = Field(max_length=200, description="留下了什么、留在哪里", examples=["通知书一份，交给本人"])


class OutcomeIn(Given):
    """What came of a task."""

    outcome: Line = Field(
        min_length=1, max_length=40, description="choices 里的一个词", examples=["no_answer"]
    )
    note: Text = Field(default="", max_length=2000, description="经过", examples=["响了很久，没有人接"])
    waybill: Line = Field(
        default="", max_length=60, pattern=r"^[0-9A-Za-z-]*$", description="运单号；寄出纸质件时必填",
        examples=["1234567890123"],
    )  # fmt: skip
    visit: VisitIn | None = Field(default=None, description="登记上门（visit）时必填")


def add_to(api: Operations, desk: Desk) -> None:
    """Add the operations on tasks."""

    def list_tasks(query: Paged) -> Response:
        """Return every open task, the most urgent first."""
        after = read_cursor("tasks", query.cursor, ("", ""))
        with desk.archive.reading() as view:
            found = [one for one in tasks.open_tasks(view.connection) if _place(one) > after]
            page, following = page_of("tasks", found, query.limit, _place)
            return answer(TaskPage(items=[_shown(view, one) for one in page], next=following))

    def post_outcome(path: TaskPath, header: KeyHeader, body: OutcomeIn) -> Response:
        """Record what came of a task; its ladder goes on."""

        def act(book: Book) -> TaskOut:
            _check_open(book, path.id)
            outcome = Outcome(body.outcome, body.note, body.waybill, visit=_visit(body.visit))
            record_outcome(book, path.id, outcome, desk.rules, caller().actor)
            return _shown(book, _found(book, path.id))

        made = write_once(desk.archive, caller(), body, act)
        return answer(made.body, 201, **made.headers)

    api.get("/tasks", list_tasks, "待办任务", "任务", TaskPage)
    api.post("/tasks/<id>/outcome", post_outcome, "登记任务结果", "任务", TaskOut, scope="tasks")


def _evidence(view: Book | Reader, task: tasks.Task) -> EvidenceOut | None:
    weighed = evidence_about(view, task)
    return None if weighed is None else EvidenceOut.model_validate(vars(weighed))


def _visit(given: VisitIn | None) -> Visit | None:
    if given is None:
        return None
    return Visit(given.people[0], given.people[1], given.no_supervisor, given.at, given.left)


def _place(task: tasks.Task) -> tuple[str, str]:
    """Where a task stands in the list; written moments in UTC sort as the moments do."""
    return timestamp(task.due_at), task.id


def _found(view: Book | Reader, task_id: str) -> tasks.Task:
    task = tasks.task_by_id(view.connection, task_id)
    if task is None:
        raise Problem("not-found", "there is no task of this id", "id")
    return task


def _check_open(book: Book, task_id: str) -> None:
    task = _found(book, task_id)
    if task.state != "open":
        raise Problem("done-already", f"this task is {task.state}: look at the case before you do more", "id")


def _shown(view: Book | Reader, task: tasks.Task) -> TaskOut:
    words = OUTCOMES.get(task.kind, {}) if task.state == "open" else {}
    return TaskOut(
        id=task.id,
        case_no=cases.case_by_id(view.connection, task.case_id).case_no,
        kind=task.kind,
        due_at=task.due_at,
        state=task.state,
        outcome=task.outcome,
        done_by=task.done_by,
        done_at=task.done_at,
        choices=[Choice(word=word, title=title) for word, title in words.items()],
        evidence=_evidence(view, task) if task.state == "open" else None,
    )
