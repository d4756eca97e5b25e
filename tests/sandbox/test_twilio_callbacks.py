"""Status reports and inbound messages carry a signature that Twilio's own validator accepts."""

import pytest
import requests
from twilio.request_validator import RequestValidator

PERSON = "+85291234560"


@pytest.fixture
def valid(hands, application):
    validator = RequestValidator(hands.settings.twilio_token)

    def check(got):
        signed = got.headers["X-Twilio-Signature"]
        return validator.validate(application.url + got.target, got.form, signed)

    return check


def test_a_message_is_reported_sending_sent_and_delivered_in_this_order(hands, application, valid):
    message = hands.sms(PERSON)
    reports = application.wait_for(3)
    assert [got.form["MessageStatus"] for got in reports] == ["sending", "sent", "delivered"]
    assert all(valid(got) and got.target == "/sms?m=ref-1" for got in reports)
    last = reports[-1].form
    assert (last["MessageSid"], last["To"], last["SmsStatus"]) == (message.sid, PERSON, "delivered")
    assert last["RawDlrDoneDate"] == "2611240100" and "ErrorCode" not in last


def test_the_signature_covers_every_field(hands, application):
    hands.sms(PERSON)
    got = application.wait_for(3)[2]
    changed = got.form | {"MessageStatus": "undelivered"}
    validator = RequestValidator(hands.settings.twilio_token)
    assert not validator.validate(application.url + got.target, changed, got.headers["X-Twilio-Signature"])


def test_without_a_callback_address_nothing_is_reported_but_the_status_moves_on(hands, application):
    message = hands.sms(PERSON, callback=None)
    hands.settle()
    assert application.got == [] and hands.twilio().messages(message.sid).fetch().status == "delivered"
    assert hands.accepted()[0]["client_key"] == ""


@pytest.mark.parametrize(
    ("fragment", "tries"),
    [("", 1), ("#rc=2&rp=4xx", 1), ("#rc=2&rp=5xx", 3), ("#rc=2&rp=all", 3), ("#rc=0&rp=all", 1)],
)
def test_a_failed_report_is_repeated_only_as_the_fragment_asks(hands, application, fragment, tries):
    application.answers = [(500, b"")] * 3
    hands.sms(PERSON, callback="/sms?m=ref-1" + fragment)
    hands.settle()
    first = [got for got in application.got if got.form["MessageStatus"] == "sending"]
    assert len(first) == tries
    assert len({got.headers["I-Twilio-Idempotency-Token"] for got in first}) == 1


def test_a_text_from_the_phone_arrives_at_the_inbound_address(hands, application, valid):
    hands.admin("reply", channel="sms", address=PERSON, text="  收到，明天返岗 +1 ")
    (got,) = application.wait_for(1)
    assert valid(got) and got.path == "/hooks/sms_twilio/hk/inbound"
    assert (got.form["Body"], got.form["From"], got.form["NumMedia"]) == ("  收到，明天返岗 +1 ", PERSON, "0")
    assert got.form["FromCity"] == "" and got.form["SmsStatus"] == "received"


def test_an_inbound_message_is_offered_again_when_the_application_fails(hands, application):
    application.answers = [(500, b"")] * 2
    assert hands.admin("reply", channel="sms", address=PERSON, text="收到")["statuses"] == [500, 500, 200]


def test_a_picture_is_fetched_with_the_accounts_credentials_only(hands, application, valid):
    hands.admin("reply", channel="sms", address=PERSON, image="sample")
    (got,) = application.wait_for(1)
    assert valid(got) and got.form["MessageSid"].startswith("MM")
    assert (got.form["NumMedia"], got.form["MediaContentType0"]) == ("1", "image/png")
    auth = (hands.settings.twilio_sid, hands.settings.twilio_token)
    assert requests.get(got.form["MediaUrl0"], auth=auth, timeout=5).content.startswith(b"\x89PNG")
    assert requests.get(got.form["MediaUrl0"], timeout=5).status_code == 401


def test_inbound_messages_stand_in_the_log(hands):
    hands.admin("reply", channel="sms", address=PERSON, text="收到")
    (found,) = hands.twilio().messages.list(limit=5)
    assert (found.direction, found.from_, found.status, found.body) == ("inbound", PERSON, "received", "收到")
