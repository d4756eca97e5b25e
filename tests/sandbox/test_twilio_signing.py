"""The sandbox signs as Twilio does, seen from known answers and from Twilio's own validator."""

from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from sandbox.sms_twilio.overrides import read
from sandbox.sms_twilio.segments import segments
from sandbox.sms_twilio.signing import signature

TOKEN = "8f0a7c31d2b94e56a1c3e5f708192a3b"
BASE = "https://hz.example.cn"
ACCOUNT = "AC0123456789abcdef0123456789abcdef"
A_FORM = [
    ("AccountSid", ACCOUNT),
    ("ApiVersion", "2010-04-01"),
    ("From", "+15005550006"),
    ("MessageSid", "SM00112233445566778899aabbccddeeff"),
    ("MessageStatus", "delivered"),
    ("RawDlrDoneDate", "2611231806"),
    ("SmsSid", "SM00112233445566778899aabbccddeeff"),
    ("SmsStatus", "delivered"),
    ("To", "+8613800138000"),
]
B_BODY = (
    "ToCountry=US&ToState=&SmsMessageSid=SM11112222333344445555666677778888&NumMedia=0&ToCity=&FromZip=&"
    "SmsSid=SM11112222333344445555666677778888&FromState=&SmsStatus=received&FromCity=&"
    "Body=%E6%94%B6%E5%88%B0%EF%BC%8C%E6%98%8E%E5%A4%A9%E8%BF%94%E5%B2%97+%2B1&FromCountry=CN&To=%2B15005550006&"
    "ToZip=&NumSegments=1&MessageSid=SM11112222333344445555666677778888&"
    f"AccountSid={ACCOUNT}&From=%2B8613800138000&ApiVersion=2010-04-01"
)
C_HASH = "f4a84fe283648e03827cd5d8584e1015bfc395203c4c94a90708fbc639276a6c"


@pytest.mark.parametrize(
    ("url", "form", "signed"),
    [
        (f"{BASE}/hooks/twilio/status?case=GS-2026-0007", A_FORM, "7tbSV8c1FTHiTvT/yTi0A2OFjp0="),
        (
            f"{BASE}/hooks/twilio/inbound",
            parse_qsl(B_BODY, keep_blank_values=True),
            "OXcmvqnRjZRA+arIiOGTsFhUNbs=",
        ),
        (f"{BASE}/hooks/twilio/json?bodySHA256={C_HASH}", [], "rCYCn689OeVXGAet7GPhNbvoVQ8="),
        (f"{BASE}/hooks/x", [], "hkq5Lu/h+e6D8QORvPaDq7nzBdc="),
        (f"{BASE}:443/hooks/x", [], "OOtKW2BseDuHzAMV8fYHVPjTasw="),
        (f"{BASE}:8443/hooks/x", [], "ORV3dIgsf0Q8Z7ElYoy1tanZyhs="),
    ],
    ids=["A", "B", "C", "D", "D with 443", "D with 8443"],
)
def test_a_known_request_gets_the_known_signature(url, form, signed):
    assert signature(TOKEN, url, form) == signed


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=20), max_size=6))
def test_twilios_validator_accepts_whatever_the_sandbox_signs(form):
    url = "http://127.0.0.1:8460/hooks/sms_twilio/hk/status?m=ref-1"
    assert RequestValidator(TOKEN).validate(url, form, signature(TOKEN, url, form.items()))


def test_a_repeated_value_counts_once():
    assert signature(TOKEN, BASE, [("a", "1"), ("a", "1")]) == signature(TOKEN, BASE, [("a", "1")])


@pytest.mark.parametrize(
    ("fragment", "tries", "connect", "read_seconds"),
    [
        ("", 2, 5, 15),
        ("#rc=5&rp=all", 6, 5, 15),
        ("#rc=9", 6, 5, 15),
        ("#ct=1000&rt=2000&rc=0", 1, 1, 2),
        ("#rc=many&ct=1", 2, 0.1, 15),
    ],
)
def test_the_fragment_of_a_webhook_sets_how_patiently_it_is_called(fragment, tries, connect, read_seconds):
    wanted = read("http://127.0.0.1:1/x?m=1" + fragment)
    manner = wanted.manner
    assert wanted.url == "http://127.0.0.1:1/x?m=1"
    assert (manner.tries, manner.connect_seconds, manner.read_seconds) == (tries, connect, read_seconds)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("A" * 160, 1),
        ("A" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("返" * 70, 1),
        ("返" * 71, 2),
        ("返" * 135, 3),
    ],
)
def test_a_text_takes_as_many_segments_as_the_air_interface_needs(text, count):
    assert segments(text) == count
