"""Twilio: known signatures, the text that leaves, every answer it may give, and asking afterwards."""

import base64
import hmac
import json
import logging
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
from twilio.request_validator import RequestValidator

from bot.channels.sms_twilio import callbacks
from bot.registry import module_of
from casework.messages import Media, Outcome
from handlers.ports import (
    Forged,
    Misconfigured,
    RawRequest,
    Refused,
    SendFailed,
    Throttled,
    Unreadable,
    Unsure,
)
from tests.channels import recorded
from tests.channels.receiver import Receiver
from tests.channels.scripted import Reply, Scripted

SID = "AC0123456789abcdef0123456789abcdef"
TOKEN = "8f0a7c31d2b94e56a1c3e5f708192a3b"
MESSAGE = "SM00112233445566778899aabbccddeeff"
MESSAGES = f"/2010-04-01/Accounts/{SID}/Messages.json"
PHONE = "+85291234567"


def told(http: int = 201, /, **answer: object) -> Reply:
    return Reply(json.dumps(answer, ensure_ascii=False).encode(), http)


def failed(status: int, code: int) -> Reply:
    return told(status, code=code, message="no", more_info="https://www.twilio.com", status=status)


def made(server: Scripted | None = None, **settings: object):
    address = {"api_base": server.url, "read_timeout": 1.0} if server else {}
    return recorded.made("sms_twilio", **address, **settings)


def request_of(channel, **changes: object) -> bytes:
    return channel.prepare(recorded.envelope(PHONE, **changes))


def failure_of(call) -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        call()
    return caught.value


def sign(url: str, form: list[tuple[str, str]]) -> str:
    signed = url + "".join(name + value for name, value in sorted(form))
    return base64.b64encode(hmac.digest(TOKEN.encode(), signed.encode(), "sha1")).decode()


# ---- Known signatures ----

A_URL = "https://hz.example.cn/hooks/twilio/status?case=GS-2026-0007"
A_BODY = urlencode(
    {
        "AccountSid": SID,
        "ApiVersion": "2010-04-01",
        "From": "+15005550006",
        "MessageSid": MESSAGE,
        "MessageStatus": "delivered",
        "RawDlrDoneDate": "2611231806",
        "SmsSid": MESSAGE,
        "SmsStatus": "delivered",
        "To": "+8613800138000",
    }
).encode()
B_URL = "https://hz.example.cn/hooks/twilio/inbound"
B_BODY = (
    b"ToCountry=US&ToState=&SmsMessageSid=SM11112222333344445555666677778888&NumMedia=0&ToCity=&FromZip=&"
    b"SmsSid=SM11112222333344445555666677778888&FromState=&SmsStatus=received&FromCity=&"
    b"Body=%E6%94%B6%E5%88%B0%EF%BC%8C%E6%98%8E%E5%A4%A9%E8%BF%94%E5%B2%97+%2B1&FromCountry=CN&To=%2B15005550006&"
    b"ToZip=&NumSegments=1&MessageSid=SM11112222333344445555666677778888&AccountSid=" + SID.encode() + b"&"
    b"From=%2B8613800138000&ApiVersion=2010-04-01"
)
C_HASH = "f4a84fe283648e03827cd5d8584e1015bfc395203c4c94a90708fbc639276a6c"
C_URL = f"https://hz.example.cn/hooks/twilio/json?bodySHA256={C_HASH}"


def posted(url: str, body: bytes, signature: str, public_url: str = "https://hz.example.cn"):
    target = url.removeprefix(public_url)
    request = RawRequest("POST", target, {"x-twilio-signature": signature}, body)
    return callbacks.checked(request, public_url, TOKEN, SID)


def test_known_signatures_are_accepted():
    assert posted(A_URL, A_BODY, "7tbSV8c1FTHiTvT/yTi0A2OFjp0=").key == f"{MESSAGE}:delivered"
    (reply,) = callbacks.meaning(posted(B_URL, B_BODY, "OXcmvqnRjZRA+arIiOGTsFhUNbs=").inner)
    assert (reply.text, reply.address) == ("收到，明天返岗 +1", "+8613800138000")


@pytest.mark.parametrize("place", range(0, len(A_BODY), 7))
def test_a_changed_byte_of_the_form_is_noticed(place):
    body = bytes([*A_BODY[:place], A_BODY[place] ^ 1, *A_BODY[place + 1 :]])
    with pytest.raises(Forged):
        posted(A_URL, body, "7tbSV8c1FTHiTvT/yTi0A2OFjp0=")


def test_json_is_no_callback_of_ours_even_when_it_is_rightly_signed():
    with pytest.raises(Forged):
        posted(C_URL, '{"event":"demo","状态":"已读"}'.encode(), "rCYCn689OeVXGAet7GPhNbvoVQ8=")


@pytest.mark.parametrize(
    ("public_url", "signature"),
    [
        ("https://hz.example.cn", "hkq5Lu/h+e6D8QORvPaDq7nzBdc="),
        ("https://hz.example.cn:443", "OOtKW2BseDuHzAMV8fYHVPjTasw="),
        ("https://hz.example.cn:8443", "ORV3dIgsf0Q8Z7ElYoy1tanZyhs="),
    ],
)
def test_our_way_of_signing_gives_the_known_answers_for_ports(public_url, signature):
    assert sign(f"{public_url}/hooks/x", []) == signature


@pytest.mark.parametrize(
    ("signed_for", "public_url", "genuine"),
    [
        ("https://hz.example.cn", "https://hz.example.cn", True),
        ("https://hz.example.cn:443", "https://hz.example.cn", True),
        ("https://hz.example.cn:8443", "https://hz.example.cn:8443", True),
        ("https://hz.example.cn:8443", "https://hz.example.cn", False),
        ("http://hz.example.cn", "https://hz.example.cn", False),
    ],
)
def test_the_signature_covers_the_public_address(signed_for, public_url, genuine):
    form = parse_qsl(A_BODY.decode())
    signature = sign(f"{signed_for}/hooks/x?m=1", form)
    if genuine:
        assert posted(f"{public_url}/hooks/x?m=1", A_BODY, signature, public_url)
    else:
        with pytest.raises(Forged):
            posted(f"{public_url}/hooks/x?m=1", A_BODY, signature, public_url)


def test_an_underscore_in_the_public_host_is_refused_since_twilio_refuses_it():
    module = module_of("sms_twilio")
    given = module.Settings.model_validate(recorded.account("sms_twilio")["settings"])
    with pytest.raises(ValueError, match="underscore"):
        module.build("hk", given, "https://hz_1.example.cn")


@pytest.mark.parametrize(
    "inner",
    [
        b"",
        b"no line break",
        b"/x\n\xff\xfe",
        b"\xff\nMessageSid=" + MESSAGE.encode(),
        b"/x\nMessageStatus=sent",
        b"/x\nMessageSid=SM1&MessageStatus=sent",
        b"/x\nMessageSid=SM1&From=%2B1&Body=x",
    ],
)
def test_what_is_no_callback_is_unreadable(inner):
    with pytest.raises(Unreadable):
        callbacks.meaning(inner)


# ---- Other forms that bear the same signature ----

STATUS = {
    "AccountSid": SID,
    "ApiVersion": "2010-04-01",
    "ErrorCode": "30004",
    "From": "+15005550006",
    "MessageSid": MESSAGE,
    "MessageStatus": "undelivered",
    "To": PHONE,
}
INBOUND = {
    "AccountSid": SID,
    "ApiVersion": "2010-04-01",
    "Body": "收到",
    "From": PHONE,
    "FromCity": "",
    "MessageSid": MESSAGE,
    "NumMedia": "0",
    "SmsStatus": "received",
    "To": "+15005550006",
}
VICTIM, ANOTHER = "+85291230000", "SMffffffffffffffffffffffffffffffff"
CRAFTED = INBOUND | {"Body": f"收到From{VICTIM}FromCity"}
FULLY_CRAFTED = INBOUND | {"Body": f"收到From{VICTIM}MessageSid{ANOTHER}ToZip"}
TAIL_OF_CRAFTED = f"From{PHONE}FromCityMessageSid{MESSAGE}NumMedia0SmsStatusreceivedTo+15005550006"


def without(form: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in form.items() if name not in names}


def taken(signed: dict[str, str], target: str, body: bytes):
    """Post a body under the signature of another form, which the vendor's own check must find right."""
    url = "https://hz.example.cn/hooks/x?m=n-0001-a12"
    signature = sign(url, list(signed.items()))
    posted_to = f"https://hz.example.cn{target}"
    assert RequestValidator(TOKEN).validate(posted_to, callbacks.Form.of(body), signature)
    return posted(posted_to, body, signature)


@pytest.mark.parametrize("signed", [STATUS, INBOUND, CRAFTED, FULLY_CRAFTED])
def test_the_form_that_was_signed_is_taken(signed):
    element = taken(signed, "/hooks/x?m=n-0001-a12", urlencode(signed).encode())
    assert callbacks.meaning(element.inner)


@pytest.mark.parametrize("signed", [STATUS, INBOUND])
@pytest.mark.parametrize("name", ["MessageSid", "AccountSid", "From", "ApiVersion", "To"])
def test_a_name_that_occurs_twice_is_refused_although_the_signature_fits(signed, name):
    body = urlencode([*signed.items(), (name, signed[name])]).encode()
    with pytest.raises(Forged):
        taken(signed, "/hooks/x?m=n-0001-a12", body)


@pytest.mark.parametrize(
    ("signed", "read_as"),
    [
        (STATUS, without(STATUS, "ErrorCode") | {"ApiVersion": "2010-04-01ErrorCode30004"}),
        (STATUS, without(STATUS, "MessageStatus") | {"MessageSid": f"{MESSAGE}MessageStatusundelivered"}),
        (CRAFTED, INBOUND | {"From": VICTIM, "FromCity": f"From{PHONE}FromCity"}),
        (
            FULLY_CRAFTED,
            without(INBOUND, "FromCity", "NumMedia", "SmsStatus", "To")
            | {"From": VICTIM, "MessageSid": ANOTHER, "ToZip": TAIL_OF_CRAFTED},
        ),
    ],
    ids=["error code hidden", "status hidden", "another sender", "another sender and message"],
)
def test_a_field_hidden_in_its_neighbours_value_is_refused_although_the_signature_fits(signed, read_as):
    with pytest.raises(Forged):
        taken(signed, "/hooks/x?m=n-0001-a12", urlencode(read_as).encode())


@pytest.mark.parametrize(
    ("target", "moved"),
    [("/hooks/x?m=n-0001-a1", "2"), ("/hooks/x", "?m=n-0001-a12")],
    ids=["last digit", "the query"],
)
def test_our_reference_cannot_be_moved_into_the_form(target, moved):
    with pytest.raises(Forged):
        taken(STATUS, target, urlencode({moved: ""} | STATUS).encode())


@pytest.mark.parametrize("name", ["Body", "MessageSid"])
def test_a_name_that_runs_into_its_value_leaves_nothing_that_means_anything(name):
    cut = without(INBOUND, name) | {name[:-1]: name[-1] + INBOUND[name]}
    with pytest.raises(Unreadable):
        callbacks.meaning(taken(INBOUND, "/hooks/x?m=n-0001-a12", urlencode(cut).encode()).inner)


# ---- What leaves ----


def test_the_request_holds_text_link_code_and_the_way_back():
    message = json.loads(request_of(made()))
    assert message == {
        "To": PHONE,
        "From": "+15005550006",
        "Body": "【云杉机械】返岗提醒，请打开查看并确认：https://hz.example.cn/n/k7m2p9qx3w 回证码 7K2M-9QXW",
        "StatusCallback": "https://hz.example.cn/hooks/sms_twilio/hk/status?m=n-0001-a1#rc=5&rp=all",
    }


@pytest.mark.parametrize(
    "title", ["工伤认定材料提醒", "停工留薪期到期提示", "赔偿协商邀请", "复诊提醒", "劳动能力鉴定通知"]
)
def test_nothing_of_injury_or_money_shows_on_a_locked_screen(title):
    body = json.loads(request_of(made(), title=title, lines=("左腿骨折",)))["Body"]
    assert body.startswith("【云杉机械】您有一份通知，") and title not in body and "骨折" not in body


@pytest.mark.parametrize(
    ("address", "failure"),
    [
        ("+8613800138000", "mainland"),
        ("13800138000", "address"),
        ("+852 9123 4567", "address"),
        ("+٨٦١٣٨٠٠", "address"),
    ],
)
def test_mainland_and_malformed_numbers_are_refused(address, failure):
    caught = failure_of(lambda: made().prepare(recorded.envelope(address)))
    assert isinstance(caught, Refused) and caught.code == failure


def test_the_mainland_is_open_only_on_a_recorded_ground():
    channel = made(allow_mainland=True, mainland_basis="模板 2026-11 已报备，法务批准")
    assert json.loads(channel.prepare(recorded.envelope("+8613800138000")))["To"] == "+8613800138000"
    with pytest.raises(ValueError, match="mainland_basis"):
        made(allow_mainland=True, mainland_basis="  ")


def test_what_was_stored_is_what_twilio_receives():
    seen = []

    def script(path: str, _: str, body: bytes) -> Reply:
        seen.append((path, dict(parse_qsl(body.decode()))))
        return told(sid=MESSAGE, status="queued", body="…")

    with Scripted(script) as server:
        channel = made(server)
        answer = channel.send(request_of(channel))
    assert seen == [(MESSAGES, json.loads(request_of(channel)))]
    assert (answer.outcome, answer.said, answer.provider_id) == (Outcome.ACCEPTED, "queued", MESSAGE)
    assert json.loads(answer.raw)["sid"] == MESSAGE


def test_a_region_in_the_environment_does_not_lead_the_message_elsewhere(monkeypatch):
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    with Scripted(lambda *_: told(sid=MESSAGE, status="queued")) as server:
        channel = made(server)
        assert channel.send(request_of(channel)).provider_id == MESSAGE


RFC_9457 = told(400, type="about:blank", title="opted out", status=400, code=21610)


@pytest.mark.parametrize(
    ("reply", "failure"),
    [
        (failed(400, 21610), Refused),
        (RFC_9457, Refused),
        *[(failed(400, code), Refused) for code in (21201, 21211, 21612, 21614, 21617)],
        *[(failed(400, code), Misconfigured) for code in (21408, 21603, 21606, 21608)],
        (failed(401, 20003), Misconfigured),
        (failed(404, 20404), Misconfigured),
        (failed(429, 20429), Throttled),
        (failed(400, 21611), Throttled),
        (Reply(b"slow down", 429), Throttled),
        (failed(500, 20500), Unsure),
        (Reply(b"<html>", 503), Unsure),
        (Reply(b"<html>", 403), Unsure),
        (Reply(b"<html>log in</html>", 200), Unsure),
        (Reply(b"<html>log in</html>", 302, {"Location": "/"}), Unsure),
        (Reply(b"[]", 201), Unsure),
        (Reply(b"null", 201), Unsure),
        (Reply(b"{}", 201), Unsure),
        (told(sid="CA0123456789", status="queued"), Unsure),
        (Reply(silent=True), Unsure),
        (Reply(hang_up=True), Unsure),
        (told(sid=MESSAGE, status="failed", error_code=30005), Refused),
    ],
)
def test_each_answer_of_twilio_is_told_in_our_words_after_one_call(reply, failure):
    with Scripted(lambda *_: reply) as server:
        channel = made(server)
        caught = failure_of(lambda: channel.send(request_of(channel)))
        assert type(caught) is failure and TOKEN not in str(caught)
        assert server.calls == {MESSAGES: 1}


def test_numbers_and_texts_stay_out_of_the_log(caplog):
    caplog.set_level(logging.INFO)
    created, nothing = told(sid=MESSAGE, status="queued"), told(200, messages=[], next_page_uri=None)
    with Scripted(lambda path, target, body: created if body else nothing) as server:
        channel = made(server)
        channel.send(request_of(channel))
        channel.find(request_of(channel), NOW)
    assert PHONE[1:] not in caplog.text and "返岗提醒" not in caplog.text


# ---- Asking afterwards ----

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=8)))


def listed(channel, **changes: object) -> Reply:
    body = json.loads(request_of(channel))["Body"]
    message = {
        "sid": MESSAGE,
        "status": "sent",
        "body": body,
        "date_created": "Tue, 24 Nov 2026 01:00:05 +0000",
    }
    return told(200, messages=[message | changes], next_page_uri=None)


def found_in(reply_of, since: datetime = NOW):
    replies = {}
    with Scripted(lambda *_: replies["now"]) as server:
        channel = made(server)
        replies["now"] = reply_of(channel)
        return channel.find(request_of(channel), since), server.targets


def test_a_message_that_twilio_has_is_found_with_its_standing():
    answer, _ = found_in(listed)
    assert (answer.outcome, answer.said, answer.provider_id) == (Outcome.SENT, "sent", MESSAGE)


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "another text"},
        {"body": None},
        {"date_created": "Tue, 24 Nov 2026 00:30:00 +0000"},
    ],
    ids=["another message", "a message without text", "an earlier attempt with the same text"],
)
def test_what_is_not_this_attempt_is_not_found(changes):
    answer, targets = found_in(lambda channel: listed(channel, **changes))
    assert answer is None and len(targets) == 2


def test_a_trial_accounts_sentence_before_the_text_does_not_hide_it():
    def trial(channel) -> Reply:
        body = json.loads(request_of(channel))["Body"]
        return listed(channel, body=f"Sent from your Twilio trial account - {body}")

    assert found_in(trial)[0].provider_id == MESSAGE


def test_the_date_is_asked_for_in_universal_time_and_once_more_without():
    _, targets = found_in(lambda channel: told(200, messages=[], next_page_uri=None))
    first, second = (parse_qs(urlsplit(target).query) for target in targets)
    assert first["DateSent>"] == ["2026-11-24T00:59:00Z"] and first["To"] == [PHONE]
    assert "DateSent>" not in second and second["To"] == [PHONE]


def test_a_list_whose_next_page_is_itself_comes_to_an_end():
    def endless(channel) -> Reply:
        page = json.loads(listed(channel, body="another").body)
        return told(200, **(page | {"next_page_uri": MESSAGES}))

    answer, targets = found_in(endless)
    assert answer is None and len(targets) <= 2 * 100


@pytest.mark.parametrize(
    "reply", [Reply(b"", 500), Reply(silent=True), Reply(b"<html>"), failed(401, 20003), failed(429, 20429)]
)
def test_when_twilio_cannot_be_asked_nothing_is_concluded(reply):
    with Scripted(lambda *_: reply) as server:
        channel = made(server)
        with pytest.raises(Unsure):
            channel.find(request_of(channel), NOW)


# ---- Pictures, and the sandbox ----


def test_a_picture_is_fetched_with_our_password_and_its_store_without():
    seen = []

    def script(path: str, _: str, __: bytes) -> Reply:
        seen.append(path)
        if path == "/store/1":
            return Reply(b"\xff\xd8", headers={"Content-Type": "image/jpeg"})
        return Reply(b"", 307, {"Location": "/store/1"})

    with Scripted(script) as server:
        fetched = made(server).fetch(
            Media("https://api.twilio.com/2010-04-01/Accounts/AC/Media/ME1", "image/jpeg")
        )
    assert fetched == (b"\xff\xd8", "image/jpeg")
    assert seen == ["/2010-04-01/Accounts/AC/Media/ME1", "/store/1"]


@pytest.mark.parametrize(
    "address", ["http://169.254.169.254/", "https://api.twilio.com.evil.example/x", "file:///etc/hosts"]
)
def test_a_picture_lies_at_twilio_or_nowhere(address):
    with pytest.raises(Refused):
        made().fetch(Media(address, "image/jpeg"))


def test_a_person_who_answers_and_opts_out_is_understood_and_not_written_to_again():
    acknowledgement = made().acknowledgement()
    with (
        Receiver(acknowledgement) as receiver,
        recorded.emulator("sms_twilio").started(receiver.url) as changed,
    ):
        module = module_of("sms_twilio")
        values = module.Settings.model_validate(recorded.account("sms_twilio")["settings"] | changed)
        channel = module.build("hk", values, receiver.url)
        admin = f"{changed['api_base']}/admin"
        for what, words in (("reply", {"channel": "sms", "text": " 收到 "}), ("stop", {})):
            requests.post(
                f"{admin}/{what}", json={"address": "+85291234560", **words}, timeout=5
            ).raise_for_status()
        reply, stop = receiver.told(channel, 2)
        envelope = recorded.envelope("+85291234560", callback_base=receiver.url)
        after = failure_of(lambda: channel.send(channel.prepare(envelope)))
    assert (reply.text, reply.opt_out, stop.opt_out) == (" 收到 ", False, True)
    assert isinstance(after, Refused) and after.code == "21610"
