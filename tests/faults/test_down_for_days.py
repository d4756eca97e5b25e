"""Fault 38: down from Friday to Monday over three due rungs; one step catches up, the others have lapsed."""

import json

from storage.timeline import lines_of
from tests.engine.world import PretendChannel
from tests.faults.world import hold_invariants


def to_friday_morning(here) -> None:
    here.clock.pass_time(days=4)  # 9:00 on Friday in Beijing


def lapsed(here) -> list[list[int]]:
    """What the records say was overtaken, in order."""
    with here.archive.reading() as view:
        lines = lines_of(view, here.case_id)
    return [line.told["lapsed"] for line in lines if line.kind == "step.planned" and line.told["lapsed"]]


def messages(here) -> list[str]:
    return [name for name, channel in here.channels.items() for _ in channel.taken]


def everything_taken(here) -> list[dict[str, str]]:
    return [one for channel in here.channels.values() for one in channel.taken]


def test_fault_38_down_from_friday_to_monday_one_message_catches_up_and_waits_for_the_morning(here):
    to_friday_morning(here)
    notice = here.remind()  # and every worker goes down before the first rung is taken
    here.clock.pass_time(days=2, hours=14)  # Sunday 23:00
    here.work()
    assert messages(here) == []
    here.clock.pass_time(hours=10, minutes=5)  # Monday 9:05: the first, the second and the call are overdue
    here.work()

    assert messages(here) == ["wechat_oa"]
    assert [one.kind for one in here.open_tasks()] == []
    assert [state for *_, state in here.steps(notice)] == ["lapsed", "done", "planned"]
    assert lapsed(here) == [[0]]
    hold_invariants(here, notice, taken=lambda: everything_taken(here))


def test_fault_38_after_a_message_that_arrived_only_the_latest_rung_is_taken_and_the_reminder_lapses(here):
    to_friday_morning(here)
    notice = here.remind()
    here.work()
    link = json.dumps(here.channels["wechat_oa"].taken[0]["ref"])
    here.hear("wechat_oa", key="r1", outcome="delivered", ref=json.loads(link))
    here.work()
    here.clock.pass_time(days=3, hours=1)  # Monday 10:00: the reminder of Saturday and the call are overdue
    here.work()

    assert messages(here) == ["wechat_oa"]
    assert [one.kind for one in here.open_tasks()] == ["call_contact"]
    assert [state for *_, state in here.steps(notice)] == ["done", "lapsed", "waiting"]
    assert lapsed(here) == [[1]]
    hold_invariants(here, notice, taken=lambda: everything_taken(here))


def test_fault_38_a_rung_that_is_a_little_late_is_taken_as_planned(make_world):
    here = make_world(PretendChannel("wechat_oa"), PretendChannel("sms_twilio"))
    notice = here.remind()
    here.work()
    here.clock.pass_time(days=1, minutes=50)
    here.work()

    assert messages(here) == ["wechat_oa", "sms_twilio"]
    assert lapsed(here) == []
    hold_invariants(here, notice, taken=lambda: everything_taken(here))
