"""What a person must do, until when, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.schema import task


@dataclass(frozen=True)
class Task:
    """A task for HR or counsel."""

    id: str
    case_id: str
    step_id: str | None
    kind: str
    due_at: datetime
    state: str  # open, done, withdrawn
    outcome: str | None
    done_by: str | None
    done_at: datetime | None
    about: str | None


def task_by_id(connection: Connection, task_id: str, *, lock: bool = False) -> Task | None:
    """Return a task."""
    chosen = sa.select(task).where(task.c.id == task_id)
    row = connection.execute(chosen.with_for_update() if lock else chosen).one_or_none()
    return None if row is None else _task(row)


def open_tasks(connection: Connection) -> list[Task]:
    """Return every open task, the most urgent first."""
    chosen = sa.select(task).where(task.c.state == "open").order_by(task.c.due_at, task.c.id)
    return [_task(row) for row in connection.execute(chosen)]


def tasks_of(connection: Connection, case_id: str) -> list[Task]:
    """Return a case's tasks in the order in which they fell due."""
    chosen = sa.select(task).where(task.c.case_id == case_id).order_by(task.c.due_at, task.c.id)
    return [_task(row) for row in connection.execute(chosen)]


def task_of_step(connection: Connection, step_id: str) -> Task | None:
    """Return the open task that a step waits for."""
    chosen = sa.select(task).where(task.c.step_id == step_id, task.c.state == "open")
    row = connection.execute(chosen).first()
    return None if row is None else _task(row)


def tasks_of_step(connection: Connection, step_id: str) -> list[Task]:
    """Return every task that a step has opened, in the order in which they fell due."""
    chosen = sa.select(task).where(task.c.step_id == step_id).order_by(task.c.due_at, task.c.id)
    return [_task(row) for row in connection.execute(chosen)]


def _task(row: Any) -> Task:
    return Task(**{name: getattr(row, name) for name in Task.__dataclass_fields__})
