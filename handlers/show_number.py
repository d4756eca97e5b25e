"""HR must ring somebody: the full number is shown for that task, and that it was shown is recorded."""

from dataclasses import dataclass

from handlers.people import Unacceptable
from storage import cases, people, tasks
from storage.book import Book, Entry, case_stream


@dataclass(frozen=True)
class Callee:
    """Whom to ring, under which number."""

    name: str
    relation: str
    phone: str


def show_number(book: Book, task_id: str, actor: str) -> Callee:
    """Return whom an open call task is about, and record who has seen the number."""
    task = tasks.task_by_id(book.connection, task_id)
    if task is None or task.state != "open" or not task.kind.startswith("call_"):
        raise Unacceptable("task", "这里没有要打的电话，请刷新页面")
    case = cases.case_by_id(book.connection, task.case_id)
    callee = _callee(book, people.employee_by_id(book.connection, case.employee_id), task.kind)
    told = {"kind": task.kind, "relation": callee.relation}
    book.add(Entry("contact.shown", case_stream(case.id), actor, told=told, party=case.employee_id))
    return callee


def _callee(book: Book, person: people.Employee, kind: str) -> Callee:
    contact = person.emergency_contact
    if kind == "call_contact" and contact is not None:
        return Callee(contact.name, contact.relation, contact.phone)
    points = people.contact_points(book.connection, person.id)
    number = next((one.address for one in reversed(points) if one.channel.startswith("sms_")), None)
    if number is None:
        raise Unacceptable("phone", f"没有登记{person.name}的电话，请先到员工档案里补上")
    return Callee(person.name, "本人", number)
