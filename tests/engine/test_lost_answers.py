"""An answer that is lost: the notice is still delivered once, or a person is told."""

from collections.abc import Callable

import pytest

from handlers.ports import Misconfigured, Refused, Resolve, Throttled, Unsure
from scheduler.resolve import resolve_lost
from scheduler.sweeps import send_due
from scheduler.who import Worker
from tests.engine.world import PretendChannel, World


class Killed(BaseException):
    """The worker dies here, as if by kill -9: nothing after it runs."""


def die_at(point: str) -> Callable[[str], None]:
    def reached(name: str) -> None:
        if name == point:
            raise Killed

    return reached


def settle(here: World) -> None:
    """Let enough time pass, in small steps, for every look at a lost answer."""
    for _ in range(30):
        here.clock.pass_time(seconds=15)
        here.work()


ABLE = {
    "key": (Resolve.KEY, Resolve.RECEIPT),
    "query": (Resolve.QUERY, Resolve.RECEIPT),
    "nothing": (Resolve.NOTHING,),
}


@pytest.mark.parametrize("able", ABLE)
@pytest.mark.parametrize("point", ["before_attempt", "after_attempt", "after_accept", "after_conclude"])
def test_a_worker_that_dies_at_any_point_loses_and_repeats_nothing(make_world, able: str, point: str):
    channel = PretendChannel("wechat_oa", ABLE[able])
    here: World = make_world(channel)
    notice = here.remind()
    with pytest.raises(Killed):
        send_due(Worker(here.desk, "worker-killed", die_at(point)))
    here.clock.pass_time(seconds=61)  # its lease runs out
    settle(here)

    sent = {"before_attempt": 1, "after_attempt": 0 if able == "nothing" else 1}.get(point, 1)
    assert len(channel.taken) == sent
    if able == "nothing" and point in ("after_attempt", "after_accept"):
        assert here.attempts(notice) == ["human"]
        assert [one.kind for one in here.open_tasks()] == ["unknown_attempt"]
    else:
        assert here.attempts(notice)[-1] == "accepted"
        assert here.open_tasks() == []


@pytest.mark.parametrize("able", ["key", "query"])
def test_a_timeout_after_the_gateway_accepted_is_found_out_and_not_sent_again(make_world, able: str):
    channel = PretendChannel("wechat_oa", ABLE[able], answers=[Unsure("timeout", "no answer")])
    here: World = make_world(channel)
    notice = here.remind()
    here.work()
    assert here.attempts(notice) == ["unknown"]
    settle(here)

    assert len(channel.taken) == 1
    assert here.attempts(notice) == ["accepted"]
    assert "attempt.found" in here.kinds()


def test_a_gateway_must_say_no_twice_before_a_new_attempt_is_made(make_world):
    channel = PretendChannel("sms_twilio", ABLE["query"])
    here: World = make_world(channel)
    notice = here.remind()
    with pytest.raises(Killed):
        send_due(Worker(here.desk, "worker-killed", die_at("after_attempt")))
    here.clock.pass_time(seconds=61)
    resolve_lost(here.worker)  # notes that the answer is lost
    here.clock.pass_time(seconds=16)
    resolve_lost(here.worker)
    assert (channel.asked, here.attempts(notice)) == (1, ["unknown"])
    settle(here)

    assert channel.asked == 2
    assert here.attempts(notice) == ["absent", "accepted"]
    assert len(channel.taken) == 1


def test_a_worker_that_wakes_up_late_changes_nothing(make_world):
    channel = PretendChannel("sms_twilio", ABLE["query"])
    here: World = make_world(channel)
    notice = here.remind()
    slow = Worker(here.desk, "worker-slow", lambda point: here.clock.pass_time(seconds=50) or settle(here)
                  if point == "after_accept" else None)  # fmt: skip
    send_due(slow)

    assert here.attempts(notice) == ["accepted"]
    assert here.kinds().count("attempt.found") + here.kinds().count("attempt.accepted") == 1


def test_a_refused_message_goes_to_the_next_channel_at_once(make_world):
    wechat = PretendChannel("wechat_oa", answers=[Refused("43004", "does not follow")])
    here: World = make_world(wechat, PretendChannel("sms_twilio"))
    notice = here.remind()
    here.work()

    assert here.attempts(notice) == ["rejected_perm", "accepted"]
    assert len(here.channels["sms_twilio"].taken) == 1


def test_a_throttled_message_is_tried_again_after_the_wait(make_world):
    wechat = PretendChannel("wechat_oa", answers=[Throttled("45009", "too often")])
    here: World = make_world(wechat)
    notice = here.remind()
    here.work()
    assert here.attempts(notice) == ["rejected_temp"]
    here.clock.pass_time(seconds=61)
    here.work()

    assert here.attempts(notice) == ["rejected_temp", "accepted"]
    assert len(wechat.taken) == 1


def test_a_channel_that_throttles_for_ever_gives_way_to_the_next(make_world):
    wechat = PretendChannel("wechat_oa", answers=[Throttled("45009", "too often")] * 99)
    here: World = make_world(wechat, PretendChannel("sms_twilio"))
    here.remind()
    for _ in range(12):
        here.work()
        here.clock.pass_time(minutes=2)
    here.clock.pass_time(hours=24)
    here.work()

    assert wechat.taken == []
    assert len(here.channels["sms_twilio"].taken) == 1


def test_settings_that_do_not_work_reach_the_employee_on_another_channel(make_world):
    wechat = PretendChannel("wechat_oa", answers=[Misconfigured("40164", "IP not allowed")])
    here: World = make_world(wechat, PretendChannel("sms_twilio"))
    here.remind()
    here.work()

    assert len(here.channels["sms_twilio"].taken) == 1
