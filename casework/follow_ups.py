"""On which days somebody who recovers is asked how things are (休养随访)."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from casework.calendars import Calendar
from casework.workdays import BEIJING, TASKS, into_window

FIRST_AFTER = 3  # days
EVERY = 14  # days
BEFORE_END = 7  # days before the certificate ends
APART = 3  # days: a question of the row gives way to the one before the end
ASKED_AT = time(10)  # Beijing


def next_visit(since: date, until: date | None, after: date) -> date | None:
    """Return the first day behind ``after`` on which to ask; None when there is none any more.

    ``since`` is the first day of rest, ``until`` the certificate's last day where it is known.
    """
    return next((day for day in visit_days(since, until) if day > after), None)


def visit_days(since: date, until: date | None) -> Iterator[date]:
    """Yield the days in order: the third, every fourteenth from there, and a week before the end.

    Nobody is asked twice within a few days, and nobody in the last week.
    """
    first = since + timedelta(days=FIRST_AFTER)
    end = None if until is None else until - timedelta(days=BEFORE_END)
    if end is None or until is None:
        yield from _row(first, date.max)
    elif end < first:
        yield from _row(first, until)
    else:
        yield from _row(first, end - timedelta(days=APART + 1))
        yield end


def ask_at(day: date, now: datetime, calendar: Calendar) -> datetime:
    """Return when to ask: mid-morning of that day, moved to working hours, never before now."""
    moment = max(datetime.combine(day, ASKED_AT, BEIJING), now)
    return into_window(moment, TASKS, calendar)[0].astimezone(now.tzinfo)


def _row(first: date, last: date) -> Iterator[date]:
    for n in range(0, (last - first).days + 1, EVERY):
        yield first + timedelta(days=n)
