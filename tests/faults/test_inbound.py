"""Faults 29 to 35: what people and their machines send us, more than once or at a bad moment."""

import json
import threading
from hashlib import sha256

import pytest

from casework.messages import Media
from handlers.ports import RawRequest
from handlers.take_in import take_in
from scheduler.sweeps import send_due
from scheduler.who import Worker
from storage import inbox
from storage.timeline import lines_of
from tests.engine.world import ADDRESS, World
from tests.faults.world import hold_invariants


def reply(here: World, text: str, channel: str = "wechat_oa", **more: str) -> None:
    here.hear(channel, key=f"m-{hash(text)}", **{"from": ADDRESS[channel]}, text=text, **more)


def replies(here: World) -> list[inbox.KeptReply]:
    with here.archive.reading() as view:
        return inbox.replies_of(view.connection, here.case_id)


def everything_taken(here: World) -> list[dict[str, str]]:
    return [one for channel in here.channels.values() for one in channel.taken]


def test_fault_29_the_same_message_three_times_at_once_is_one_reply(here: World):
    notice = here.remind()
    here.work()
    said = {"key": "m1", "from": ADDRESS["wechat_oa"], "text": "收到通知了，下周回去"}
    request = RawRequest("POST", "/hooks/wechat_oa/main", {}, json.dumps(said).encode())
    elements = here.channels["wechat_oa"].authenticate(request)
    together, taken = threading.Barrier(3), []

    def arrive() -> None:
        together.wait()
        with here.archive.writing() as book:
            taken.append(take_in(book, "wechat_oa", "main", elements, request, "gateway:wechat_oa/main"))

    crowd = [threading.Thread(target=arrive) for _ in range(3)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    here.work()

    assert sorted(taken) == [0, 0, 1]
    assert len(replies(here)) == 1
    assert here.kinds().count("plan.paused") == 1
    hold_invariants(here, notice, taken=lambda: everything_taken(here))


@pytest.mark.parametrize("moment", ["claimed", "written down"])
def test_fault_30_a_reply_while_the_next_rung_is_claimed_comes_provably_after_it_or_stops_it(
    here: World, moment: str
):
    notice = here.remind()
    here.work()
    here.clock.pass_time(days=1, minutes=1)
    point = {"claimed": "before_attempt", "written down": "after_attempt"}[moment]

    def meanwhile(name: str) -> None:
        if name == point:
            reply(here, "我还在住院")

    send_due(Worker(here.desk, "worker-1", meanwhile))
    here.work()

    assert len(here.channels["sms_twilio"].taken) == (moment == "written down")
    kinds = here.kinds()
    if moment == "written down":  # the log shows that it left before the reply was there
        second = len(kinds) - 1 - kinds[::-1].index("attempt.started")
        assert second < kinds.index("reply.received")
    assert here.plan_state(notice) == "paused"
    hold_invariants(here, notice, taken=lambda: everything_taken(here))


def test_fault_31_an_album_of_five_pictures_is_one_reply_with_five_sealed_files(here: World):
    notice = here.remind()
    here.work()
    fetched = {f"picture-{n}": f"bytes of {n}".encode() for n in range(5)}
    here.channels["wechat_oa"].fetch = lambda media: (fetched[media.ref], "image/jpeg")
    reply(here, "这是我的病历", media=" ".join(fetched))
    here.work()

    (kept,) = replies(here)
    with here.archive.reading() as view:
        blobs = [inbox.blob_of(view.connection, kept.record_id, f"attachment-{n}") for n in range(1, 6)]
        hashes = [sha256(view.open(blob).data).digest() for blob in blobs]
    assert hashes == [sha256(data).digest() for data in fetched.values()]
    hold_invariants(here, notice, taken=lambda: everything_taken(here))


def test_fault_32_a_picture_that_is_gone_is_recorded_as_not_kept_with_its_reason(here: World):
    notice = here.remind()
    here.work()

    def gone(media: Media) -> None:
        raise LookupError("40007 invalid media_id")

    here.channels["wechat_oa"].fetch = gone
    reply(here, "看图", media="picture-1")
    for _ in range(4):
        here.work()
        here.clock.pass_time(seconds=5)

    with here.archive.reading() as view:
        (line,) = [line for line in lines_of(view, here.case_id) if line.kind == "reply.received"]
    assert [(one["kept"], bool(one["said"])) for one in line.told["attachments"]] == [(False, True)]
    assert here.plan_state(notice) == "paused"
    hold_invariants(here, notice, taken=lambda: everything_taken(here))


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("[自动回复]我正在休假，下周一回复您", "running"),
        ("Automatic reply: out of office", "running"),
        ("收到", "ended"),
        ("不同意", "paused"),
        ("👍🙏", "paused"),
        ("   ", "paused"),
        ("我" * 10_000, "paused"),
    ],
    ids=["automatic", "out of office", "received", "disagrees", "emoji", "blank", "10,000 characters"],
)
def test_fault_33_a_reply_is_kept_word_for_word_and_only_a_plain_receipt_ends_the_ladder(
    here: World, text: str, state: str
):
    notice = here.remind()
    here.work()
    here.clock.pass_time(minutes=5)
    reply(here, text)
    here.work()

    (kept,) = replies(here)
    with here.archive.reading() as view:
        assert view.open(kept.text_blob).data.decode() == text
    assert here.plan_state(notice) == state
    hold_invariants(here, notice, taken=lambda: everything_taken(here))


def test_fault_34_who_unsubscribes_is_reached_on_the_next_channel_and_never_there_again(here: World):
    notice = here.remind()
    here.work()
    reply(here, "TD")
    here.work()
    here.clock.pass_time(days=2)
    here.work()

    assert len(here.channels["wechat_oa"].taken) == 1
    assert here.steps(notice)[-1][1] != "wechat_oa"
    hold_invariants(here, notice, taken=lambda: everything_taken(here))


def test_fault_35_two_robots_never_talk_to_each_other_since_we_answer_no_message_by_ourselves(here: World):
    notice = here.remind()
    here.work()
    sent = len(everything_taken(here))
    for number in range(50):
        here.hear("wechat_oa", key=f"robot-{number}", **{"from": ADDRESS["wechat_oa"]}, text="[自动回复]您好")
        here.work()

    assert len(everything_taken(here)) == sent
    assert here.channels["wechat_oa"].acknowledgement()[0] in (b"", b"success")
    assert len(replies(here)) == 50
    hold_invariants(here, notice, taken=lambda: everything_taken(here))
