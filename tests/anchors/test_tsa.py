"""Our client in front of a real RFC 3161 service, and of every way in which one can fail or lie."""

import base64
import json
import secrets
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import requests
from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bot.anchors import asking
from bot.anchors.tsa import TimeStampService, query, time_in
from evidence import stamp
from evidence.policy import Tsa
from handlers.vouching import AnchorFailed, Anchoring
from tests.anchors.trees import Tree, served

TREE = Tree()
NOTE = TREE.note(7)
ASKED = Anchoring(NOTE, TREE.checkpoint(7), lambda old: TREE.proof(old, 7))


def service(url):
    return TimeStampService(url, secrets.token_bytes)


def test_a_good_answer_is_kept_verbatim_and_holds_under_its_root(tsa):
    answer = service(tsa).anchor(ASKED)
    pem = requests.get(f"{tsa}/root.pem", timeout=5).content
    root = Tsa("sandbox", sha256(_der(pem)).hexdigest(), pem)

    assert answer.media == "application/timestamp-reply"
    assert abs(answer.time - datetime.now(UTC)) < timedelta(seconds=10)
    assert stamp.look(answer.token).imprint == sha256(NOTE).digest()
    found = stamp.check(answer.token, NOTE, [root])
    assert (found.status, found.time) == ("checked", answer.time)
    assert stamp.check(answer.token, NOTE + b"x", [root]).status == "failed"


def _der(pem):
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


@pytest.mark.parametrize("fate", ["unknown_algorithm", "unordered"])
def test_what_a_tool_may_be_unable_to_check_is_kept_with_its_time(tsa, fate):
    answer = service(f"{tsa}/{fate}").anchor(ASKED)

    assert answer.time is not None and tsp.TimeStampResp.load(answer.token, strict=True)
    assert stamp.look(answer.token).imprint == sha256(NOTE).digest()


@pytest.mark.parametrize(
    ("fate", "why"),
    [
        ("down", "HTTP 503"),
        ("refuses", "refused: rejection this service refuses today"),
        ("wrong_imprint", "another hash"),
        ("wrong_nonce", "another nonce"),
        ("garbage", "no time-stamp response"),
        ("endless", "too long or too slow"),
        ("moved", "elsewhere .HTTP 307"),
        ("nowhere", "HTTP 404"),
    ],
)
def test_each_failure_and_each_lie_is_named(tsa, fate, why):
    with pytest.raises(AnchorFailed, match=why):
        service(f"{tsa}/{fate}").anchor(ASKED)


def test_a_slow_service_costs_ten_seconds_at_most(tsa, monkeypatch):
    assert asking.CONNECT + asking.READ < 10
    monkeypatch.setattr(asking, "READ", 0.5)
    began = time.monotonic()
    with pytest.raises(AnchorFailed, match="no answer"):
        service(f"{tsa}/slow").anchor(ASKED)
    assert time.monotonic() - began < 5


def test_a_service_that_drips_its_answer_is_cut_short(monkeypatch):
    monkeypatch.setattr(asking, "READ", 0.5)

    def drip(_, start):
        start("200 OK", [("Content-Type", "application/timestamp-reply")])
        for _ in range(60):
            time.sleep(0.1)
            yield b"\x30"

    began = time.monotonic()
    with served(drip) as url:
        with pytest.raises(AnchorFailed, match="too long or too slow"):
            service(url).anchor(ASKED)
        assert time.monotonic() - began < 5


def test_nobody_there_is_named(tsa):
    with pytest.raises(AnchorFailed, match="no answer"):
        service("http://127.0.0.1:9").anchor(ASKED)


def test_the_service_is_named_by_its_host_alone():
    assert service("http://tsa.example.cn/path").service == "tsa.example.cn"
    assert service("https://tsa.example.cn:8443/x").service == "tsa.example.cn:8443"


def test_the_request_is_what_rfc_3161_asks_for():
    asked = tsp.TimeStampReq.load(query(b"\x05" * 32, 2**63), strict=True)

    assert asked.native == {
        "version": "v1", "req_policy": None, "nonce": 2**63, "cert_req": True, "extensions": None,
        "message_imprint": {
            "hash_algorithm": {"algorithm": "sha256", "parameters": None}, "hashed_message": b"\x05" * 32,
        },
    }  # fmt: skip


def test_answers_of_real_services_are_read(vectors):
    """Real tokens of several makers: a granted one gives a time, or is about another hash; none breaks us."""
    seen = set()
    for name in ("rfc3161_fixtures.json", "rfc3161_openssl_made_here.json"):
        for token in _tokens(json.loads((vectors / name).read_text())):
            try:
                seen.add(type(time_in(base64.b64decode(token), b"\x00" * 32, 1)).__name__)
            except AnchorFailed as failed:
                seen.add(str(failed)[:24])
    assert "answered about another h" in seen


def _tokens(value):
    if isinstance(value, dict):
        for one in value.values():
            yield from _tokens(one)
    elif isinstance(value, list):
        for one in value:
            yield from _tokens(one)
    elif isinstance(value, str) and value.startswith("MI"):
        yield value


def test_any_bytes_are_an_answer_or_a_refusal_never_a_stray_error(tsa):
    good = service(tsa).anchor(ASKED).token
    imprint, nonce = sha256(NOTE).digest(), 1
    for at in range(0, len(good), 3):
        for value in (0, 0x30, 0x7F, 0x80, 0xFF):
            changed = good[:at] + bytes([value]) + good[at + 1 :]
            try:
                time_in(changed, imprint, nonce)
            except AnchorFailed:
                continue


def test_a_token_whose_inside_nobody_can_read_is_kept_without_a_time():
    opaque = cms.EncapsulatedContentInfo(
        {"content_type": "1.2.156.10197.6.1.4.2.1", "content": core.ParsableOctetString(b"\x04\x01\x00")}
    )
    signed = cms.SignedData(
        {"version": "v3", "digest_algorithms": [], "encap_content_info": opaque, "signer_infos": []}
    )
    content = {"content_type": "signed_data", "content": signed}
    token = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": content})
    assert time_in(token.dump(), b"\x00" * 32, 1) is None
