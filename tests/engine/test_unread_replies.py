"""While a webhook that may be the employee's reply has not been read, no rung is taken."""

import pytest

from casework.messages import Media
from handlers.ports import Unsure
from scheduler.failing import WEBHOOK_TRIES
from scheduler.sweeps import send_due, understand_new
from storage import inbox
from tests.engine.test_late_answers import QUERY, told
from tests.engine.test_lost_answers import settle
from tests.engine.world import ADDRESS, PretendChannel, World


def broken(inner: bytes) -> None:
    raise KeyError("MsgType")


def reply(here: World, text: str, **more: str) -> None:
    here.hear("wechat_oa", key=f"reply-{text}", **{"from": ADDRESS["wechat_oa"]}, text=text, **more)


def test_no_rung_is_taken_while_a_reply_waits_to_be_understood(here: World):
    notice = here.remind()
    here.work()
    here.clock.pass_time(days=1, minutes=1)
    reply(here, "医生说还要养半个月")
    send_due(here.worker)
    assert here.channels["sms_twilio"].taken == []
    here.work()

    assert here.plan_state(notice) == "paused"
    assert here.channels["sms_twilio"].taken == []


def test_nobody_is_asked_to_ring_while_a_reply_waits_to_be_understood(here: World):
    here.remind()
    here.work()
    here.clock.pass_time(days=1, minutes=1)
    here.work()
    here.clock.pass_time(days=2)
    here.hear("sms_twilio", key="m1", **{"from": ADDRESS["sms_twilio"]}, text="？")
    send_due(here.worker)

    assert here.open_tasks() == []


def test_a_rung_goes_on_seconds_after_what_waited_turned_out_to_be_nobody_s_reply(here: World):
    here.hear("wechat_oa", key="d1", outcome="delivered", id="not-ours")  # stays an orphan for days
    here.remind()
    here.work()
    assert here.channels["wechat_oa"].taken == []
    here.clock.pass_time(seconds=2)
    here.work()

    assert len(here.channels["wechat_oa"].taken) == 1


def test_a_webhook_on_which_we_always_fail_is_counted_and_holds_nobody_up_for_ever(here: World):
    here.channels["wechat_oa"].interpret = broken
    reply(here, "我不同意")
    here.remind()
    for _ in range(WEBHOOK_TRIES - 1):
        here.work()
        assert here.channels["wechat_oa"].taken == []
        here.clock.pass_time(seconds=2**WEBHOOK_TRIES)
    here.work()
    here.clock.pass_time(seconds=2)
    here.work()

    assert len(here.channels["wechat_oa"].taken) == 1
    with here.archive.reading() as view:
        assert inbox.counts(view.connection) == {"webhook_failed/wechat_oa/main": 1}


@pytest.mark.parametrize("fault", [Unsure("timeout", "no answer"), ValueError("not a picture")], ids=repr)
def test_a_picture_that_cannot_be_fetched_delays_the_pause_by_seconds_only(here: World, fault: Exception):
    tried: list[Media] = []

    def fetch(media: Media) -> tuple[bytes, str]:
        tried.append(media)
        if media.ref == "gone":
            raise fault
        return b"jpeg", "image/jpeg"

    here.channels["wechat_oa"].fetch = fetch
    notice = here.remind()
    here.work()
    reply(here, "见图", media="gone here")
    here.work()
    here.clock.pass_time(seconds=2)
    here.work()

    assert here.plan_state(notice) == "paused"
    kept = told(here, "reply.received")[0]["attachments"]
    assert [one["kept"] for one in kept] == [False, True]
    assert kept[0]["said"]


def test_reports_of_others_do_not_use_up_the_patience_for_one_that_came_early(make_world):
    channel = PretendChannel("wechat_oa", QUERY, answers=[Unsure("timeout", "no answer")])
    here: World = make_world(channel)
    notice = here.remind()
    send_due(here.worker)
    here.hear("wechat_oa", key="d1", outcome="delivered", id="wechat_oa-1")
    for _ in range(50):  # as many other messages of this account are accepted meanwhile
        understand_new(here.worker)
        with here.archive.writing() as book:
            inbox.wake_orphans(book.connection, "wechat_oa", "main", book.now)
    interpret, channel.interpret = channel.interpret, broken
    understand_new(here.worker)  # nor does waiting count as failing
    channel.interpret = interpret
    settle(here)

    assert here.attempts(notice) == ["accepted"]
    assert here.kinds().count("receipt.received") == 1
