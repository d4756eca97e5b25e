"""Somebody recovers: a friendly question is composed by itself on certain days, until the case ends."""

from datetime import date, datetime, time
from typing import Any

from casework.follow_ups import ask_at, next_visit
from casework.workdays import BEIJING, TASKS, into_window
from handlers.calendar import current
from handlers.notify import compose, notify
from handlers.people import Unacceptable
from handlers.ports import Ladders
from storage import cases, follow_ups
from storage.book import Book, Entry, case_stream
from storage.follow_ups import FollowUp
from storage.holds import lock_case
from storage.last_told import told_of
from storage.rows import Put

KIND = "recovery_visit"


def start(
    book: Book, case_id: str, since: date, until: date | None, actor: str, *, contact: str, rules: Ladders
) -> str:
    """Begin to ask from the first day of rest on, until the certificate ends if that is known.

    ``contact`` is whom the employee may call. Raises Unacceptable, and NoticeRefused for a contact
    that no notice may carry.
    """
    lock_case(book.connection, case_id)
    case = cases.case_by_id(book.connection, case_id)
    if case.state != "open":
        raise Unacceptable("case_no", f"案件 {case.case_no} 已结案，不能再安排随访")
    if follow_ups.running_of(book.connection, case_id) is not None:
        raise Unacceptable("follow_up", "这个案件已经在随访；要改日期请用“更改”")
    compose(book, case, KIND, {"contact": contact})
    columns = {"case_id": case_id, "since": _moment(since), "until": _until(since, until), "state": "running"}
    put = Put("follow_up", book.ids.uuid(), columns)
    _add(book, "follow_up.started", case_id, put, actor, {"contact": contact.strip()})
    _must_ask(book, put.id, since, until, rules)
    return put.id


def change(book: Book, case_id: str, until: date | None, why: str, actor: str, rules: Ladders) -> None:
    """Set another end, such as that of a new certificate. Raises Unacceptable."""
    running = _running(book, case_id, why)
    since = _day(running.since)
    put = Put("follow_up", running.id, {"until": _until(since, until)}, new=False)
    told = {"contact": _contact(book, running), "why": why.strip()}
    _add(book, "follow_up.started", case_id, put, actor, told)
    _must_ask(book, running.id, since, until, rules)


def stop(book: Book, case_id: str, why: str, actor: str) -> None:
    """Ask no more. Raises Unacceptable when nobody asks, and without a reason."""
    _end(book, _running(book, case_id, why), why.strip(), actor)


def end_with_case(book: Book, case_id: str, actor: str) -> None:
    """A case has come to its end, and the questions with it."""
    running = follow_ups.running_of(book.connection, case_id)
    if running is not None:
        _end(book, running, "案件已结束，随访一并结束", actor)


def ask(book: Book, follow_up_id: str, rules: Ladders, actor: str) -> str | None:
    """Compose the question that is due and return the notice's id; None when nothing is to be asked now.

    Nothing is asked outside working hours, nor while an earlier question is unanswered.
    """
    due = follow_ups.claimed(book.connection, follow_up_id, book.now)
    if due is None:
        return None
    opens = into_window(book.now, TASKS, current(book, rules.calendar))[0]
    if opens > book.now:
        follow_ups.set_next(book.connection, due.id, opens)
        return None
    notice_id = None
    if not follow_ups.is_unanswered(book.connection, due.case_id, KIND):
        notice_id = notify(book, due.case_id, KIND, {"contact": _contact(book, due)}, rules, actor)
    until = None if due.until is None else _day(due.until)
    if not _plan_next(book, due.id, _day(due.since), until, rules):
        _end(book, due, "已到诊断证明的最后一周，不再随访", actor)
    return notice_id


def _must_ask(book: Book, follow_up_id: str, since: date, until: date | None, rules: Ladders) -> None:
    if not _plan_next(book, follow_up_id, since, until, rules):
        raise Unacceptable("until", "到诊断证明的最后一天为止，已经没有要问候的日子，不用安排随访")


def _plan_next(book: Book, follow_up_id: str, since: date, until: date | None, rules: Ladders) -> bool:
    day = next_visit(since, until, _day(book.now))
    at = None if day is None else ask_at(day, book.now, current(book, rules.calendar))
    follow_ups.set_next(book.connection, follow_up_id, at)
    return at is not None


def _running(book: Book, case_id: str, why: str) -> FollowUp:
    running = follow_ups.running_of(book.connection, case_id)
    if running is None:
        raise Unacceptable("follow_up", "这个案件没有在随访")
    if not why.strip():
        raise Unacceptable("why", "更改或停止随访要写明理由，理由会进入证据链")
    return running


def _end(book: Book, running: FollowUp, why: str, actor: str) -> None:
    put = Put("follow_up", running.id, {"state": "ended"}, new=False)
    _add(book, "follow_up.ended", running.case_id, put, actor, {"why": why})
    follow_ups.set_next(book.connection, running.id, None)


def _contact(book: Book, running: FollowUp) -> str:
    return str(told_of(book, running.record_id).get("contact", ""))


def _until(since: date, until: date | None) -> datetime | None:
    if until is not None and until <= since:
        raise Unacceptable("until", "诊断证明的最后一天必须晚于休养的第一天")
    return None if until is None else _moment(until)


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(0), BEIJING)


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def _add(book: Book, kind: str, case_id: str, put: Put, actor: str, told: dict[str, Any]) -> None:
    party = cases.case_by_id(book.connection, case_id).employee_id
    book.add(Entry(kind, case_stream(case_id), actor, rows=[put], told=told, party=party))
