"""By which account a message leaves: the address's own, or one of several that may serve it."""

import hashlib

from casework.pace import in_turn
from handlers.desk import Desk
from handlers.throttle import Account, blocked_accounts
from storage import cases, deliveries, people
from storage.book import Book, Reader
from storage.ladders import Blocked, Plan, Step
from storage.people import ContactPoint


def address_of(book: Book, plan: Plan, step: Step, desk: Desk) -> ContactPoint | None:
    """Return where a rung goes; one that was tried before keeps the address its delivery names."""
    known = deliveries.delivery_of_step(book.connection, step.id)
    if known is not None:
        point = people.contact_point_by_id(book.connection, known.contact_point_id)
        return point if point.state == "active" and senders_of(point, step, desk) else None
    case = cases.case_by_id(book.connection, plan.case_id)
    person = people.employee_by_id(book.connection, case.employee_id)
    here = people.usable_contacts(book.connection, person)
    return next((one for one in here if one.channel == step.channel and senders_of(one, step, desk)), None)


def senders_of(point: ContactPoint, step: Step, desk: Desk) -> list[Account]:
    """Return the accounts that can write to an address, the preferred one first.

    An address that belongs to one account (an openid) has no other. Where any
    account of the kind may serve it, they share the messages by weight; each
    message has its own resting point and comes back to it.
    """
    own = (point.channel, point.account)
    kind = {account: channel for account, channel in desk.channels.items() if account[0] == point.channel}
    if not any(channel.capabilities.portable for channel in kind.values()):
        return [own] if own in kind else []
    weights = {account: desk.limits.pace((name, account)).weight for name, account in kind}
    return [(point.channel, account) for account in in_turn(weights, _draw(step.id))]


def is_portable(desk: Desk, name: str) -> bool:
    """Whether addresses of this kind of channel may be served by any of its accounts."""
    return any(one.capabilities.portable for one in desk.by_name(name).values())


def what_is_blocked(view: Book | Reader, desk: Desk) -> Blocked:
    """Return what a claim passes over now: whole kinds of channel, and accounts that no other replaces."""
    closed = blocked_accounts(view, desk.limits, desk.channels, view.now)
    if not closed:
        return Blocked()
    kinds = {name for name, _ in closed}
    wholly = (name for name in kinds if all((name, account) in closed for account in desk.by_name(name)))
    lanes = ("/".join(one) for one in closed if not is_portable(desk, one[0]))
    return Blocked(tuple(sorted(wholly)), tuple(sorted(lanes)))


def lane_of(account: Account, desk: Desk) -> str | None:
    """Return the lane in which a message waits that no other account can send."""
    return None if is_portable(desk, account[0]) else "/".join(account)


def _draw(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest())
