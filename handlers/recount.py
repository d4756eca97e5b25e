"""A new calendar comes in: it is kept, and every ladder counted with an older one is counted again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from casework.calendar_form import CalendarRefused
from casework.calendar_notice import amended, changed_days, merged
from casework.calendars import Calendar
from handlers.calendar import current, keep_version
from handlers.escalate import advance
from handlers.people import Unacceptable
from handlers.ports import Ladders
from storage import calendars, cases, ladders
from storage.book import Archive, Book, Entry, case_stream
from storage.ladders import Plan
from storage.rows import Put

BATCH = 20  # ladders in one transaction


@dataclass(frozen=True)
class TakenIn:
    """What a notice did: from which version to which, and the official days that it changed."""

    old: str
    new: str
    changed: tuple[date, ...]


def take_in_notice(
    book: Book, notice: Mapping[str, Any], packaged: Calendar, actor: str, why: str = ""
) -> TakenIn:
    """Put a State Council notice into the calendar and keep the new version.

    The very version that counts already is taken without a second record, so that an import that
    broke off can be repeated. Raises Unacceptable when the notice is wrong, or when it changes days
    of an official year and ``why`` gives no reason.
    """
    held = current(book, packaged)
    try:
        if notice.get("version") == held.version and calendars.has_version(book.connection, held.version):
            return _again(held, notice)
        made = amended(held, notice)
    except CalendarRefused as refused:
        raise Unacceptable("calendar", str(refused)) from refused
    changed = changed_days(held, made)
    if changed and not why.strip():
        days = "、".join(f"{day}（原为{held.describe(day)}）" for day in changed)
        raise Unacceptable("why", f"这个文件改动了正式年份的 {days}；确实有新的通知时，请写明理由再导入")
    told = {"from": held.version, "to": made.version, "changed": [f"{day}" for day in changed], "why": why}
    keep_version(book, made, actor, told)
    return TakenIn(held.version, made.version, changed)


def recount(archive: Archive, rules: Ladders, actor: str) -> Iterator[int]:
    """Count every ladder again that was counted with another calendar; yield how many are done so far.

    A batch is one transaction; steps that were begun stay as they are.
    """
    after, done = "", 0
    while True:
        with archive.writing() as book:
            held = current(book, rules.calendar)
            batch = calendars.plans_on_other_calendars(book.connection, held.version, after, BATCH)
            if batch:
                keep_version(book, held, actor)
            for plan_id in batch:
                count_again(book, plan_id, held, rules, actor)
        if not batch:
            return
        after, done = batch[-1], done + len(batch)
        yield done


def count_again(book: Book, plan_id: str, calendar: Calendar, rules: Ladders, actor: str) -> None:
    """Name the new calendar in the ladder, and plan its next step again."""
    plan = ladders.plan_by_id(book.connection, plan_id, lock=True)
    if plan.state == "ended" or plan.calendar == calendar.version:
        return
    advance(book, plan_id, rules, actor, caused_by=_renamed(book, plan, calendar, actor))


def _renamed(book: Book, plan: Plan, calendar: Calendar, actor: str) -> str:
    why = f"工作日历由 {plan.calendar} 换成 {calendar.version}，还没有开始的步骤重新计算"
    entry = Entry(
        "plan.moved",
        case_stream(plan.case_id),
        actor,
        rows=[Put("plan", plan.id, {"calendar": calendar.version}, new=False)],
        told={"why": why, "calendar": {"from": plan.calendar, "to": calendar.version}},
        party=cases.case_by_id(book.connection, plan.case_id).employee_id,
    )
    return book.add(entry)


def _again(held: Calendar, notice: Mapping[str, Any]) -> TakenIn:
    """The file was taken in before; one with the same version and other days is a mistake."""
    if merged(held, notice) != held:
        raise Unacceptable("version", f"版本 {held.version} 已经有了，内容不同；请写一个更新的版本号")
    return TakenIn(held.version, held.version, ())
