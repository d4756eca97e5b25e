"""The hidden side: attacks, repeats, the list of what was accepted, and who may ask."""

import json

import pytest
from wechatpy.exceptions import InvalidSignatureException

from sandbox.server import create_app


def test_a_past_callback_is_repeated_byte_for_byte_as_often_as_wished(hands, application):
    hands.person(openid="oEMP0000")
    told = hands.admin("reply", channel="wechat", address="oEMP0000", text="第一条")
    hands.admin("reply", channel="wechat", address="oEMP0000", text="第二条")
    first, last = application.got

    assert hands.admin("repeat", n=50, id=told["id"])["statuses"] == [200] * 50
    assert {(got.target, got.body) for got in application.got[2:]} == {(first.target, first.body)}
    hands.admin("repeat", n=1, last=True)
    assert application.got[-1].body == last.body


def test_an_unsigned_attack_bears_no_signature(hands, application):
    assert hands.admin("forge", kind="unsigned")["statuses"] == [200]
    assert set(application.got[0].query) == {"encrypt_type"}


def test_the_plaintext_attack_bears_a_true_signature_over_no_body(hands, application):
    hands.admin("forge", kind="plaintext")
    (got,) = application.got
    assert "encrypt_type" not in got.query and "msg_signature" not in got.query and "signature" in got.query
    assert "我同意" in got.body.decode()


def test_a_bad_signature_is_really_bad(hands, application):
    hands.admin("forge", kind="bad_signature")
    with pytest.raises(InvalidSignatureException):
        hands.opened(application.got[0])


def test_broken_xml_comes_under_a_right_signature(hands, application):
    hands.admin("forge", kind="broken_xml")
    assert hands.opened(application.got[0]).endswith("没有写完")


def test_the_huge_request_is_two_megabytes(hands, application):
    application.answers = [(413, b""), (413, b"")]
    assert hands.admin("forge", kind="huge", n=1)["statuses"] == [413]
    assert hands.admin("forge", kind="huge", channel="sms")["statuses"] == [413]
    assert all(len(got.body) >= 2_000_000 for got in application.got)


@pytest.mark.parametrize(("kind", "signed"), [("unsigned", False), ("bad_signature", True)])
def test_sms_webhooks_are_attacked_too(hands, application, kind, signed):
    hands.admin("forge", kind=kind, channel="sms", n=2)
    assert [("X-Twilio-Signature" in got.headers) for got in application.got] == [signed] * 2


def test_the_list_of_what_was_accepted_is_on_disk_before_the_answer(hands):
    hands.person(openid="oEMP0000")
    hands.template("oEMP0000")
    hands.sms("+85291234560")
    lines = hands.settings.data.read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == hands.accepted()


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("people", {"name": "无号码"}, "openid or a phone"),
        ("reply", {"channel": "pigeon", "address": "x", "text": "x"}, "channel"),
        ("reply", {"channel": "sms", "address": "+85291234560"}, "text is missing"),
        ("reply", {"channel": "sms", "address": "+85291234560", "image": "AAAA"}, "only PNG"),
        ("forge", {"kind": "polite"}, "polite"),
        ("forge", {"kind": "plaintext", "channel": "sms"}, "plaintext"),
        ("repeat", {"n": 2}, "no such callback"),
        ("tokens", {"make": "tea"}, "expired"),
        ("scan", {"openid": "oX"}, "scene is missing"),
    ],
)
def test_a_request_that_lacks_something_says_what(hands, path, body, words):
    answer = hands.http.post(f"{hands.url}/admin/{path}", json=body)
    assert answer.status_code == 400 and words in answer.json()["error"]


def test_several_people_come_in_one_request_and_each_has_a_page(hands):
    people = [{"openid": f"oEMP000{n}", "name": f"员工{n}"} for n in range(3)]
    hands.admin("people", people=people)
    listed = hands.http.get(f"{hands.url}/admin/people").json()
    assert [one["name"] for one in listed] == ["员工0", "员工1", "员工2"]
    assert all(hands.http.get(one["page"]).status_code == 200 for one in listed)


def test_openid_and_number_given_together_are_one_person(hands):
    hands.person(phone="+85291234560")
    hands.person(openid="oEMP0000", phone="+85291234560")
    assert len(hands.http.get(f"{hands.url}/admin/people").json()) == 1


def test_two_strangers_who_turn_out_to_be_one_keep_their_messages(hands):
    hands.admin("scan", openid="oEMP0000", scene="bind.1")
    hands.sms("+85291234560", "请返岗")
    person = hands.person(openid="oEMP0000", phone="+85291234560", following=True)
    assert len(hands.http.get(f"{hands.url}/admin/people").json()) == 1
    assert "请返岗" in hands.http.get(person["page"] + "?app=sms").text


def test_naming_a_person_again_does_not_make_him_follow_again(hands):
    hands.person(openid="oEMP0000")
    hands.admin("unfollow", openid="oEMP0000")
    assert hands.person(openid="oEMP0000")["following"] is False


def test_a_web_page_cannot_send_orders_and_neither_can_another_machine(hands, settings):
    assert hands.http.post(f"{hands.url}/admin/stop", data={"phone": "+85291234560"}).status_code == 415
    app = create_app(settings)
    try:
        elsewhere = app.test_client().get("/admin/accepted", environ_base={"REMOTE_ADDR": "192.0.2.7"})
        assert elsewhere.status_code == 403
    finally:
        app.extensions["sandbox"].close()
