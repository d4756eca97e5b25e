"""Why a step lies on its day: which days on the way were worked or off, and where that is written."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

from casework.calendars import WEEKDAYS, Calendar


def grounds(calendar: Calendar, since: date, until: date) -> tuple[str, ...]:
    """Name the make-up days and holidays after ``since`` up to ``until``, and say when they are not final.

    Ordinary weekdays and weekends are not named. A day in a year without a notice is said to be so.
    """
    days = [since + timedelta(days=n) for n in range(1, (until - since).days + 1)]
    told = (_told(calendar, [*some]) for _, some in groupby(days, lambda day: _sort(calendar, day)))
    return (*(one for one in told if one), *_not_final(calendar, days))


def named(day: date) -> str:
    """Write a day with its weekday."""
    return f"{day}（周{WEEKDAYS[day.weekday()]}）"


def _sort(calendar: Calendar, day: date) -> tuple[str, str]:
    if day in calendar.makeup:
        return "work", f"{day}"
    return "off", calendar.holiday(day) or ""


def _told(calendar: Calendar, days: list[date]) -> str:
    first, last = days[0], days[-1]
    source = f"：{calendar.source_of(first)}" if calendar.source_of(first) else ""
    if first in calendar.makeup:
        return f"{named(first)}调休上班，算工作日{source}"
    if calendar.holiday(first) is None:
        return ""
    spell = named(first) if first == last else f"{named(first)}至 {named(last)}"
    return f"{spell}{calendar.holiday(first)}放假，不算工作日{source}"


def _not_final(calendar: Calendar, days: list[date]) -> Iterator[str]:
    years = sorted({day.year for day in days if calendar.provisional(day)})
    if years:
        listed = "、".join(f"{year}" for year in years)
        yield f"{listed} 年的放假安排还没有公布，先按周末和法定节假日推算，公布后重算"
