"""Webhooks over real HTTP: forged ones change nothing, repeats are counted, true ones are answered fast."""

import statistics
import threading
import time

import pytest
import sqlalchemy as sa

from storage import cases, inbox
from storage.schema import stream_head

UNREADABLE, REPEATED = "webhook_unreadable/wechat_oa/main", "webhook_repeated/wechat_oa/main"


@pytest.fixture
def here(shared):
    return shared


def kept(here) -> int:
    """How many records webhooks have caused; the system's own (anchors, self-checks) come at any time."""
    with here.archive.reading() as view:
        heads = sa.select(sa.func.sum(stream_head.c.cseq)).where(stream_head.c.stream != "system")
        return view.connection.execute(heads).scalar() or 0


def counts(here) -> dict[str, int]:
    with here.archive.reading() as view:
        return inbox.counts(view.connection)


@pytest.mark.parametrize(
    ("channel", "kind", "status"),
    [
        ("wechat", "unsigned", 403),
        ("wechat", "plaintext", 403),
        ("wechat", "bad_signature", 403),
        ("wechat", "huge", 413),
        ("sms", "unsigned", 403),
        ("sms", "bad_signature", 403),
        ("sms", "huge", 413),
    ],
)
def test_a_forged_webhook_is_refused_counted_and_changes_nothing(here, channel: str, kind: str, status: int):
    source = {"wechat": "wechat_oa/main", "sms": "sms_twilio/hk"}[channel]
    before, turned_away = kept(here), counts(here).get(f"webhook_refused/{source}", 0)
    answered = here.gateway("forge", kind=kind, channel=channel)

    assert set(answered["statuses"]) == {status}
    assert kept(here) == before
    refused = counts(here).get(f"webhook_refused/{source}", 0) - turned_away
    assert refused == (len(answered["statuses"]) if status == 403 else 0)


def test_broken_xml_with_a_right_signature_is_sealed_and_marked_unreadable(here):
    before, marked = kept(here), counts(here).get(UNREADABLE, 0)
    answered = here.gateway("forge", kind="broken_xml", channel="wechat")

    assert set(answered["statuses"]) == {200}
    here.until("the mark", lambda: counts(here).get(UNREADABLE, 0) == marked + 1)
    assert kept(here) == before + 1  # what came in; the mark stands in the stream of the system


def test_the_same_webhook_fifty_times_at_once_is_one_record(here):
    known, repeats = replies(here), counts(here).get(REPEATED, 0)
    here.gateway("reply", channel="wechat", address=here.person.openid, text="在吗")
    here.until("the reply", lambda: replies(here) == known + 1)
    before = kept(here)
    repeated = here.gateway("repeat", n=50, last=True)

    assert repeated["statuses"] == [200] * 50
    here.until("all counted", lambda: counts(here).get(REPEATED, 0) == repeats + 50)
    assert replies(here) == known + 1
    assert kept(here) == before


def replies(here) -> int:
    with here.archive.reading() as view:
        case = cases.case_by_no(view.connection, here.person.case_no)
        return len(inbox.replies_of(view.connection, case.id))


def hammer(here, seconds: float) -> tuple[int, float, float]:
    """Let 16 people write on WeChat without a break while the worker sends; return count, worst, median."""
    times: list[float] = []
    lock, until = threading.Lock(), time.monotonic() + seconds

    def write(number: int) -> None:
        sent = 0
        while time.monotonic() < until:
            began = time.monotonic()
            answered = here.gateway(
                "reply", channel="wechat", address=here.person.openid, text=f"第 {number} 个人第 {sent} 句"
            )
            assert answered["statuses"] == [200], answered
            sent += 1
            with lock:
                times.append(time.monotonic() - began)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times), max(times), statistics.median(times)


def test_sixteen_people_write_at_once_and_nothing_is_lost(here):
    known = replies(here)
    sent, worst, _ = hammer(here, 2)

    assert worst < 5
    here.until("all understood", lambda: replies(here) == known + sent, 90)


@pytest.mark.long
def test_sixteen_people_write_for_a_minute_and_wechat_is_always_answered_in_time(here):
    known = replies(here)
    sent, worst, median = hammer(here, 60)

    print(f"{sent} webhooks, worst {worst:.2f} s, median {median * 1000:.0f} ms")
    assert worst < 5
    here.until("all understood", lambda: replies(here) == known + sent, 600)
