"""Exact due times at the edges of hours, days, months and years, as foreseen and as they come.

Late evenings, a make-up Sunday, a holiday week; a leap day, the year's end, the last millisecond, zones.
"""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from casework.assumptions import Assumptions
from casework.ladder import Policy, Rung
from casework.playing import play
from casework.workdays import BEIJING, MESSAGES, TASKS, load_calendar
from storage import ladders
from storage.timeline import lines_of
from tests.engine.world import World

CALENDAR = load_calendar()
CHATHAM = timezone(timedelta(hours=13, minutes=45))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def first_step(start: datetime, action: str, **delay: int):
    rung = Rung("one", "一步", action, "start", "规则", "preferred" if action == "send" else "", **delay)
    policy = Policy("notice", "通知", MESSAGES, TASKS, (rung,))
    return play(policy, CALENDAR, start, Assumptions(("wechat_oa",))).acts[0]


@pytest.mark.parametrize(
    ("action", "start", "delay", "due", "why"),
    [
        ("send", "2026-11-20 22:30", {}, "2026-11-21 08:00", "原定 2026-11-20 22:30（周五）"),
        ("send", "2026-11-20 19:59:59.999", {}, "2026-11-20 19:59:59.999", ""),
        ("send", "2026-11-20 20:00", {}, "2026-11-21 08:00", "原定 2026-11-20 20:00（周五）"),
        (
            "visit",
            "2026-09-19 22:30",
            {},
            "2026-09-20 09:00",
            "原定 2026-09-19 22:30（周六）",
        ),  # make-up Sunday
        (
            "visit",
            "2026-09-30 22:30",
            {},
            "2026-10-08 09:00",
            "原定 2026-09-30 22:30（周三）",
        ),  # holiday week
        ("visit", "2026-10-01 10:00", {}, "2026-10-08 09:00", "原定 2026-10-01 10:00（国庆节）"),
        ("visit", "2026-10-08 10:00", {"workdays": 3}, "2026-10-12 09:00", ""),  # over the make-up Saturday
        ("send", "2028-02-28 09:00", {"hours": 24}, "2028-02-29 09:00", ""),  # leap day
        ("visit", "2028-02-28 10:00", {"workdays": 2}, "2028-03-01 09:00", ""),
        ("send", "2026-12-31 23:59:59.999", {}, "2027-01-01 08:00", "原定 2026-12-31 23:59（周四）"),
        ("visit", "2026-12-31 23:59:59.999", {}, "2027-01-04 09:00", "暂定"),
        ("send", "2026-12-31 12:00", {"hours": 24}, "2027-01-01 12:00", ""),
    ],
)
def test_a_step_is_due_at_exactly_this_moment_and_says_what_moved_it(action, start, delay, due, why):
    act = first_step(at(start), action, **delay)

    assert act.begun_at == at(due)
    assert (why in act.planned.why) if why else act.planned.why == "规则"
    assert "日历 2026.1" in act.planned.why or not why


@pytest.mark.parametrize("zone", [UTC, BEIJING, CHATHAM, timezone(timedelta(hours=-12))])
@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-11-20 07:59:59.999", "2026-11-20 08:00"),  # still the 19th in UTC
        ("2026-11-20 08:00", "2026-11-20 08:00"),
        ("2026-11-20 23:59:59.999", "2026-11-21 08:00"),
        ("2026-11-21 00:00", "2026-11-21 08:00"),  # the 20th, 16:00, in UTC
        ("2026-12-31 16:00", "2026-12-31 16:00"),
        ("2027-01-01 00:00", "2027-01-01 08:00"),  # the year before in UTC
    ],
)
def test_the_day_is_beijing_s_whatever_zone_the_start_came_in(zone, start, due):
    assert first_step(at(start).astimezone(zone), "send").begun_at == at(due)


@pytest.mark.parametrize(
    ("composed", "due"),
    [
        ("2026-11-20 22:30", "2026-11-21 08:00"),
        ("2026-12-31 23:59:59.999", "2027-01-01 08:00"),
        ("2028-02-28 20:00", "2028-02-29 08:00"),
        ("2026-11-20 19:59:59.999", "2026-11-20 19:59:59.999"),
    ],
)
def test_a_notice_composed_late_leaves_when_the_hours_open_and_says_why(quick: World, composed, due):
    quick.clock.at = at(composed).astimezone(UTC)
    notice = quick.remind()
    quick.work()
    early = len(quick.channels["wechat_oa"].taken)
    quick.clock.at = at(due).astimezone(UTC)
    quick.work()

    with quick.archive.reading() as view:
        step = ladders.steps_of(view.connection, ladders.plan_of_notice(view.connection, notice).id)[0]
        planned = next(line.told for line in lines_of(view, quick.case_id) if line.kind == "step.planned")
    assert (step.due_at, step.finished_at) == (at(due), at(due))
    assert (early, len(quick.channels["wechat_oa"].taken)) == (int(composed == due), 1)
    assert ("“每天 08:00–20:00”" in planned["why"]) is (composed != due)


@pytest.mark.parametrize(
    ("composed", "rung_up"),
    [
        ("2026-09-17 09:00", "2026-09-20 09:00"),  # three days later is the make-up Sunday
        ("2026-09-28 09:00", "2026-10-08 09:00"),  # … a holiday: the week is over on the 8th
        ("2028-02-26 09:00", "2028-02-29 09:00"),  # … the leap day
        ("2026-12-29 09:00", "2027-01-04 09:00"),  # … New Year: a provisional Monday
    ],
)
def test_a_call_lies_on_the_working_day_that_the_calendar_names(quick: World, composed, rung_up):
    quick.clock.at = at(composed).astimezone(UTC)
    quick.remind()
    quick.work()
    quick.clock.pass_time(days=1)
    quick.work()
    quick.clock.at = at(rung_up).astimezone(UTC) - timedelta(milliseconds=1)
    quick.work()
    assert quick.open_tasks() == []

    quick.clock.pass_time(milliseconds=1)
    quick.work()
    assert [task.kind for task in quick.open_tasks()] == ["call_contact"]
