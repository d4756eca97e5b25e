"""HR tells an employee something: the notice is composed, sealed, and its ladder starts."""

from collections.abc import Mapping
from typing import Any

from casework import notices
from casework.escalation import Policy
from casework.workdays import BEIJING
from evidence import canonical
from handlers.calendar import current, keep_version
from handlers.escalate import advance
from handlers.people import Unacceptable
from handlers.policies import chosen_policy, keep_policy
from handlers.ports import Ladders
from storage import cases, people
from storage.book import JSON, Book, Entry, Reader, case_stream
from storage.rows import Put


def notify(book: Book, case_id: str, kind: str, fields: Mapping[str, str], rules: Ladders, actor: str) -> str:
    """Compose a notice, seal it before anything is sent, and plan its first step; return its id.

    Raises Unacceptable for a closed case, NoticeRefused for a notice that must not be sent.
    """
    case = cases.case_by_id(book.connection, case_id)
    if case.state != "open":
        raise Unacceptable("case_no", f"案件 {case.case_no} 已结案，不能再发通知")
    notice_id = _compose(book, case, kind, compose(book, case, kind, fields), actor)
    calendar = current(book, rules.calendar)
    keep_version(book, calendar, actor)
    policy = chosen_policy(book, notices.load_kind(kind).ladder, rules)
    plan_id = _start_plan(book, case, notice_id, policy, calendar.version, actor)
    advance(book, plan_id, rules, actor)
    return notice_id


def compose(view: Book | Reader, case: cases.Case, kind: str, fields: Mapping[str, str]) -> notices.Composed:
    """Return a case's notice as it would be composed today. Raises NoticeRefused."""
    person = people.employee_by_id(view.connection, case.employee_id)
    firm = people.firm_name(view.connection, case.firm_id)
    today = view.now.astimezone(BEIJING).date()
    return notices.compose(kind, fields, employee_name=person.name, firm=firm, today=today)


def _compose(book: Book, case: cases.Case, kind: str, composed: notices.Composed, actor: str) -> str:
    stream = case_stream(case.id)
    text = canonical.dumps(
        {
            "title": composed.title,
            "paragraphs": list(composed.paragraphs),
            "key_facts": [list(pair) for pair in composed.key_facts],
            "short_lines": list(composed.short_lines),
        }
    )
    kept = book.keep(stream, text, JSON)
    record_id = book.ids.uuid()
    put = Put(
        "notice",
        book.ids.uuid(),
        {
            "case_id": case.id,
            "kind": kind,
            "title": composed.title,
            "composed_at": book.now,
            "text_blob": kept.id,
            "paper_blob": None,
            "composed_record": record_id,
        },
    )
    told = {"title": composed.title, "kind": kind}
    entry = Entry(
        "notice.composed", stream, actor, rows=[put], told=told, parts={"text": kept}, party=case.employee_id
    )
    book.add(entry, record_id)
    return put.id


def _start_plan(
    book: Book, case: cases.Case, notice_id: str, policy: Policy, calendar: str, actor: str
) -> str:
    policy_id = keep_policy(book, policy, actor)
    columns: dict[str, Any] = {
        "case_id": case.id,
        "notice_id": notice_id,
        "policy_id": policy_id,
        "calendar": calendar,
        "state": "running",
        "started_at": book.now,
        "resumed_at": None,
        "ended_at": None,
    }
    put = Put("plan", book.ids.uuid(), columns)
    entry = Entry(
        "plan.started",
        case_stream(case.id),
        actor,
        rows=[put],
        told={"policy": policy.name},
        party=case.employee_id,
    )
    book.add(entry)
    return put.id
