"""The emergency stop: nothing leaves after it returns, clocks run on, and what was held goes in order."""

import json
from threading import Event, Thread

import pytest

from handlers.dispatch import begin
from handlers.pause import pause_sending, resume_sending
from handlers.people import Unacceptable
from handlers.ports import Resolve, Unsure
from storage import ladders
from storage.audit import audit
from storage.clock import lease_time
from storage.last_told import last_told
from storage.pauses import standing_pauses, under_way
from tests.engine.world import PretendChannel, World

NAMES = {"wechat_oa", "sms_twilio"}


def stop(here: World, scope: str = "", why: str = "短信商故障，先停") -> bool:
    with here.archive.writing() as book:
        return pause_sending(book, scope, why, here.user, NAMES)


def go_on(here: World, scope: str | None = None) -> int:
    with here.archive.writing() as book:
        return len(resume_sending(book, scope, "故障已排除", here.user))


def sent(here: World) -> int:
    return sum(len(channel.taken) for channel in here.channels.values())


def claimed(here: World) -> list[ladders.Step]:
    with here.archive.writing() as book:
        real = lease_time(book.connection, here.clock)
        return ladders.claim_steps(book.connection, "worker-2", book.now, real, here.worker.lease, 20)


def test_after_a_stop_nothing_leaves_and_after_going_on_it_does(anywhere: World):
    here = anywhere
    here.remind()
    stop(here)
    here.work()
    assert sent(here) == 0
    here.clock.pass_time(hours=1)
    here.work()
    assert sent(here) == 0
    go_on(here)
    here.work()

    assert sent(here) == 1
    with here.archive.reading() as view:
        assert audit(view).findings == ()


def test_a_stop_of_one_channel_lets_the_other_go_on(make_world):
    here = make_world(PretendChannel("sms_twilio"), PretendChannel("wechat_oa"))
    here.remind()
    stop(here, "wechat_oa")
    here.work()
    assert [len(here.channels[name].taken) for name in ("sms_twilio", "wechat_oa")] == [1, 0]
    here.clock.pass_time(days=1, minutes=1)
    here.work()

    assert [len(here.channels[name].taken) for name in ("sms_twilio", "wechat_oa")] == [1, 0]


def test_a_step_claimed_before_the_stop_is_not_sent_after_it(anywhere: World):
    here = anywhere
    here.remind()
    (step,) = claimed(here)
    stop(here)
    with here.archive.writing() as book:
        assert begin(book, step, here.desk, here.worker.lease, "system:worker") is None
    assert claimed(here) == []
    go_on(here)

    assert [one.id for one in claimed(here)] == [step.id]


def test_a_stop_waits_for_the_sending_that_has_not_seen_it(anywhere: World):
    """Otherwise an attempt could be written ahead after the stop was acknowledged."""
    here = anywhere
    here.remind()
    (step,) = claimed(here)
    writing, go = Event(), Event()

    def write_ahead() -> None:
        with here.archive.writing() as book:
            assert begin(book, step, here.desk, here.worker.lease, "system:worker") is not None
            writing.set()
            go.wait(5)

    sender, stopper = Thread(target=write_ahead), Thread(target=stop, args=(here,))
    sender.start()
    writing.wait(5)
    stopper.start()
    stopper.join(0.3)
    assert stopper.is_alive()
    go.set()
    sender.join()
    stopper.join(5)

    assert not stopper.is_alive()
    with here.archive.reading() as view:
        assert under_way(view.connection, "", here.clock.at) == 1
        assert under_way(view.connection, "sms_twilio", here.clock.at) == 0


def test_people_s_tasks_and_webhooks_go_on_while_messages_are_stopped(here: World):
    here.remind()
    here.work()
    here.clock.pass_time(days=1, minutes=1)
    here.work()
    stop(here)
    here.clock.pass_time(days=7)
    here.hear("wechat_oa", key="d1", outcome="delivered", id="wechat_oa-1")
    here.work()  # while the webhook is unread nothing else is taken
    here.clock.pass_time(seconds=3)
    here.work()

    assert [one.kind for one in here.open_tasks()] == ["call_contact"]
    assert "receipt.received" in here.kinds()


def test_a_message_whose_answer_was_lost_is_not_repeated_under_its_key_while_stopped(make_world):
    channel = PretendChannel("wechat_oa", (Resolve.KEY,), [Unsure("timeout", "no answer")])
    here = make_world(channel)
    here.remind()
    here.work()
    asked = []
    channel.send = lambda request: asked.append(request)  # any further call would be a repeat
    stop(here)
    here.clock.pass_time(minutes=2)
    here.work()

    assert asked == []


def test_a_second_stop_is_no_second_record_and_says_so(here: World):
    assert [stop(here), stop(here)] == [True, False]
    with here.archive.reading() as view:
        assert len(standing_pauses(view.connection)) == 1


def test_going_on_lifts_every_stop_or_the_one_that_is_named(here: World):
    stop(here)
    stop(here, "wechat_oa")
    assert go_on(here, "wechat_oa") == 1
    assert go_on(here) == 1
    assert go_on(here) == 0


def test_what_was_stopped_for_days_is_no_finding_of_the_audit(anywhere: World):
    here = anywhere
    here.remind()
    stop(here)
    here.clock.pass_time(days=3)
    here.work()

    with here.archive.reading() as view:
        assert audit(view).findings == ()


@pytest.mark.parametrize(
    ("scope", "why"), [("pigeon", "x"), ("", "  "), ("", "长" * 301)], ids=["channel", "no reason", "long"]
)
def test_a_stop_without_a_reason_or_of_an_unknown_channel_is_refused(here: World, scope: str, why: str):
    with pytest.raises(Unacceptable):
        stop(here, scope, why)


def test_stop_and_going_on_are_sealed_with_who_and_why(here: World):
    stop(here, why="短信商故障")
    go_on(here)
    with here.archive.reading() as view:
        paused, resumed = last_told(view, "sending.paused"), last_told(view, "sending.resumed")
    assert json.dumps(dict(paused.told), ensure_ascii=False) == '{"scope": "everything", "why": "短信商故障"}'
    assert resumed.told["why"] == "故障已排除"
