"""Work-injury cases and the notices composed in them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.book import Book, Reader
from storage.schema import injury_case, notice, record
from storage.vault import Erased

GONE = "（内容已依法删除）"  # stands where a text stood


@dataclass(frozen=True)
class Case:
    """A work-injury case of one employee."""

    id: str
    case_no: str
    employee_id: str
    firm_id: str
    site_id: str
    accident_at: datetime
    stage: str
    state: str  # open, closed, erased
    summary: str | None


@dataclass(frozen=True)
class NoticeText:
    """A notice as it was composed, with the code that stands below it."""

    id: str
    case_id: str
    kind: str
    title: str
    composed_at: datetime
    paragraphs: tuple[str, ...]
    key_facts: tuple[tuple[str, str], ...]
    short_lines: tuple[str, ...]
    composed_record: str
    text_blob: str
    paper_blob: str | None


def case_by_id(connection: Connection, case_id: str) -> Case:
    """Return a case."""
    return _case(connection.execute(sa.select(injury_case).where(injury_case.c.id == case_id)).one())


def has_case(connection: Connection, case_id: str) -> bool:
    """Whether there is such a case, erased ones included."""
    return (
        connection.execute(sa.select(injury_case.c.id).where(injury_case.c.id == case_id)).first() is not None
    )


def case_by_no(connection: Connection, case_no: str) -> Case | None:
    """Return the case of this number."""
    row = connection.execute(sa.select(injury_case).where(injury_case.c.case_no == case_no)).one_or_none()
    return None if row is None else _case(row)


@dataclass(frozen=True)
class CaseName:
    """What names a case, without anything personal: enough to export one that was tampered with."""

    id: str
    case_no: str
    employee_id: str


def name_of_case(connection: Connection, case_no: str) -> CaseName | None:
    """Return what names the case of this number."""
    columns = (injury_case.c.id, injury_case.c.case_no, injury_case.c.employee_id)
    row = connection.execute(sa.select(*columns).where(injury_case.c.case_no == case_no)).one_or_none()
    return None if row is None else CaseName(*row)


def cases_page(connection: Connection, after: str, limit: int) -> list[Case]:
    """Return cases in the order of their numbers, after a given one."""
    chosen = sa.select(injury_case).where(injury_case.c.case_no > after)
    return [_case(row) for row in connection.execute(chosen.order_by(injury_case.c.case_no).limit(limit))]


def open_cases(connection: Connection, employee_id: str) -> list[Case]:
    """Return an employee's open cases, the newest accident first."""
    chosen = sa.select(injury_case).where(
        injury_case.c.employee_id == employee_id, injury_case.c.state == "open"
    )
    return [_case(row) for row in connection.execute(chosen.order_by(injury_case.c.accident_at.desc()))]


def notice_by_id(view: Book | Reader, notice_id: str) -> NoticeText | None:
    """Return a notice with its text."""
    row = view.connection.execute(sa.select(notice).where(notice.c.id == notice_id)).one_or_none()
    return None if row is None else _notice(view, row)


def notices_of(view: Book | Reader, case_id: str) -> list[NoticeText]:
    """Return a case's notices, oldest first."""
    chosen = sa.select(notice).where(notice.c.case_id == case_id).order_by(notice.c.composed_at, notice.c.id)
    return [_notice(view, row) for row in view.connection.execute(chosen)]


def record_leaf_hash(connection: Connection, record_id: str) -> bytes:
    """Return the leaf hash of a record that is already in the log."""
    return bytes(
        connection.execute(sa.select(record.c.leaf_hash).where(record.c.id == record_id)).scalar_one()
    )


def _case(row: Any) -> Case:
    return Case(
        id=row.id,
        case_no=row.case_no,
        employee_id=row.employee_id,
        firm_id=row.firm_id,
        site_id=row.site_id,
        accident_at=row.accident_at,
        stage=row.stage,
        state=row.state,
        summary=row.summary and row.summary.of(row.id),
    )


def _text(view: Book | Reader, blob_id: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(view.open(blob_id).data)
    except Erased:
        return {"paragraphs": [GONE], "key_facts": [], "short_lines": [GONE]}
    return found


def _notice(view: Book | Reader, row: Any) -> NoticeText:
    text = _text(view, row.text_blob)
    return NoticeText(
        id=row.id,
        case_id=row.case_id,
        kind=row.kind,
        title=row.title,
        composed_at=row.composed_at,
        paragraphs=tuple(text["paragraphs"]),
        key_facts=tuple((label, value) for label, value in text["key_facts"]),
        short_lines=tuple(text["short_lines"]),
        composed_record=row.composed_record,
        text_blob=row.text_blob,
        paper_blob=row.paper_blob,
    )
