"""The stages of a work-injury case and the clocks that start with the accident."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Literal

from casework import packaged
from casework.workdays import BEIJING


class Stage(StrEnum):
    """Where a case stands, in the usual order; a case may return to an earlier stage."""

    REPORTED = "reported"
    FILING = "filing"
    RECOGNITION = "recognition"
    PAID_LEAVE = "paid_leave"
    ASSESSMENT = "assessment"
    COMPENSATION = "compensation"
    NEGOTIATION = "negotiation"
    RETURNED = "returned"
    CLOSED = "closed"

    @property
    def label(self) -> str:
        """The stage in Chinese."""
        return _LABELS[self]


_LABELS = {
    Stage.REPORTED: "事故已报告",
    Stage.FILING: "准备申报材料",
    Stage.RECOGNITION: "工伤认定",
    Stage.PAID_LEAVE: "停工留薪期",
    Stage.ASSESSMENT: "劳动能力鉴定",
    Stage.COMPENSATION: "待遇核定",
    Stage.NEGOTIATION: "协商",
    Stage.RETURNED: "已返岗",
    Stage.CLOSED: "已结案",
}


@dataclass(frozen=True)
class Deadline:
    """A clock's last moment, with what it rests on.

    ``kind`` tells a statutory clock from a house rule. A clock of days or months ends with its
    last day in Beijing (民法典 203); a clock of hours ends to the minute.
    """

    name: str
    title: str
    due: datetime
    kind: Literal["law", "house"]
    law: str
    actor: str
    note: str
    source: str
    checked_on: date

    @property
    def last_day(self) -> date:
        """The last day on which it can still be done, in Beijing."""
        return self.due.astimezone(BEIJING).date()


def deadlines(accident_at: datetime, leave_from: datetime | None = None) -> tuple[Deadline, ...]:
    """Return the clocks that an accident starts, soonest first.

    Paid leave counts from ``leave_from`` where treatment began later than the accident.
    Raises ValueError for a moment without a time zone.
    """
    starts = {"accident": accident_at, "leave": leave_from or accident_at}
    found = [_deadline(rule, starts[rule["starts"]]) for rule in packaged.read("rules", "clocks")["clock"]]
    return tuple(sorted(found, key=lambda deadline: deadline.due))


def employer_filing_due(accident: date) -> date:
    """Return the employer's last day to apply for recognition: 30 natural days (工伤保险条例 17)."""
    return _last_day(_rule("employer_filing"), accident)


def employee_filing_due(accident: date) -> date:
    """Return the employee's last day to apply for recognition: one year (工伤保险条例 17)."""
    return _last_day(_rule("employee_filing"), accident)


def paid_leave_limit(leave_from: date) -> date:
    """Return the last day of the longest ordinary paid leave: 12 months (工伤保险条例 33)."""
    return _last_day(_rule("paid_leave"), leave_from)


def add_months(day: date, months: int) -> date:
    """Return the same day so many months later, or the month's last day if it has none (民法典 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _rule(name: str) -> Mapping[str, Any]:
    rules: list[Mapping[str, Any]] = packaged.read("rules", "clocks")["clock"]
    return next(rule for rule in rules if rule["name"] == name)


def _deadline(rule: Mapping[str, Any], start: datetime) -> Deadline:
    told = ("name", "title", "kind", "law", "actor", "note", "source", "checked_on")
    return Deadline(due=_due(rule, start), **{key: rule[key] for key in told})


def _due(rule: Mapping[str, Any], start: datetime) -> datetime:
    if start.utcoffset() is None:
        raise ValueError("事故时间必须带时区")
    local = start.astimezone(BEIJING)
    if "hours" in rule:
        return local + timedelta(hours=rule["hours"])
    return datetime.combine(_last_day(rule, local.date()), time(23, 59, 59), BEIJING)


def _last_day(rule: Mapping[str, Any], start: date) -> date:
    if "months" in rule:
        return add_months(start, rule["months"])
    return start + timedelta(days=rule["days"])
