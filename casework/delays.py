"""How long a rung waits after the moment from which it is counted."""

from datetime import datetime, timedelta

from casework.ladder import Rung
from casework.workdays import BEIJING, Calendar, Window, opening


def after(rung: Rung, since: datetime, tasks: Window, calendar: Calendar) -> datetime:
    """Return the moment that lies a rung's delay after ``since``; its own hours are not looked at yet."""
    if rung.workdays:
        return workdays_after(since, rung.workdays, tasks, calendar)
    return since + timedelta(hours=rung.hours, days=rung.days)


def workdays_after(since: datetime, n: int, tasks: Window, calendar: Calendar) -> datetime:
    """Working days are counted by the day, so this is the hour at which the n-th one opens."""
    return opening(calendar.add_workdays(since.astimezone(BEIJING).date(), n), tasks)
