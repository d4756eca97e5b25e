"""How a calendar is written down and read back: the packaged file, a version kept in the database."""

import re
from collections.abc import Mapping, Set
from datetime import date
from typing import Any

from casework import packaged
from casework.calendars import Calendar, Spell, Yearly

_VERSION = re.compile(r"(\d{4})\.([1-9]\d{0,3})")


class CalendarRefused(ValueError):  # noqa: N818  (reads as what happened)
    """A calendar cannot be used; the message names the place and what it must be."""


def load_calendar() -> Calendar:
    """Read the packaged calendar; its version belongs into everything computed with it."""
    return calendar_from_body(packaged.read("rules", "calendar"))


def calendar_body(calendar: Calendar) -> dict[str, Any]:
    """Return the calendar as plain JSON values, always the same for the same calendar."""
    return {
        "version": calendar.version,
        "final_from": calendar.final_from.isoformat(),
        "final_through": calendar.final_through.isoformat(),
        "off": [_spell_body(spell) for spell in calendar.spells],
        "yearly": [_yearly_body(one) for one in calendar.yearly],
    }


def calendar_from_body(body: Mapping[str, Any]) -> Calendar:
    """Build a calendar from JSON or TOML values; raises CalendarRefused, naming the key."""
    _only(body, "日历", {"version", "final_from", "final_through", "off"}, {"yearly"})
    version_order(body["version"])
    return Calendar(
        version=body["version"],
        spells=tuple(_spell(one) for one in _list(body, "off")),
        final_from=_day(body["final_from"], "final_from"),
        final_through=_day(body["final_through"], "final_through"),
        yearly=tuple(_yearly(one) for one in _list(body, "yearly")),
    )


def version_order(version: object) -> tuple[int, int]:
    """Return what versions are ordered by: year, then number. Raises CalendarRefused."""
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if found is None:
        raise CalendarRefused(f"version 写成“年份.序号”，例如 2027.1，不能是 {version!r}")
    return int(found[1]), int(found[2])


def _spell_body(spell: Spell) -> dict[str, Any]:
    return {
        "name": spell.name,
        "from": spell.first.isoformat(),
        "to": spell.last.isoformat(),
        "makeup": [day.isoformat() for day in spell.makeup],
        "source": spell.source,
        "checked_on": spell.checked_on.isoformat(),
    }


def _yearly_body(one: Yearly) -> dict[str, Any]:
    days, checked_on = list(one.days), one.checked_on.isoformat()
    return {"name": one.name, "days": days, "source": one.source, "checked_on": checked_on}


def _spell(body: Any) -> Spell:
    _only(body, "off", {"name", "from", "to", "source", "checked_on"}, {"makeup"})
    name = _words(body, "name")
    first, last = _day(body["from"], f"{name} from"), _day(body["to"], f"{name} to")
    makeup = tuple(_day(day, f"{name} makeup") for day in _list(body, "makeup"))
    return Spell(
        name, first, last, makeup, _words(body, "source"), _day(body["checked_on"], f"{name} checked_on")
    )


def _yearly(body: Any) -> Yearly:
    _only(body, "yearly", {"name", "days", "source", "checked_on"})
    name, days = _words(body, "name"), tuple(_list(body, "days"))
    for day in days:
        _day(f"2028-{day}", f"{name} days")  # a leap year: every date that any year has
    return Yearly(name, days, _words(body, "source"), _day(body["checked_on"], f"{name} checked_on"))


def _only(body: Any, where: str, needed: Set[str], optional: Set[str] = frozenset()) -> None:
    if not isinstance(body, Mapping):
        raise CalendarRefused(f"{where} 必须是一组键和值")
    if missing := sorted(needed - body.keys()):
        raise CalendarRefused(f"{where} 缺少 {', '.join(missing)}")
    if unknown := sorted(body.keys() - needed - optional):
        raise CalendarRefused(f"{where} 不认识 {', '.join(unknown)}")


def _list(body: Mapping[str, Any], key: str) -> list[Any]:
    found = body.get(key, [])
    if not isinstance(found, list):
        raise CalendarRefused(f"{key} 必须是一个列表")
    return found


def _words(body: Mapping[str, Any], key: str) -> str:
    found = body[key]
    if not isinstance(found, str) or not found.strip():
        raise CalendarRefused(f"{key} 必须是文字，不能是空的")
    return found


def _day(value: Any, where: str) -> date:
    try:
        return value if type(value) is date else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise CalendarRefused(f"{where} 写成 2027-01-01 这样的日期，不能是 {value!r}") from None
