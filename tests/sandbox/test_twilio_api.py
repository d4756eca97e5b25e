"""Twilio's own client finds here the API that it knows."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from sandbox.server import Settings, serve

PERSON = "+85291234560"


def refused(call, *arguments, **named):
    with pytest.raises(TwilioRestException) as wrong:
        call(*arguments, **named)
    return wrong.value.status, wrong.value.code


def test_a_message_is_taken_and_shown_whole(hands):
    message = hands.sms(PERSON, "请返岗 http://127.0.0.1:1/n/abc，谢谢")
    assert (message.status, message.direction, message.num_segments) == ("queued", "outbound-api", "1")
    assert message.sid.startswith("SM") and len(message.sid) == 34
    assert message.date_created == datetime(2026, 11, 24, 1, 0, tzinfo=UTC) and message.date_sent is None
    (entry,) = hands.accepted()
    assert (entry["channel"], entry["address"], entry["client_key"]) == ("sms", PERSON, "ref-1")
    assert (entry["link"], entry["provider_id"]) == ("http://127.0.0.1:1/n/abc", message.sid)


def test_a_stranger_gets_401(hands):
    client = Client(hands.settings.twilio_sid, "wrong")
    client.api.base_url = hands.url
    assert refused(client.messages.create, to=PERSON, from_="+15005550006", body="x") == (401, 20003)
    with pytest.raises(TwilioException, match="HTTP 401"):
        client.messages.list(limit=1)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"To": ""}, 21604),
        ({"To": "13800138000"}, 21211),
        ({"To": "+15005550001"}, 21211),
        ({"To": "+15005550002"}, 21612),
        ({"To": "+15005550003"}, 21408),
        ({"To": "+15005550009"}, 21614),
        ({"From": ""}, 21603),
        ({"From": "+15005550007"}, 21606),
        ({"From": "+15005550008"}, 21611),
        ({"From": "+85200000000"}, 21606),
        ({"Body": ""}, 21602),
        ({"Body": "返" * 1601}, 21617),
        ({"StatusCallback": "http://a_b.example/x"}, 21609),
        ({"StatusCallback": "/relative"}, 21609),
        ({"To": "+85291234562"}, 21610),
    ],
    ids=str,
)
def test_an_order_that_cannot_be_carried_out_is_refused_with_its_code(hands, changed, code):
    form = {"To": PERSON, "From": hands.settings.twilio_number, "Body": "请返岗"} | changed
    answer = requests.post(
        f"{hands.url}/2010-04-01/Accounts/{hands.settings.twilio_sid}/Messages.json",
        data=form,
        auth=(hands.settings.twilio_sid, hands.settings.twilio_token),
        timeout=5,
    )
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (400, code, 400)
    assert hands.accepted() == []


def test_a_trial_account_writes_to_verified_numbers_only(application):
    with serve(Settings(application.url, port=0, twilio_verified=("+85291234567",))) as running:
        client = Client("AC0123456789abcdef0123456789abcdef", "8f0a7c31d2b94e56a1c3e5f708192a3b")
        client.api.base_url = running.url
        assert refused(client.messages.create, to=PERSON, from_="+15005550006", body="x") == (400, 21608)


def test_after_stop_nothing_more_is_sent_until_start(hands, application):
    hands.admin("stop", phone=PERSON)
    assert application.wait_for(1)[0].form["Body"] == "STOP"
    assert refused(hands.sms, PERSON) == (400, 21610)
    hands.admin("reply", channel="sms", address=PERSON, text=" start ")
    assert hands.sms(PERSON).status == "queued"


def test_a_message_can_be_asked_for_by_its_sid(hands):
    message = hands.sms(PERSON)
    hands.settle()
    found = hands.twilio().messages(message.sid).fetch()
    assert (found.status, found.date_sent) == ("delivered", datetime(2026, 11, 24, 1, 0, tzinfo=UTC))
    assert refused(hands.twilio().messages("SM" + "0" * 32).fetch) == (404, 20404)


def test_the_log_is_listed_newest_first_page_by_page(hands):
    sids = [hands.sms(PERSON, f"第 {n} 条").sid for n in range(5)]
    hands.sms("+85299999990")
    listed = hands.twilio().messages.list(to=PERSON, page_size=2, limit=20)
    assert [one.sid for one in listed] == sids[::-1]


def test_a_date_filter_finds_what_left_the_queue_since_then(hands):
    before = hands.sms(PERSON).sid
    hands.settle()
    hands.pass_time(hours=1)
    since = hands.application.now - timedelta(minutes=5)
    after = hands.sms(PERSON).sid
    hands.settle()
    messages = hands.twilio().messages
    assert [one.sid for one in messages.list(to=PERSON, date_sent_after=since, limit=9)] == [after]
    assert [one.sid for one in messages.list(to=PERSON, date_sent_before=since, limit=9)] == [before]


def test_a_date_filter_misses_what_is_still_queued(hands):
    hands.admin("fates", address=PERSON, fate="slow_answer")
    with pytest.raises(requests.ReadTimeout):
        hands.sms(PERSON, timeout=0.2)
    since = hands.application.now - timedelta(minutes=5)
    messages = hands.twilio().messages
    assert messages.list(to=PERSON, date_sent_after=since, limit=9) == []
    assert [one.status for one in messages.list(to=PERSON, limit=9)] == ["queued"]
    hands.settle()
    assert [one.status for one in messages.list(to=PERSON, date_sent_after=since, limit=9)] == ["delivered"]


def test_a_date_that_is_none_is_refused(hands):
    address = f"{hands.url}/2010-04-01/Accounts/{hands.settings.twilio_sid}/Messages.json?DateSent=yesterday"
    auth = (hands.settings.twilio_sid, hands.settings.twilio_token)
    assert requests.get(address, auth=auth, timeout=5).status_code == 400
