"""Moments as people read them: Beijing time, with the weekday, and how long it is until then."""

from datetime import datetime

from flask_babel import gettext as _

from bot.console.words import mark
from casework.workdays import BEIJING

_WEEKDAYS = (
    mark("周一"), mark("周二"), mark("周三"), mark("周四"), mark("周五"), mark("周六"), mark("周日"),
)  # fmt: skip
_NEAR = {-1: mark("昨天"), 0: mark("今天"), 1: mark("明天")}


def when(at: datetime, now: datetime) -> str:
    """Return a day that is near by its name, any other with its weekday, and the time."""
    return f"{day(at, now)} {at.astimezone(BEIJING):%H:%M}"


def day(at: datetime, now: datetime) -> str:
    """Return only the day of it."""
    local, today = at.astimezone(BEIJING).date(), now.astimezone(BEIJING).date()
    near = _NEAR.get((local - today).days)
    if near is not None:
        return str(_(near))
    date = f"{local:%m-%d}" if local.year == today.year else f"{local:%Y-%m-%d}"
    return f"{date} {_(_WEEKDAYS[local.weekday()])}"


def date(at: datetime) -> str:
    """Return a whole date with its weekday."""
    local = at.astimezone(BEIJING)
    return f"{local:%Y-%m-%d} {_(_WEEKDAYS[local.weekday()])}"


def exact(at: datetime) -> str:
    """Return a moment to the second, as it stands in the record."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def until(at: datetime, now: datetime) -> str:
    """Say in words how long it is until then, or that the time has come."""
    minutes = int((at - now).total_seconds() // 60)
    if minutes < 1:
        return str(_("现在就做"))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return str(_("%(days)d 天 %(hours)d 小时后", days=days, hours=hours))
    if hours:
        return str(_("%(hours)d 小时 %(minutes)d 分后", hours=hours, minutes=minutes))
    return str(_("%(minutes)d 分钟后", minutes=minutes))


def late_by(at: datetime, now: datetime) -> str:
    """Say in words how long it is past its time."""
    hours = int((now - at).total_seconds() // 3600)
    if hours >= 24:
        return str(_("已超期 %(days)d 天", days=hours // 24))
    return str(_("已超期 %(hours)d 小时", hours=hours))
