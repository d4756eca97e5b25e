"""A new calendar comes in: it is sealed, it counts at once, and running ladders are counted again."""

import dataclasses
from datetime import UTC, datetime

import pytest

from handlers.calendar import current
from handlers.people import Unacceptable
from handlers.recount import recount, take_in_notice
from storage import ladders
from storage.audit import audit
from storage.timeline import lines_of
from tests.engine.world import World
from tests.simulation.notice_2027 import notice

ACTOR = "system:command-line"
# The call comes three days later, on 12 February: a working day unless the notice says otherwise; ours does.
START = datetime(2027, 2, 9, 1, 0, tzinfo=UTC)


def take_in(here: World, **changes: object) -> list[int]:
    """Take the notice in and count again; return how far the counting was after each batch."""
    with here.archive.writing() as book:
        take_in_notice(book, notice(**changes), here.desk.rules.calendar, ACTOR)
    return list(recount(here.archive, here.desk.rules, ACTOR))


def silent(here: World) -> str:
    """A reminder that two messages have not answered: its next step is a call on 12 February."""
    here.clock.at = START
    found = here.remind()
    here.work()
    here.clock.pass_time(hours=24)
    here.work()
    return found


def plan_of(here: World, notice_id: str) -> ladders.Plan:
    with here.archive.reading() as view:
        return ladders.plan_of_notice(view.connection, notice_id)


def steps_of(here: World, notice_id: str) -> list[ladders.Step]:
    with here.archive.reading() as view:
        return ladders.steps_of(view.connection, plan_of(here, notice_id).id)


def test_the_first_ladder_seals_the_calendar_that_it_is_counted_with(here: World):
    first, second = here.remind(), here.remind("plain")

    assert plan_of(here, first).calendar == plan_of(here, second).calendar == "2026.1"
    with here.archive.reading() as view:
        assert current(view, here.desk.rules.calendar) == here.desk.rules.calendar
        assert audit(view).findings == ()


def test_a_step_that_was_counted_provisionally_moves_and_the_record_names_both_calendars(here: World):
    reminder = silent(here)
    assert steps_of(here, reminder)[-1].due_at == datetime(2027, 2, 12, 1, 0, tzinfo=UTC)

    assert take_in(here) == [1]

    call = steps_of(here, reminder)[-1]
    assert call.due_at == datetime(2027, 2, 14, 1, 0, tzinfo=UTC)  # the make-up Sunday
    assert "春节" in call.why and "日历 2027.1）" in call.why
    assert plan_of(here, reminder).calendar == "2027.1"
    with here.archive.reading() as view:
        (moved,) = [line.told for line in lines_of(view, here.case_id) if line.kind == "plan.moved"]
        assert audit(view).findings == ()
    assert moved["calendar"] == {"from": "2026.1", "to": "2027.1"}


def test_what_was_begun_stays_as_it_is(here: World):
    reminder = silent(here)
    here.clock.at = datetime(2027, 2, 12, 1, 0, tzinfo=UTC)
    here.work()
    before = steps_of(here, reminder)

    take_in(here)

    assert steps_of(here, reminder) == before
    assert [task.kind for task in here.open_tasks()] == ["call_contact"]


def test_a_ladder_that_no_day_concerns_keeps_its_step_and_gets_the_new_name(here: World):
    reminder = here.remind()
    before = steps_of(here, reminder)

    take_in(here)

    assert steps_of(here, reminder) == before
    assert plan_of(here, reminder).calendar == "2027.1"


def test_an_ended_ladder_keeps_the_calendar_that_it_ended_with(here: World):
    reminder = here.remind()
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="收到")
    here.work()

    assert take_in(here) == []
    assert plan_of(here, reminder).calendar == "2026.1"


def test_a_paused_ladder_goes_on_with_the_new_calendar(here: World):
    reminder = here.remind()
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="？")
    here.work()

    take_in(here)

    assert (plan_of(here, reminder).state, plan_of(here, reminder).calendar) == ("paused", "2027.1")
    assert here.steps(reminder)[-1][2] == "skipped"


def test_many_ladders_are_counted_again_batch_by_batch_each_once(
    here: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("handlers.recount.BATCH", 2)
    reminders = [here.remind() for _ in range(5)]

    assert take_in(here) == [2, 4, 5]
    assert {plan_of(here, one).calendar for one in reminders} == {"2027.1"}
    assert here.kinds().count("plan.moved") == 5


def test_the_same_file_may_be_given_again_and_changes_nothing(here: World):
    here.remind()
    take_in(here)
    kinds = here.kinds()

    assert take_in(here) == []
    assert here.kinds() == kinds


def test_another_file_of_the_same_version_is_a_mistake(here: World):
    take_in(here)
    other = notice()["off"]
    other[1]["to"] = other[1]["to"].replace(day=11)

    with pytest.raises(Unacceptable, match="已经有了，内容不同"):
        take_in(here, off=other)


def test_a_wrong_notice_changes_nothing_and_says_why(here: World):
    with pytest.raises(Unacceptable, match="至少写一个年份"):
        take_in(here, off=[])
    with here.archive.reading() as view:
        assert current(view, here.desk.rules.calendar).version == "2026.1"


def test_an_official_day_changes_only_with_a_reason_that_is_sealed(here: World):
    bridge = notice()["off"]
    bridge[0]["from"] = bridge[0]["from"].replace(year=2026, month=12, day=31)
    packaged = here.desk.rules.calendar
    with pytest.raises(Unacceptable, match="2026-12-31（原为周四）"):
        take_in(here, off=bridge)

    with here.archive.writing() as book:
        taken = take_in_notice(book, notice(off=bridge), packaged, ACTOR, "国务院办公厅更正")

    assert [f"{day}" for day in taken.changed] == ["2026-12-31"]
    with here.archive.reading() as view:
        assert not current(view, packaged).is_workday(taken.changed[0])


def test_the_packaged_calendar_counts_again_once_a_release_brings_a_newer_one(here: World):
    reminder = silent(here)
    newer = dataclasses.replace(here.desk.rules.calendar, version="2028.1")
    here.desk = dataclasses.replace(here.desk, rules=dataclasses.replace(here.desk.rules, calendar=newer))

    assert list(recount(here.archive, here.desk.rules, "system:migrate")) == [1]
    assert plan_of(here, reminder).calendar == "2028.1"
    with here.archive.reading() as view:
        assert audit(view).findings == ()
