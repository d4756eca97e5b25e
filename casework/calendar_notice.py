"""A new State Council notice is put into the calendar: what it must look like, and what it may not change."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from casework.calendar_form import CalendarRefused, calendar_body, calendar_from_body, version_order
from casework.calendars import Calendar, Spell

# The festivals of 全国年节及纪念日放假办法 (2024) art. 2; a notice may join two of them into one spell.
FESTIVALS = ("元旦", "春节", "清明", "劳动", "端午", "中秋", "国庆")
LONGEST = 16  # days; the longest spell of any notice so far had nine
NEARBY = timedelta(days=31)  # how far a make-up day lies from its spell at most


def amended(current: Calendar, notice: Mapping[str, Any]) -> Calendar:
    """Return the calendar with a notice put in, checked as a whole; raises CalendarRefused."""
    made = merged(current, notice)
    faults = [*_range_faults(made, current), *_day_faults(made), *_year_faults(made)]
    if faults:
        raise CalendarRefused("；".join(faults))
    return made


def merged(current: Calendar, notice: Mapping[str, Any]) -> Calendar:
    """Put a notice into the calendar without asking whether that makes sense; raises CalendarRefused.

    The notice has a new ``version`` and ``final_through``, and ``off`` for whole years: a year that it
    names replaces the same year of the calendar, all other years stay. A file that names every year
    is therefore a whole calendar.
    """
    if not isinstance(notice.get("off"), list) or not notice["off"]:
        raise CalendarRefused("文件里没有 [[off]]：至少写一个年份的放假安排")
    given = calendar_from_body({**calendar_body(current), **notice})
    kept = [spell for spell in current.spells if spell.last.year not in given.years]
    return replace(given, spells=tuple(sorted([*kept, *given.spells], key=lambda spell: spell.first)))


def changed_days(old: Calendar, new: Calendar) -> tuple[date, ...]:
    """Return the days of the old calendar's official years that are another kind of day in the new one."""
    count = (old.final_through - old.final_from).days + 1
    days = (old.final_from + timedelta(days=n) for n in range(count))
    return tuple(day for day in days if old.is_workday(day) != new.is_workday(day))


def _range_faults(made: Calendar, current: Calendar) -> Iterator[str]:
    if version_order(made.version) <= version_order(current.version):
        yield f"version {made.version} 必须比现在的 {current.version} 新"
    if made.final_from > current.final_from or made.final_through < current.final_through:
        yield f"正式年份不能变少：现在是 {current.final_from} 至 {current.final_through}"
    if (made.final_from.month, made.final_from.day) != (1, 1):
        yield "final_from 必须是某年 1 月 1 日"
    if (made.final_through.month, made.final_through.day) != (12, 31):
        yield "final_through 必须是某年 12 月 31 日"


def _day_faults(made: Calendar) -> Iterator[str]:
    for spell in made.spells:
        yield from _spell_faults(spell)
    off = Counter(day for spell in made.spells for day in spell.days)
    worked = Counter(day for spell in made.spells for day in spell.makeup)
    for day in sorted(day for day in off | worked if off[day] + worked[day] > 1):
        yield f"{day} 写了两次，一天只能放假或调休上班一次"


def _spell_faults(spell: Spell) -> Iterator[str]:
    if spell.first > spell.last:
        yield f"{spell.name}：from {spell.first} 晚于 to {spell.last}"
    if (spell.last - spell.first).days >= LONGEST:
        yield f"{spell.name}：{spell.first} 至 {spell.last} 超过 {LONGEST} 天，请核对"
    for day in spell.makeup:
        if day.weekday() < 5:
            yield f"{spell.name}：调休上班日 {day} 不是周六或周日"
        if not spell.first - NEARBY <= day <= spell.last + NEARBY:
            yield f"{spell.name}：调休上班日 {day} 离假期太远，请核对年份"


def _year_faults(made: Calendar) -> Iterator[str]:
    """Find what an official year lacks: a festival, or a day that the statute itself frees."""
    for year in range(made.final_from.year, made.final_through.year + 1):
        names = "".join(spell.name for spell in made.spells if spell.last.year == year)
        missing = [one for one in FESTIVALS if one not in names]
        if missing:
            yield f"{year} 年标为正式，却没有{'、'.join(missing)}；放假通知要整年写全"
        days = (date.fromisoformat(f"{year}-{day}") for one in made.yearly for day in one.days)
        yield from (f"{day} 是法定节假日，文件里却不放假" for day in days if day not in made.holidays)
