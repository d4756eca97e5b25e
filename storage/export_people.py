"""Who acted and where a message went, as the log named them at one size."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence.errors import FactsError
from evidence.rows import parse_facts
from storage import export_source as source
from storage.book import Reader
from storage.columns import Held
from storage.schema import contact_point
from storage.vault import Opening


@dataclass(frozen=True)
class Staff:
    """A user's name and role."""

    name: str
    role: str


@dataclass(frozen=True)
class Address:
    """One address, and how we know that it is the person's; nothing of it ever changes but its state."""

    channel: str
    account: str
    address: str
    how: str


def staff_below(view: Reader, below: int) -> dict[str, Staff]:
    """Return every user whom a record below a position names, by id."""
    leaves, found = source.leaves_of_kind(view.connection, ("user.saved",), below), dict[str, Staff]()
    for one in source.opened(view, leaves):
        facts = one.parts.get("facts")
        try:
            rows = parse_facts(facts.data, one.leaf.id).rows if isinstance(facts, Opening) else ()
        except FactsError:
            continue  # somebody wrote into it: the audit names it
        found |= {
            row.id: Staff(str(row.columns["name"]), str(row.columns["role"]))
            for row in rows
            if row.table == "user"
        }
    return found


def addresses(connection: Connection, ids: Iterable[str]) -> dict[str, Address]:
    """Return these contact points by id; one that was erased is left out."""
    wanted, found = sorted(set(ids)), dict[str, Address]()
    for start in range(0, len(wanted), source.BATCH):
        some = contact_point.c.id.in_(wanted[start : start + source.BATCH])
        for row in connection.execute(sa.select(contact_point).where(some)):
            plain = row.address.of(row.id) if isinstance(row.address, Held) else ""
            found[row.id] = Address(row.channel, row.account, plain, row.how)
    return found
