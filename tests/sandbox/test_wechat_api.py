"""The official account's API answers as Tencent documents it, also to wechatpy's own client."""

import re

import pytest
from wechatpy import WeChatClient, WeChatClientException

from sandbox.pictures import sample


def test_the_same_token_is_handed_out_twice(hands):
    assert hands.stable()["access_token"] == hands.stable()["access_token"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"appid": "wx1"}, 40013),
        ({"secret": "no"}, 40125),
        ({"secret": ""}, 40125),
        ({"grant_type": "x"}, 40002),
    ],
)
def test_a_token_is_refused_to_a_stranger(hands, wrong, code):
    assert hands.stable(**wrong)["errcode"] == code


def test_wechatpys_own_client_gets_its_token_and_sends(hands):
    class Client(WeChatClient):
        API_BASE_URL = hands.url + "/cgi-bin/"

        def fetch_access_token(self):
            url = f"{hands.url}/cgi-bin/token"
            params = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
            return self._fetch_access_token(url, params)

    hands.person(openid="oEMP0000")
    client = Client(hands.settings.wechat_app_id, hands.settings.wechat_secret, auto_retry=False)
    data = {"thing1": {"value": "返岗提醒"}, "time2": {"value": "09:00"}, "phrase3": {"value": "待确认"}}

    answer = client.message.send_template("oEMP0000", "TPL_NOTICE", data, url="http://127.0.0.1:1/n/x")

    assert answer["msgid"] == int(hands.accepted()[0]["provider_id"])
    with pytest.raises(WeChatClientException) as refused:
        client.message.send_template("oEMP0000", "TPL_OTHER", data)
    assert refused.value.errcode == 40037
    client._http.close()


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"template_id": "TPL_OTHER"}, 40037),
        ({"openid": "oNOBODY000"}, 40003),
        ({"openid": "oLEFT00000"}, 43004),
        ({"data": {}}, 47003),
        ({"token": ""}, 41001),
        ({"token": "98_invented"}, 40001),
    ],
    ids=["template", "stranger", "not following", "fields", "no token", "bad token"],
)
def test_a_template_message_is_refused_with_the_documented_code(hands, order, code):
    hands.person(openid="oEMP0000")
    hands.person(openid="oLEFT00000", following=False)
    answer = hands.template(**{"openid": "oEMP0000"} | order)
    assert (answer.status_code, answer.json()["errcode"]) == (200, code)
    assert re.search(r" rid: [0-9a-f-]{26}$", answer.json()["errmsg"])
    assert hands.accepted() == []


def test_what_is_not_json_is_refused(hands):
    address = f"{hands.url}/cgi-bin/message/template/send?access_token={hands.token()}"
    assert hands.http.post(address, data=b"{").json()["errcode"] == 47001


@pytest.mark.parametrize(("make", "code"), [("expired", 42001), ("revoked", 40001)])
def test_a_token_that_ended_is_refused_until_a_new_one_is_fetched(hands, make, code):
    hands.person(openid="oEMP0000")
    hands.token()
    hands.admin("tokens", make=make)
    assert hands.template("oEMP0000").json()["errcode"] == code
    assert hands.template("oEMP0000", token=hands.stable()["access_token"]).json()["errcode"] == 0


def test_a_fault_fails_the_next_calls_without_taking_the_message(hands):
    hands.person(openid="oEMP0000")
    hands.admin("faults", errcode=-1, times=2)
    codes = [hands.template("oEMP0000").json()["errcode"] for _ in range(3)]
    assert codes == [-1, -1, 0]
    assert len(hands.accepted()) == 1


def test_the_same_client_msg_id_is_shown_once_and_answered_with_the_same_msgid(hands):
    hands.person(openid="oEMP0000")
    first = hands.template("oEMP0000", key="attempt-1").json()
    hands.pass_time(minutes=9)
    again = hands.template("oEMP0000", key="attempt-1").json()
    assert again == first and first["msgid"] > 2**53
    assert [(one["client_key"], one["shown"]) for one in hands.accepted()] == [("attempt-1", 1)]


def test_after_ten_minutes_of_business_time_the_key_no_longer_protects(hands):
    hands.person(openid="oEMP0000")
    first = hands.template("oEMP0000", key="attempt-1").json()["msgid"]
    hands.pass_time(minutes=10)
    assert hands.template("oEMP0000", key="attempt-1").json()["msgid"] != first
    assert sum(one["shown"] for one in hands.accepted()) == 2


def test_what_was_accepted_tells_channel_text_link_and_business_time(hands):
    hands.person(openid="oEMP0000")
    hands.template("oEMP0000", link="http://127.0.0.1:1/n/tok")
    (entry,) = hands.accepted()
    assert entry["channel"] == "wechat" and entry["address"] == "oEMP0000"
    assert entry["link"] == "http://127.0.0.1:1/n/tok"
    assert entry["text"] == "返岗提醒\n提醒事项：返岗提醒\n时间：2026-11-24 09:00\n状态：待确认"
    assert entry["at"].startswith("2026-11-24T01:00")


def test_a_customer_service_message_needs_an_open_window_and_five_fit_into_it(hands):
    hands.person(openid="oEMP0000")
    order = {"touser": "oEMP0000", "msgtype": "text", "text": {"content": "收到您的回复"}}

    def send():
        return hands.wechat("message/custom/send", order).json()["errcode"]

    assert send() == 45015
    hands.admin("reply", channel="wechat", address="oEMP0000", text="我在")
    assert [send() for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    hands.pass_time(hours=48)
    assert send() == 45015


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"msgtype": "wxcard"}, 40008),
        ({"msgtype": "text"}, 44004),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
    ],
)
def test_a_customer_service_message_without_content_is_refused(hands, order, code):
    assert hands.wechat("message/custom/send", {"touser": "oEMP0000"} | order).json()["errcode"] == code


def test_a_picture_can_be_fetched_for_three_days(hands):
    hands.person(openid="oEMP0000")
    hands.admin("reply", channel="wechat", address="oEMP0000", image="sample")
    media = re.search(rb"/pictures/([\w-]+)", hands.http.get(f"{hands.url}/phone/oEMP0000").content)[
        1
    ].decode()
    asked = {"access_token": hands.token(), "media_id": media}

    answer = hands.http.get(f"{hands.url}/cgi-bin/media/get", params=asked)

    assert answer.content == sample() and answer.headers["Content-Type"] == "image/png"
    assert "filename=" in answer.headers["Content-Disposition"]
    hands.pass_time(days=3)
    assert hands.http.get(f"{hands.url}/cgi-bin/media/get", params=asked).json()["errcode"] == 40007
