"""What the console lists: what waits for a person, which ladders stand still, and how cases stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.book import case_stream
from storage.schema import (
    blob,
    employee,
    injury_case,
    notice,
    plan,
    plan_step,
    record,
    record_part,
    reply,
    stream_head,
    task,
    user,
)


@dataclass(frozen=True)
class Waiting:
    """An open task with the case and the person it is about."""

    task_id: str
    kind: str
    due_at: datetime
    step_id: str | None
    about: str | None
    case_no: str
    name: str


@dataclass(frozen=True)
class PausedPlan:
    """A ladder that stands still until a person decides; ``unconfirmed`` replies wait for their meaning."""

    plan_id: str
    title: str
    case_no: str
    name: str
    unconfirmed: int


@dataclass(frozen=True)
class CaseRow:
    """One line of the list of cases."""

    case_id: str
    case_no: str
    name: str
    stage: str
    state: str
    accident_at: datetime
    records: int
    changed_at: datetime


@dataclass(frozen=True)
class Upcoming:
    """The next planned step of a case."""

    action: str
    channel: str | None
    due_at: datetime


def waiting_tasks(connection: Connection) -> list[Waiting]:
    """Return every open task, the most urgent first."""
    chosen = (
        sa.select(task, injury_case.c.case_no, injury_case.c.employee_id, employee.c.name)
        .join(injury_case, injury_case.c.id == task.c.case_id)
        .join(employee, employee.c.id == injury_case.c.employee_id)
        .where(task.c.state == "open")
        .order_by(task.c.due_at, task.c.id)
    )
    return [
        Waiting(row.id, row.kind, row.due_at, row.step_id, row.about, row.case_no, _name(row))
        for row in connection.execute(chosen)
    ]


def paused_plans(connection: Connection) -> list[PausedPlan]:
    """Return the paused ladders of open cases, the longest running first."""
    unconfirmed = (
        sa.select(sa.func.count())
        .where(reply.c.case_id == plan.c.case_id, reply.c.confirmed.is_(None))
        .where(reply.c.proposed != "automatic")
        .scalar_subquery()
    )
    chosen = (
        sa.select(
            plan.c.id, notice.c.title, injury_case.c.case_no, injury_case.c.employee_id, employee.c.name,
            unconfirmed.label("unconfirmed"),
        )
        .join(notice, notice.c.id == plan.c.notice_id)
        .join(injury_case, injury_case.c.id == plan.c.case_id)
        .join(employee, employee.c.id == injury_case.c.employee_id)
        .where(plan.c.state == "paused", injury_case.c.state == "open")
        .order_by(plan.c.started_at, plan.c.id)
    )  # fmt: skip
    rows = connection.execute(chosen)
    return [PausedPlan(row.id, row.title, row.case_no, _name(row), row.unconfirmed) for row in rows]


def case_rows(connection: Connection, *, begins: str = "", offset: int = 0, limit: int = 50) -> list[CaseRow]:
    """Return cases, the last changed first; ``begins`` narrows them by the beginning of their number."""
    stream = sa.literal("case:") + injury_case.c.id
    last = sa.and_(record.c.stream == stream_head.c.stream, record.c.cseq == stream_head.c.cseq)
    chosen = (
        sa.select(injury_case, employee.c.name, stream_head.c.cseq, record.c.at)
        .join(employee, employee.c.id == injury_case.c.employee_id)
        .join(stream_head, stream_head.c.stream == stream)
        .join(record, last)
        .where(injury_case.c.case_no.startswith(begins, autoescape=True))
        .order_by(record.c.position.desc())
        .offset(offset)
        .limit(limit)
    )
    return [
        CaseRow(row.id, row.case_no, _name(row), row.stage, row.state, row.accident_at, row.cseq, row.at)
        for row in connection.execute(chosen)
    ]


def upcoming(connection: Connection, case_ids: Sequence[str]) -> dict[str, Upcoming]:
    """Return the next planned step of each of these cases that has one."""
    chosen = (
        sa.select(plan.c.case_id, plan_step.c.action, plan_step.c.channel, plan_step.c.due_at)
        .join(plan, plan.c.id == plan_step.c.plan_id)
        .where(plan.c.case_id.in_(case_ids), plan.c.state == "running", plan_step.c.state == "planned")
        .order_by(plan_step.c.due_at.desc())
    )
    rows = connection.execute(chosen)
    return {row.case_id: Upcoming(row.action, row.channel, row.due_at) for row in rows}


def user_names(connection: Connection) -> dict[str, str]:
    """Return the names of everybody on the firm's side, by id."""
    return {row.id: row.name for row in connection.execute(sa.select(user.c.id, user.c.name))}


def attachments_of(connection: Connection, case_id: str) -> dict[str, list[tuple[str, str]]]:
    """Return the name and media type of everything that came along in a case, by record."""
    chosen = (
        sa.select(record_part.c.record_id, record_part.c.name, blob.c.media)
        .join(record, record.c.id == record_part.c.record_id)
        .join(blob, blob.c.id == record_part.c.blob_id)
        .where(record.c.stream == case_stream(case_id), record_part.c.name.startswith("attachment-"))
        .order_by(record.c.cseq, record_part.c.name)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for row in connection.execute(chosen):
        found.setdefault(row.record_id, []).append((row.name, row.media))
    return found


def part_of_case(connection: Connection, case_id: str, record_id: str, name: str) -> str | None:
    """Return where a part of one of this case's records is kept; None for anything of another case."""
    chosen = (
        sa.select(record_part.c.blob_id)
        .join(record, record.c.id == record_part.c.record_id)
        .where(record.c.stream == case_stream(case_id), record.c.id == record_id, record_part.c.name == name)
    )
    return connection.execute(chosen).scalar()


def _name(row: Any) -> str:
    name: str = row.name.of(row.employee_id)
    return name
