"""An injury is reported: a case is opened for the employee."""

from dataclasses import dataclass
from datetime import datetime

from handlers.people import Unacceptable
from storage import cases, people
from storage.book import Book, Entry, case_stream
from storage.rows import Put


@dataclass(frozen=True)
class CaseData:
    """What is known when a case is opened."""

    case_no: str
    employee_no: str
    accident_at: datetime
    summary: str | None = None
    stage: str = "reported"


def open_case(book: Book, data: CaseData, actor: str) -> str:
    """Open a case and state in its first record who the person is and how to reach them."""
    person = people.employee_by_no(book.connection, data.employee_no)
    if person is None:
        raise Unacceptable("employee_no", f"没有工号为 {data.employee_no} 的员工，请先录入员工")
    if cases.case_by_no(book.connection, data.case_no) is not None:
        raise Unacceptable("case_no", f"案件 {data.case_no} 已经存在")
    if data.accident_at > book.now:
        raise Unacceptable("accident_at", "事故时间在将来，请核对日期和时区")
    put = Put(
        "injury_case",
        book.ids.uuid(),
        {
            "case_no": data.case_no,
            "employee_id": person.id,
            "firm_id": person.firm_id,
            "site_id": person.site_id,
            "accident_at": data.accident_at,
            "stage": data.stage,
            "state": "open",
            "summary": data.summary,
        },
    )
    book.add(
        Entry("case.opened", case_stream(put.id), actor, rows=[put], told=_who(book, person), party=person.id)
    )
    return put.id


def _who(book: Book, person: people.Employee) -> dict[str, object]:
    """The person and the addresses as they were known on that day: the binding evidence of the case."""
    points = people.contact_points(book.connection, person.id)
    return {
        "employee_no": person.employee_no,
        "name": person.name,
        "id_number": person.id_number,
        "firm": people.firm_name(book.connection, person.firm_id),
        "addresses": [
            {
                "channel": f"{point.channel}/{point.account}",
                "address": point.address,
                "state": point.state,
                "how": point.how,
            }
            for point in points
        ],
    }
