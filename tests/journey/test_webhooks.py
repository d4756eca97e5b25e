"""Webhooks over real HTTP: forged ones change nothing, repeats are counted, true ones are answered fast."""

import statistics
import threading
import time

import pytest

from storage import inbox
from storage.log import read_head


@pytest.fixture
def here(journey):
    started = journey(worker=True)
    started.teller._enter(started.person)
    return started


def log_size(here) -> int:
    with here.archive.reading() as view:
        return read_head(view.connection).size


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
    before = log_size(here)
    answered = here.gateway("forge", kind=kind, channel=channel)

    assert set(answered["statuses"]) == {status}
    assert log_size(here) == before
    source = {"wechat": "wechat_oa/main", "sms": "sms_twilio/hk"}[channel]
    refused = counts(here).get(f"webhook_refused/{source}", 0)
    assert refused == (len(answered["statuses"]) if status == 403 else 0)


def test_broken_xml_with_a_right_signature_is_sealed_and_marked_unreadable(here):
    before = log_size(here)
    answered = here.gateway("forge", kind="broken_xml", channel="wechat")

    assert set(answered["statuses"]) == {200}
    here.until("the mark", lambda: counts(here).get("webhook_unreadable/wechat_oa/main") == 1)
    assert log_size(here) == before + 2  # intake.received and intake.unreadable


def test_the_same_webhook_fifty_times_at_once_is_one_record(here):
    here.gateway("reply", channel="wechat", address=here.person.openid, text="在吗")
    before = log_size(here)
    repeated = here.gateway("repeat", n=50, last=True)

    assert repeated["statuses"] == [200] * 50
    here.until("all counted", lambda: counts(here).get("webhook_repeated/wechat_oa/main") == 50)
    with here.archive.reading() as view:
        from storage import cases

        case = cases.case_by_no(view.connection, here.person.case_no)
        here_replies = inbox.replies_of(view.connection, case.id)
    assert len(here_replies) <= 1
    assert log_size(here) - before <= 6  # what the one reply itself sets off


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


def nothing_lost(here, sent: int) -> bool:
    with here.archive.reading() as view:
        from storage import cases

        case = cases.case_by_no(view.connection, here.person.case_no)
        return len(inbox.replies_of(view.connection, case.id)) == sent


def test_sixteen_people_write_at_once_and_nothing_is_lost(here):
    sent, worst, _ = hammer(here, 4)

    assert worst < 5
    here.until("all understood", lambda: nothing_lost(here, sent), 90)


@pytest.mark.long
def test_sixteen_people_write_for_a_minute_and_wechat_is_always_answered_in_time(here):
    sent, worst, median = hammer(here, 60)

    print(f"{sent} webhooks, worst {worst:.2f} s, median {median * 1000:.0f} ms")
    assert worst < 5
    here.until("all understood", lambda: nothing_lost(here, sent), 600)
