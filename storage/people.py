"""Firms, sites, employees and the addresses at which an employee can be reached."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.keys import Keys
from storage.schema import contact_point, employee, firm, site


@dataclass(frozen=True)
class EmergencyContact:
    """Whom to ring when the employee stays silent; never told anything of the injury."""

    name: str
    relation: str
    phone: str

    def text(self) -> str:
        """Return the form in which it is kept."""
        return json.dumps(vars(self), ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True)
class Employee:
    """An employee of one firm and site."""

    id: str
    employee_no: str
    firm_id: str
    site_id: str
    name: str
    id_number: str | None
    job: str | None
    preference: tuple[str, ...]  # channel names, the best liked first
    emergency_contact: EmergencyContact | None


@dataclass(frozen=True)
class ContactPoint:
    """An address on one channel, and since when and how we know that it is this person's."""

    id: str
    employee_id: str
    channel: str
    account: str
    address: str
    state: str  # active, suppressed
    since: datetime
    how: str


def firm_name(connection: Connection, firm_id: str) -> str:
    """Return a firm's name."""
    name: str = connection.execute(sa.select(firm.c.name).where(firm.c.id == firm_id)).scalar_one()
    return name


def find_firm(connection: Connection, name: str) -> str | None:
    """Return the id of the firm of this name."""
    return connection.execute(sa.select(firm.c.id).where(firm.c.name == name)).scalar()


def find_site(connection: Connection, firm_id: str, name: str) -> str | None:
    """Return the id of a firm's site of this name."""
    chosen = sa.select(site.c.id).where(site.c.firm_id == firm_id, site.c.name == name)
    return connection.execute(chosen).scalar()


def employee_by_id(connection: Connection, employee_id: str) -> Employee:
    """Return an employee."""
    row = connection.execute(sa.select(employee).where(employee.c.id == employee_id)).one()
    return _employee(row)


def employee_by_no(connection: Connection, employee_no: str) -> Employee | None:
    """Return the employee with this staff number."""
    row = connection.execute(sa.select(employee).where(employee.c.employee_no == employee_no)).one_or_none()
    return None if row is None else _employee(row)


def employees_page(connection: Connection, after: str, limit: int) -> list[Employee]:
    """Return employees in the order of their staff numbers, after a given one."""
    chosen = sa.select(employee).where(employee.c.employee_no > after)
    rows = connection.execute(chosen.order_by(employee.c.employee_no).limit(limit))
    return [_employee(row) for row in rows]


def contact_points(connection: Connection, employee_id: str) -> list[ContactPoint]:
    """Return every address of an employee, oldest first."""
    chosen = sa.select(contact_point).where(contact_point.c.employee_id == employee_id)
    return [_contact_point(row) for row in connection.execute(chosen.order_by(contact_point.c.since))]


def usable_contacts(connection: Connection, person: Employee) -> list[ContactPoint]:
    """Return the addresses that may be used, in the order that the employee prefers."""
    # A later address replaces an earlier one for good: when it is given up, the old one, which may be
    # a stranger's by now, does not come back.
    newest = {point.channel: point for point in contact_points(connection, person.id)}
    active = [point for point in newest.values() if point.state == "active"]
    order = {channel: rank for rank, channel in enumerate(person.preference)}
    return sorted(active, key=lambda point: (order.get(point.channel, len(order)), point.channel))


def lock_employee(connection: Connection, employee_id: str) -> None:
    """Let nobody else answer for, pause or resume this employee's ladders until this transaction ends.

    Always the first lock taken, before a plan's.
    """
    connection.execute(sa.select(employee.c.id).where(employee.c.id == employee_id).with_for_update())


def contact_point_by_id(connection: Connection, point_id: str) -> ContactPoint:
    """Return one address."""
    row = connection.execute(sa.select(contact_point).where(contact_point.c.id == point_id)).one()
    return _contact_point(row)


def find_contact(
    connection: Connection, keys: Keys, channel: str, account: str | None, address: str
) -> ContactPoint | None:
    """Return the newest contact point with this address, in whatever state; ``account`` None means any."""
    chosen = sa.select(contact_point).where(
        contact_point.c.channel == channel,
        *([] if account is None else [contact_point.c.account == account]),
        contact_point.c.address_index == address_index(keys, channel, address),
    )
    rows = connection.execute(chosen.order_by(contact_point.c.since.desc()))
    # The look-up hash is vouched for by nobody: only the sealed address itself says whose it is.
    return next((point for point in map(_contact_point, rows) if point.address == address), None)


def address_index(keys: Keys, channel: str, address: str) -> str:
    """Return the look-up hash of an address."""
    return keys.blind(f"contact/{channel}", address)


def _employee(row: Any) -> Employee:
    contact = row.emergency_contact and json.loads(row.emergency_contact.of(row.id))
    return Employee(
        id=row.id,
        employee_no=row.employee_no,
        firm_id=row.firm_id,
        site_id=row.site_id,
        name=row.name.of(row.id),
        id_number=row.id_number and row.id_number.of(row.id),
        job=row.job,
        preference=tuple(row.preference),
        emergency_contact=EmergencyContact(**contact) if contact else None,
    )


def _contact_point(row: Any) -> ContactPoint:
    return ContactPoint(
        id=row.id,
        employee_id=row.employee_id,
        channel=row.channel,
        account=row.account,
        address=row.address.of(row.id),
        state=row.state,
        since=row.since,
        how=row.how,
    )
