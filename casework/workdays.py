"""When a message or a task may begin: the lawful hours of a day, and working days in China."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from casework.calendar_form import load_calendar
from casework.calendars import Calendar, days_after

__all__ = [
    "BEIJING", "MESSAGES", "TASKS", "Calendar", "Window", "closing", "into_window",
    "load_calendar", "opening",
]  # fmt: skip

# China has kept no summer time since 1991, so a fixed offset needs no time-zone files.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


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


def closing(moment: datetime, window: Window) -> datetime:
    """Return when the window of a moment's day in Beijing closes, or the moment itself if it has."""
    day = moment.astimezone(BEIJING).date()
    return max(moment, datetime.combine(day, window.end, BEIJING).astimezone(moment.tzinfo))


def opening(day: date, window: Window) -> datetime:
    """Return the moment at which a window opens on a day, Beijing time."""
    return datetime.combine(day, window.start, BEIJING)


def _first_inside(local: datetime, window: Window, calendar: Calendar) -> datetime:
    if _allowed(local.date(), window, calendar) and local.time() < window.end:
        return max(local, opening(local.date(), window))
    day = next(later for later in days_after(local.date()) if _allowed(later, window, calendar))
    return opening(day, window)


def _allowed(day: date, window: Window, calendar: Calendar) -> bool:
    return not window.workdays_only or calendar.is_workday(day)


def _reason(local: datetime, moved: datetime, window: Window, calendar: Calendar) -> str:
    open_question = window.workdays_only and calendar.provisional(moved.date())
    draft = "，暂定，放假安排公布后重算" if open_question else ""
    return (
        f"原定 {local:%Y-%m-%d %H:%M}（{calendar.describe(local.date())}）不在“{window}”内，"
        f"顺延到 {moved:%Y-%m-%d %H:%M}（日历 {calendar.version}{draft}）"
    )
