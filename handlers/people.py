"""Somebody enters or changes a firm, a site, a user, an employee or an address."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from storage import people
from storage.access import user_by_login
from storage.book import SYSTEM, Book, Entry
from storage.people import EmergencyContact
from storage.rows import Put

ROLES = ("admin", "hr", "legal", "auditor")


class Unacceptable(Exception):  # noqa: N818
    """Input that cannot be taken; ``field`` names it and the text says what to do."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True)
class Address:
    """An address as entered: on which channel and account it is used."""

    channel: str
    account: str
    address: str


@dataclass(frozen=True)
class EmployeeData:
    """What is known of an employee when entered or changed."""

    employee_no: str
    name: str
    firm: str
    site: str
    id_number: str | None = None
    job: str | None = None
    preference: Sequence[str] = ()
    emergency_contact: EmergencyContact | None = None
    addresses: Sequence[Address] = field(default=())


def save_user(book: Book, login: str, name: str, role: str, actor: str) -> str:
    """Make a user, or return the one who has this login already."""
    if role not in ROLES:
        raise Unacceptable("role", f"角色只能是：{'、'.join(ROLES)}")
    known = user_by_login(book.connection, login)
    if known is not None:
        return known.id
    columns = {"login": login, "name": name, "role": role, "active": True}
    return _add_master(book, "user.saved", Put("user", book.ids.uuid(), columns), actor)


def save_employee(book: Book, data: EmployeeData, actor: str) -> tuple[str, bool]:
    """Make or change an employee with all addresses; return the id and whether it is new."""
    for name, value in (("employee_no", data.employee_no), ("name", data.name), ("firm", data.firm)):
        if not value.strip():
            raise Unacceptable(name, f"{name} 不能为空")
    known = people.employee_by_no(book.connection, data.employee_no)
    put = Put(
        "employee", known.id if known else book.ids.uuid(), _columns(book, data, actor), new=known is None
    )
    if known is None or _differs(known, put.columns):
        book.add(Entry("employee.saved", SYSTEM, actor, rows=[put], party=put.id, scope=f"employee:{put.id}"))
    for address in data.addresses:
        save_address(book, put.id, address, "人事录入", actor)
    return put.id, known is None


def save_address(book: Book, employee_id: str, address: Address, how: str, actor: str, **more: Any) -> str:
    """Make an address usable for this employee; one that this employee has already is left alone.

    One that the employee or the gateway had suppressed stays so: entering it
    again must not undo a "STOP". Only the person's own act (``kind`` given:
    scanning a code) makes it usable again. ``more`` goes to the record: ``kind``, ``refs``,
    ``assurance``, ``src_at``. Raises Unacceptable for an address that is somebody else's.
    """
    address = _normal(address)
    known = people.find_contact(book.connection, book.keys, address.channel, address.account, address.address)
    if known is not None and known.employee_id != employee_id and known.state == "active":
        raise Unacceptable("address", "这个地址已经登记在另一名员工名下，请先核实是谁的")
    if (
        known is not None
        and known.employee_id == employee_id
        and (known.state == "active" or "kind" not in more)
    ):
        return known.id
    put = Put(
        "contact_point",
        book.ids.uuid(),
        {
            "employee_id": employee_id,
            "channel": address.channel,
            "account": address.account,
            "address": address.address,
            "state": "active",
            "since": book.now,
            "how": how,
        },
    )
    index = people.address_index(book.keys, address.channel, address.address)
    entry = Entry(
        more.pop("kind", "contact.saved"), SYSTEM, actor, rows=[put], party=employee_id,
        channel=f"{address.channel}/{address.account}", scope=f"employee:{employee_id}",
        extra={put.id: {"address_index": index}}, **more,
    )  # fmt: skip
    book.add(entry)
    return put.id


def suppress_address(book: Book, point: people.ContactPoint, why: str, actor: str, **more: Any) -> None:
    """Stop using an address: the person or the gateway does not want it used any more."""
    if point.state == "suppressed":
        return
    book.add(
        Entry(
            "contact.suppressed",
            SYSTEM,
            actor,
            rows=[Put("contact_point", point.id, {"state": "suppressed"}, new=False)],
            told={"why": why},
            party=point.employee_id,
            channel=f"{point.channel}/{point.account}",
            scope=f"employee:{point.employee_id}",
            **more,
        )
    )


def _normal(address: Address) -> Address:
    """Telephone numbers are kept as E.164, so that a reply's sender is found again."""
    if not address.channel.startswith("sms_"):
        return replace(address, address=address.address.strip())
    number = re.sub(r"[ ()-]", "", address.address)
    if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
        raise Unacceptable("address", "短信号码要写成国际格式，例如 +8613800000000 或 +85251234567")
    return replace(address, address=number)


def _columns(book: Book, data: EmployeeData, actor: str) -> dict[str, Any]:
    firm_id = people.find_firm(book.connection, data.firm) or _add_master(
        book, "firm.saved", Put("firm", book.ids.uuid(), {"name": data.firm}), actor
    )
    site_name = data.site or data.firm
    site_id = people.find_site(book.connection, firm_id, site_name) or _add_master(
        book, "site.saved", Put("site", book.ids.uuid(), {"firm_id": firm_id, "name": site_name}), actor
    )
    contact = data.emergency_contact
    return {
        "employee_no": data.employee_no,
        "firm_id": firm_id,
        "site_id": site_id,
        "name": data.name,
        "id_number": data.id_number,
        "job": data.job,
        "preference": list(data.preference),
        "emergency_contact": contact and contact.text(),
    }


def _differs(known: people.Employee, columns: Mapping[str, Any]) -> bool:
    contact = known.emergency_contact
    held = {
        **vars(known),
        "preference": list(known.preference),
        "emergency_contact": contact and contact.text(),
    }
    return any(held[name] != value for name, value in columns.items())


def _add_master(book: Book, kind: str, put: Put, actor: str) -> str:
    book.add(Entry(kind, SYSTEM, actor, rows=[put]))
    return put.id
