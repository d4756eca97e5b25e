"""Employees: entered or changed from a personnel system, and listed."""

import re

from flask import Response

from bot.api.employee_shapes import (
    AddressIn,
    AddressOut,
    EmergencyContactOut,
    EmployeeIn,
    EmployeeOut,
    EmployeePage,
    EmployeePath,
)
from bot.api.entry import caller
from bot.api.masking import mask_address
from bot.api.once import write
from bot.api.paging import Paged, page_of, read_cursor
from bot.api.problems import Problem
from bot.api.spec import PREFIX, Operations, answer
from casework.identity import mask_id, mask_phone
from handlers.desk import Desk
from handlers.people import Address, EmployeeData, Unacceptable, save_employee
from storage import people
from storage.book import Book, Reader

_E164 = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)


def add_to(api: Operations, desk: Desk) -> None:
    """Add the operations on employees."""

    def put_employee(path: EmployeePath, body: EmployeeIn) -> Response:
        """Make or change an employee. Addresses are added and never removed."""

        def act(book: Book) -> tuple[EmployeeOut, bool]:
            data = _data(book, desk, path.employee_no, body)
            _, new = save_employee(book, data, caller().actor)
            return _shown(book, found_employee(book, path.employee_no)), new

        saved, new = write(desk.archive, act)
        where = {"Location": f"{PREFIX}/employees/{path.employee_no}"} if new else {}
        return answer(saved, 201 if new else 200, **where)

    def get_employee(path: EmployeePath) -> Response:
        """Return one employee."""
        with desk.archive.reading() as view:
            return answer(_shown(view, found_employee(view, path.employee_no)))

    def list_employees(query: Paged) -> Response:
        """Return employees in the order of their staff numbers."""
        (after,) = read_cursor("employees", query.cursor, ("",))
        with desk.archive.reading() as view:
            found = people.employees_page(view.connection, after, query.limit + 1)
            page, following = page_of("employees", found, query.limit, lambda one: [one.employee_no])
            return answer(EmployeePage(items=[_shown(view, one) for one in page], next=following))

    api.put("/employees/<employee_no>", put_employee, "登记或更新员工", "员工", EmployeeOut)
    api.get("/employees/<employee_no>", get_employee, "查看员工", "员工", EmployeeOut)
    api.get("/employees", list_employees, "员工列表", "员工", EmployeePage)


def found_employee(view: Book | Reader, employee_no: str) -> people.Employee:
    """Return an employee. Raises Problem when there is none."""
    person = people.employee_by_no(view.connection, employee_no)
    if person is None:
        raise Problem("not-found", f"there is no employee {employee_no}", "employee_no")
    return person


def _data(book: Book, desk: Desk, employee_no: str, body: EmployeeIn) -> EmployeeData:
    contact = body.emergency_contact
    known = people.employee_by_no(book.connection, employee_no)
    named = [_address(desk, given, f"addresses.{place}") for place, given in enumerate(body.addresses)]
    return EmployeeData(
        employee_no=employee_no,
        name=body.name,
        firm=body.firm,
        site=body.site,
        id_number=body.id_number,
        job=body.job,
        preference=body.preference,
        emergency_contact=people.EmergencyContact(**dict(contact)) if contact else None,
        addresses=[one for one in named if not (known and _unwanted(book, known, one))],
    )


def _address(desk: Desk, given: AddressIn, field: str) -> Address:
    """Return the address with its account, checked so that a message can really go there."""
    accounts = sorted(desk.by_name(given.channel))
    if not accounts:
        channels = ", ".join(sorted({name for name, _ in desk.channels})) or "none"
        raise Unacceptable(f"{field}.channel", f"no such channel is configured; there are: {channels}")
    account = given.account or (accounts[0] if len(accounts) == 1 else None)
    if account not in accounts:
        raise Unacceptable(
            f"{field}.account", f"account of {given.channel} must be one of: {', '.join(accounts)}"
        )
    if given.channel.startswith("sms_") and not _E164.fullmatch(given.address):
        raise Unacceptable(
            f"{field}.address", "a telephone number is written like +8613900000000, without spaces"
        )
    return Address(given.channel, account, given.address)


def _unwanted(book: Book, person: people.Employee, address: Address) -> bool:
    """Whether this employee or the gateway has asked not to use the address.

    A personnel system sends every address every night; that must not undo an opt-out.
    """
    known = people.find_contact(book.connection, book.keys, address.channel, address.account, address.address)
    return known is not None and known.employee_id == person.id and known.state == "suppressed"


def _shown(view: Book | Reader, person: people.Employee) -> EmployeeOut:
    personal = caller().sees_personal
    contact = person.emergency_contact
    return EmployeeOut(
        id=person.id,
        employee_no=person.employee_no,
        name=person.name,
        firm=people.firm_name(view.connection, person.firm_id),
        id_number=person.id_number if personal or not person.id_number else mask_id(person.id_number),
        job=person.job,
        preference=list(person.preference),
        emergency_contact=_shown_contact(contact, personal) if contact else None,
        addresses=[
            _shown_address(one, personal) for one in people.contact_points(view.connection, person.id)
        ],
    )


def _shown_contact(contact: people.EmergencyContact, personal: bool) -> EmergencyContactOut:
    phone = contact.phone if personal else mask_phone(contact.phone)
    return EmergencyContactOut(name=contact.name, relation=contact.relation, phone=phone)


def _shown_address(point: people.ContactPoint, personal: bool) -> AddressOut:
    return AddressOut(
        channel=point.channel,
        account=point.account,
        address=point.address if personal else mask_address(point.address),
        state=point.state,
        since=point.since,
    )
