"""The working calendar: days off, make-up days, and which years the State Council has fixed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Spell:
    """One holiday of one notice: its days off, the weekend days worked instead, and where that is written."""

    name: str
    first: date
    last: date
    makeup: tuple[date, ...]
    source: str
    checked_on: date

    @property
    def days(self) -> Iterator[date]:
        """Each day off, in order."""
        return (self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1))


@dataclass(frozen=True)
class Yearly:
    """Days off whose date the statute itself fixes (``days`` as MM-DD), whatever the year."""

    name: str
    days: tuple[str, ...]
    source: str
    checked_on: date


@dataclass(frozen=True)
class Calendar:
    """Days off and make-up working days, with the range in which the State Council has fixed them.

    A year that no spell names has its weekends and the yearly days only: lunar dates are not guessed.
    """

    version: str
    spells: tuple[Spell, ...]
    final_from: date
    final_through: date
    yearly: tuple[Yearly, ...] = ()

    @cached_property
    def holidays(self) -> Mapping[date, str]:
        """The listed days off, each with its name."""
        return {day: spell.name for spell in self.spells for day in spell.days}

    @cached_property
    def makeup(self) -> frozenset[date]:
        """The weekend days that are worked."""
        return frozenset(day for spell in self.spells for day in spell.makeup)

    @cached_property
    def years(self) -> frozenset[int]:
        """The years that are listed."""
        return frozenset(spell.last.year for spell in self.spells)

    def holiday(self, day: date) -> str | None:
        """Return the name of a day off, None for any other day, weekends included."""
        if day in self.holidays or day.year in self.years:
            return self.holidays.get(day)
        return self._yearly.get(f"{day:%m-%d}")

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day: a make-up day, or Monday to Friday without a holiday."""
        return day in self.makeup or (day.weekday() < 5 and self.holiday(day) is None)

    def add_workdays(self, day: date, n: int) -> date:
        """Return the n-th working day after this day, which itself is not counted (民法典 201)."""
        if n < 0:
            raise ValueError("工作日数不能为负")
        for _ in range(n):
            day = next(later for later in days_after(day) if self.is_workday(later))
        return day

    def provisional(self, day: date) -> bool:
        """Whether this day lies outside the published notices, so that its character may still change."""
        return not self.final_from <= day <= self.final_through

    def describe(self, day: date) -> str:
        """Name the day for people: 国庆节, 周六, 调休上班 or an ordinary weekday."""
        if day in self.makeup:
            return "调休上班"
        return self.holiday(day) or f"周{WEEKDAYS[day.weekday()]}"

    def source_of(self, day: date) -> str:
        """Return where it is written that this day is off or worked, "" for an ordinary day."""
        found = (one.source for one in self.spells if one.first <= day <= one.last or day in one.makeup)
        yearly = (one.source for one in self.yearly if f"{day:%m-%d}" in one.days and self.holiday(day))
        return next(found, "") or next(yearly, "")

    @cached_property
    def _yearly(self) -> Mapping[str, str]:
        return {day: one.name for one in self.yearly for day in one.days}


def days_after(day: date) -> Iterator[date]:
    """Yield every day after this one."""
    while True:
        day += timedelta(days=1)
        yield day
