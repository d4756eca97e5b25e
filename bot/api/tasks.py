"""Tasks: what a person must do now, and what came of it."""

from flask import Response
from pydantic import Field

from bot.api.entry import caller
from bot.api.once import write_once
from bot.api.paging import Next, Paged, page_of, read_cursor
from bot.api.problems import Problem
from bot.api.spec import KeyHeader, Operations, answer
from bot.api.values import Given, Line, Moment, Text, Told
from handlers.desk import Desk
from handlers.tasks import OUTCOMES, Outcome, record_outcome
from storage import cases, tasks
from storage.book import Book, Reader
from storage.rows import timestamp


class Choice(Told):
    """One word that may be recorded."""

    word: str = Field(description="填在 outcome 里的词", examples=["no_answer"])
    title: str = Field(description="中文", examples=["无人接听"])


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


class TaskPage(Told):
    """One page of tasks."""

    items: list[TaskOut] = Field(description="待办任务，急的在前")
    next: Next


class TaskPath(Given):
    """Which task."""

    id: Line = Field(min_length=1, max_length=36, description="任务编号")


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
            outcome = Outcome(body.outcome, body.note, body.waybill)
            record_outcome(book, path.id, outcome, desk.rules, caller().actor)
            return _shown(book, _found(book, path.id))

        made = write_once(desk.archive, caller(), body, act)
        return answer(made.body, 201, **made.headers)

    api.get("/tasks", list_tasks, "待办任务", "任务", TaskPage)
    api.post("/tasks/<id>/outcome", post_outcome, "登记任务结果", "任务", TaskOut, scope="tasks")


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
    )
