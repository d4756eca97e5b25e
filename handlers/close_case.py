"""A case comes to its end: every ladder of it ends, and the time until its review begins to run."""

from casework.case import Stage
from handlers.escalate import advance
from handlers.follow_up import end_with_case
from handlers.people import Unacceptable
from handlers.ports import Ladders
from storage import cases, ladders
from storage.book import Book, Entry, case_stream
from storage.holds import lock_case
from storage.rows import Put


def close_case(book: Book, case_no: str, why: str, rules: Ladders, actor: str) -> None:
    """Close a case. Raises Unacceptable for one that is not open and for a missing reason."""
    case = cases.case_by_no(book.connection, case_no)
    if case is None or case.state != "open":
        raise Unacceptable("case_no", f"案件 {case_no} 不存在，或者已经结案")
    if not why.strip():
        raise Unacceptable("why", "结案要写明理由，理由会进入证据链")
    lock_case(book.connection, case.id)
    put = Put("injury_case", case.id, {"state": "closed", "stage": Stage.CLOSED.value}, new=False)
    entry = Entry(
        "case.closed", case_stream(case.id), actor, rows=[put], told={"why": why}, party=case.employee_id
    )
    record_id = book.add(entry)
    end_with_case(book, case.id, actor)  # first: a question being composed right now is then seen below
    for plan in ladders.unended_plans(book.connection, [case.id]):
        advance(book, plan.id, rules, actor, caused_by=record_id)
