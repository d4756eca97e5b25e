"""On which channels an employee can be written to, and which of them comes first."""

from collections.abc import Sequence

from handlers.ports import Ladders
from storage import people
from storage.book import Book, Reader
from storage.people import Employee
from storage.worked import channels_that_worked


def channels_of(view: Book | Reader, person: Employee, rules: Ladders) -> tuple[str, ...]:
    """Return the channels that may be used, the best first.

    First those that the employee asked for, in the order that was asked; then those on which a
    notice has reached this person before; then the others.
    """
    usable = [point.channel for point in people.usable_contacts(view.connection, person)]
    known = [channel for channel in usable if channel in rules.channel_names]
    if not _open_question(known, person.preference):
        return tuple(known)
    worked = channels_that_worked(view.connection, person.id)
    asked_for = [channel for channel in known if channel in person.preference]
    others = [channel for channel in known if channel not in person.preference]
    return (*asked_for, *sorted(others, key=lambda channel: channel not in worked))


def _open_question(known: Sequence[str], preference: Sequence[str]) -> bool:
    """Whether more than one channel is left to which the employee's own words give no order."""
    return len(set(known) - set(preference)) > 1
