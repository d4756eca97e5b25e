"""Which days are working days in China, and when a message or a task may begin."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from casework import packaged

# China has kept no summer time since 1991, so a fixed offset needs no time-zone files.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Calendar:
    """Days off and make-up working days, with the range in which the State Council has fixed them."""

    version: str
    holidays: Mapping[date, str]
    makeup: frozenset[date]
    final_from: date
    final_through: date

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day: a make-up day, or Monday to Friday without a holiday."""
        return day in self.makeup or (day.weekday() < 5 and day not in self.holidays)

    def add_workdays(self, day: date, n: int) -> date:
        """Return the n-th working day after this day, which itself is not counted (民法典 201)."""
        if n < 0:
            raise ValueError("工作日数不能为负")
        for _ in range(n):
            day = self._next_workday(day)
        return day

    def provisional(self, day: date) -> bool:
        """Whether this day lies outside the published notices, so that its character may still change."""
        return not self.final_from <= day <= self.final_through

    def describe(self, day: date) -> str:
        """Name the day for people: 国庆节, 周六, 调休上班 or an ordinary weekday."""
        if day in self.makeup:
            return "调休上班"
        return self.holidays.get(day, f"周{_WEEKDAYS[day.weekday()]}")

    def _next_workday(self, day: date) -> date:
        return next(later for later in _days_after(day) if self.is_workday(later))


@dataclass(frozen=True)
class Window:
    """The hours of a day, Beijing time, in which something may begin; the end is no longer inside."""

    start: time
    end: time
    workdays_only: bool

    def __str__(self) -> str:
        days = "工作日" if self.workdays_only else "每天"
        return f"{days} {self.start:%H:%M}–{self.end:%H:%M}"


MESSAGES = Window(time(8), time(20), workdays_only=False)
TASKS = Window(time(9), time(20), workdays_only=True)


def load_calendar() -> Calendar:
    """Read the packaged calendar; its version belongs into everything computed with it."""
    data = packaged.read("rules", "calendar")
    return Calendar(
        version=data["version"],
        holidays={day: spell["name"] for spell in data["off"] for day in _days_of(spell)},
        makeup=frozenset(day for spell in data["off"] for day in spell.get("makeup", ())),
        final_from=data["final_from"],
        final_through=data["final_through"],
    )


def into_window(moment: datetime, window: Window, calendar: Calendar) -> tuple[datetime, str]:
    """Move a moment forward into its window; say why in Chinese, or "" when it did not move.

    The answer keeps the moment's own time zone. A moment without a zone is refused, because
    nobody could say where its day begins.
    """
    if moment.utcoffset() is None:
        raise ValueError("时间必须带时区")
    local = moment.astimezone(BEIJING)
    moved = _first_inside(local, window, calendar)
    if moved == local:
        return moment, ""
    return moved.astimezone(moment.tzinfo), _reason(local, moved, window, calendar)


def opening(day: date, window: Window) -> datetime:
    """Return the moment at which a window opens on a day, Beijing time."""
    return datetime.combine(day, window.start, BEIJING)


def _first_inside(local: datetime, window: Window, calendar: Calendar) -> datetime:
    if _allowed(local.date(), window, calendar) and local.time() < window.end:
        return max(local, opening(local.date(), window))
    day = next(later for later in _days_after(local.date()) if _allowed(later, window, calendar))
    return opening(day, window)


def _allowed(day: date, window: Window, calendar: Calendar) -> bool:
    return not window.workdays_only or calendar.is_workday(day)


def _reason(local: datetime, moved: datetime, window: Window, calendar: Calendar) -> str:
    draft = "，暂定，放假安排公布后重算" if calendar.provisional(moved.date()) else ""
    return (
        f"原定 {local:%Y-%m-%d %H:%M}（{calendar.describe(local.date())}）不在“{window}”内，"
        f"顺延到 {moved:%Y-%m-%d %H:%M}（日历 {calendar.version}{draft}）"
    )


def _days_of(spell: Mapping[str, Any]) -> Iterator[date]:
    length: int = (spell["to"] - spell["from"]).days + 1
    return (spell["from"] + timedelta(days=n) for n in range(length))


def _days_after(day: date) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        yield day
