"""The last digit of an address decides what happens to its messages, on both channels alike."""

import threading
from urllib.parse import urlencode

import pytest
import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from wechatpy import parse_message

from sandbox.fates import FATES, FateBook, by_last_digit, named


def openid(digit):
    return f"oEMP000{digit}"


def number(digit):
    return f"+8529123456{digit}"


def statuses(hands):
    """What WeChat reported about template messages, in order of arrival."""
    told = [got for got in hands.application.got if got.method == "POST"]
    return [parse_message(hands.opened(got)).status for got in told]


def reports(hands):
    return [got.form["MessageStatus"] for got in hands.application.got if got.method == "POST"]


def shown(hands):
    return [one["shown"] for one in hands.accepted()]


def test_every_digit_has_its_fate_and_a_letter_means_delivered():
    assert [by_last_digit(number(digit)).name for digit in range(10)] == [fate.name for fate in FATES]
    assert by_last_digit("oABCx").name == "delivered"


def test_a_fate_can_be_overridden_and_given_back():
    book = FateBook()
    book.decree("+85291234560", named(3))
    assert book.of("+85291234560").name == "phone_off"
    book.decree("+85291234560", None)
    assert book.of("+85291234560").name == "delivered"
    with pytest.raises(ValueError, match="held_callbacks"):
        named("eaten by the dog")


@pytest.mark.parametrize(
    ("digit", "status", "seen"),
    [(0, "success", 1), (2, "failed:user block", 0), (3, "failed: system failed", 0)],
    ids=["delivered", "blocked", "phone off"],
)
def test_wechat_accepts_and_reports_the_end_in_its_own_words(hands, digit, status, seen):
    hands.person(openid=openid(digit))
    assert hands.template(openid(digit)).json()["errcode"] == 0
    hands.settle()
    assert statuses(hands) == [status] and shown(hands) == [seen]


def test_a_phone_that_is_off_is_reported_undelivered_with_30003(hands):
    message = hands.sms(number(3))
    hands.settle()
    assert reports(hands) == ["sending", "sent", "undelivered"]
    assert hands.application.got[-1].form["ErrorCode"] == "30003"
    assert hands.twilio().messages(message.sid).fetch().error_code == 30003
    assert shown(hands) == [0]


def test_a_reader_in_wechat_fetches_the_page_once_and_is_known_there(hands, application):
    hands.person(openid=openid(1))
    hands.template(openid(1), link=f"{application.url}/n/abc")
    hands.settle()
    (visit,) = [got for got in application.got if got.method == "GET"]
    assert visit.path == "/n/abc" and "MicroMessenger" in visit.headers["User-Agent"]
    assert "Cookie" not in visit.headers


def test_a_reader_whom_the_page_sends_to_oauth_comes_back_with_a_code(hands, application):
    asked = {
        "appid": hands.settings.wechat_app_id,
        "redirect_uri": f"{application.url}/n/abc/back",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s-1",
    }
    page = (302, b"", f"{hands.url}/connect/oauth2/authorize?{urlencode(asked)}")
    hands.person(openid=openid(1))
    application.answers = [(200, b"success"), page]
    hands.template(openid(1), link=f"{application.url}/n/abc")
    hands.settle()
    first, back = [got for got in application.got if got.method == "GET"]
    assert (first.path, back.path, back.query["state"]) == ("/n/abc", "/n/abc/back", "s-1")
    assert back.query["code"]


def test_a_reader_of_an_sms_fetches_the_page_once_and_only_looks(hands, application):
    hands.sms(number(1), f"请打开 {application.url}/n/xyz，谢谢")
    hands.settle()
    assert [got.path for got in application.got if got.method == "GET"] == ["/n/xyz"]
    assert reports(hands) == ["sending", "sent", "delivered"]


def test_a_throttled_message_passes_the_second_time_even_under_a_new_link(hands):
    hands.person(openid=openid(4))
    answers = [hands.template(openid(4), key=f"k{n}", link=f"http://127.0.0.1:1/n/{n}") for n in (1, 2)]
    assert [answer.json()["errcode"] for answer in answers] == [45009, 0]
    with pytest.raises(TwilioRestException) as refused:
        hands.sms(number(4), "请打开 http://127.0.0.1:1/n/1")
    assert (refused.value.status, refused.value.code) == (429, 20429)
    assert hands.sms(number(4), "请打开 http://127.0.0.1:1/n/2").status == "queued"
    assert shown(hands) == [1, 1]


def test_a_wechat_answer_that_comes_too_late_hides_an_accepted_message(hands):
    hands.person(openid=openid(5))
    with pytest.raises(requests.ReadTimeout):
        hands.template(openid(5), timeout=0.2)
    assert shown(hands) == [1] and hands.application.got == []
    again = hands.template(openid(5), timeout=1.0).json()
    hands.settle()
    assert str(again["msgid"]) == hands.accepted()[0]["provider_id"]
    assert statuses(hands) == ["success"] and shown(hands) == [1]


def test_an_sms_answer_that_comes_too_late_hides_an_accepted_message(hands):
    with pytest.raises(requests.ReadTimeout):
        hands.sms(number(5), timeout=0.2)
    hands.settle()
    assert reports(hands) == ["sending", "sent", "delivered"] and shown(hands) == [1]


@pytest.mark.parametrize(("digit", "status", "kind"), [(6, 500, "text/plain"), (7, 200, "text/html")])
def test_wechat_may_accept_and_answer_rubbish_and_the_key_still_settles_it(hands, digit, status, kind):
    hands.person(openid=openid(digit))
    answer = hands.template(openid(digit))
    assert answer.status_code == status and answer.headers["Content-Type"].startswith(kind)
    assert hands.template(openid(digit)).json()["errcode"] == 0
    hands.settle()
    assert statuses(hands) == ["success"] and shown(hands) == [1]


@pytest.mark.parametrize("digit", [6, 7])
def test_twilio_may_accept_and_answer_rubbish(hands, digit):
    with pytest.raises((TwilioException, ValueError)):
        hands.sms(number(digit))
    hands.settle()
    assert reports(hands) == ["sending", "sent", "delivered"] and shown(hands) == [1]


def test_callbacks_may_come_before_the_answer_out_of_order_and_twice(hands):
    hands.person(openid=openid(8))
    told_at_answer = []

    def count(*_, **__):
        told_at_answer.append(len(hands.application.got))

    hands.template(openid(8), hooks={"response": count})
    assert told_at_answer == [2] and statuses(hands) == ["success", "success"]
    hands.application.got.clear()
    hands.sms(number(8))
    assert reports(hands) == ["delivered", "sent", "sending", "sending", "sent", "delivered"]


def test_callbacks_may_be_held_until_they_are_released(hands):
    hands.person(openid=openid(9))
    hands.template(openid(9))
    message = hands.sms(number(9))
    hands.settle()
    assert hands.application.got == [] and shown(hands) == [1, 1]
    assert hands.twilio().messages(message.sid).fetch().status == "delivered"
    assert hands.admin("release", address=openid(9)) == {"released": 1}
    assert hands.admin("release") == {"released": 3}
    hands.settle()
    assert len(hands.application.got) == 4


def test_a_fate_can_be_set_for_one_address_over_http(hands):
    assert hands.admin("fates", address=number(0), fate=2)["fate"] == "blocked"
    with pytest.raises(TwilioRestException):
        hands.sms(number(0))
    assert hands.admin("fates", address=number(0), fate=None)["fate"] == "delivered"
    answer = hands.http.post(f"{hands.url}/admin/fates", json={"address": number(0), "fate": "sunk"})
    assert answer.status_code == 400 and "phone_off" in answer.json()["error"]


def test_the_same_key_sent_from_many_threads_at_once_is_shown_once(hands):
    hands.person(openid=openid(0))
    hands.token()
    ids, together = [], threading.Barrier(16)

    def send():
        together.wait()
        ids.append(hands.template(openid(0), key="same").json()["msgid"])

    crowd = [threading.Thread(target=send) for _ in range(16)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert len(set(ids)) == 1 and len(ids) == 16 and shown(hands) == [1]
