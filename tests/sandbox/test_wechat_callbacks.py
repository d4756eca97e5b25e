"""What the application is told arrives sealed, signed and patiently; wechatpy can read it."""

import pytest
from wechatpy import parse_message
from wechatpy.utils import check_signature


@pytest.fixture
def read(hands):
    """Check and open a callback with wechatpy, the platform's real peer."""
    settings = hands.settings

    def opened(got):
        asked = got.query
        assert got.path == "/hooks/wechat_oa/main" and asked["encrypt_type"] == "aes"
        check_signature(settings.wechat_token, asked["signature"], asked["timestamp"], asked["nonce"])
        message = parse_message(hands.opened(got))
        assert message.source == asked["openid"] and message.target == settings.wechat_gh_id
        return message

    return opened


def test_a_delivered_template_message_is_reported_with_its_own_msgid(hands, read, application):
    hands.person(openid="oEMP0000")
    msgid = hands.template("oEMP0000").json()["msgid"]
    event = read(application.wait_for(1)[0])
    assert (event.event, event.status, int(event.id)) == ("templatesendjobfinish", "success", msgid)
    assert event._data["CreateTime"] == str(int(application.now.timestamp()))


def test_a_text_arrives_exactly_as_written(hands, read, application):
    hands.person(openid="oEMP0000")
    hands.admin("reply", channel="wechat", address="oEMP0000", text="收到]]>，明天返岗 <b>&amp;")
    message = read(application.wait_for(1)[0])
    assert (message.type, message.content) == ("text", "收到]]>，明天返岗 <b>&amp;")
    assert message.id > 2**53


def test_a_picture_and_a_recording_arrive_as_image_and_voice(hands, read, application):
    hands.person(openid="oEMP0000")
    hands.admin("reply", channel="wechat", address="oEMP0000", image="sample")
    hands.admin("reply", channel="wechat", address="oEMP0000", voice="IyFBTVIK")
    image, voice = (read(got) for got in application.wait_for(2))
    assert image.type == "image" and hands.http.get(image.image).headers["Content-Type"] == "image/png"
    assert (voice.type, voice.format) == ("voice", "amr")


def test_a_newcomer_who_scans_subscribes_by_the_scene_and_a_follower_only_scans(hands, read, application):
    hands.admin("scan", openid="oNEW0000", scene="bind.7f3c9a")
    hands.admin("scan", openid="oNEW0000", scene="bind.7f3c9a")
    first, second = (read(got) for got in application.wait_for(2))
    assert (first.event, first.scene_id) == ("subscribe_scan", "bind.7f3c9a") and first.ticket
    assert (second.event, second.scene_id) == ("scan", "bind.7f3c9a") and second.ticket


def test_following_and_leaving_are_told_and_decide_what_can_be_sent(hands, read, application):
    hands.person(openid="oEMP0000", following=False)
    assert hands.template("oEMP0000").json()["errcode"] == 43004
    hands.admin("follow", openid="oEMP0000")
    assert hands.template("oEMP0000").json()["errcode"] == 0
    hands.settle()
    hands.admin("unfollow", openid="oEMP0000")
    assert hands.template("oEMP0000").json()["errcode"] == 43004
    assert [read(got).event for got in application.got] == [
        "subscribe",
        "templatesendjobfinish",
        "unsubscribe",
    ]


@pytest.mark.parametrize(
    "answer",
    [(500, b""), (403, b""), (302, b"success"), (200, b"ok"), (200, b"<html>")],
    ids=["500", "403", "302", "another word", "a page"],
)
def test_anything_but_success_is_asked_three_times_with_a_fresh_nonce(hands, read, application, answer):
    hands.person(openid="oEMP0000")
    application.answers = [answer] * 3
    told = hands.admin("reply", channel="wechat", address="oEMP0000", text="在吗")
    assert told["statuses"] == [answer[0]] * 3
    assert len({got.query["nonce"] for got in application.got}) == 3
    assert len({read(got).id for got in application.got}) == 1
    assert "该公众号提供的服务出现故障" in hands.http.get(f"{hands.url}/phone/oEMP0000").text


@pytest.mark.parametrize("body", [b"", b"success", b"success\n"])
def test_success_and_silence_are_both_good_answers(hands, application, body):
    hands.person(openid="oEMP0000")
    application.answers = [(200, body)]
    assert hands.admin("reply", channel="wechat", address="oEMP0000", text="在吗")["statuses"] == [200]
    assert len(application.got) == 1


def test_an_application_that_does_not_answer_in_five_seconds_is_asked_again(hands, application):
    hands.person(openid="oEMP0000")
    application.answers = ["wait"]
    assert hands.admin("reply", channel="wechat", address="oEMP0000", text="在吗")["statuses"] == [0, 200]


def test_the_platform_checks_the_callback_address_by_an_echo(hands, application):
    assert hands.admin("verify") == {"status": 200, "echoed": True}
