"""The pretend time-stamp service, in front of OpenSSL and of a client that is not ours."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import requests
from asn1crypto import core, tsp
from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder, decode_timestamp_response

from sandbox.server import Settings, serve

MESSAGE = b"huizheng.a1b2c3d4/log/1\n7\n"


def request_for(message=MESSAGE, nonce=True):
    made = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256)
    return made.nonce(nonce=nonce).build()


@pytest.fixture
def ask(hands):
    def asked(body, fate="", media="application/timestamp-query", **more):
        headers = {"Content-Type": media}
        return hands.http.post(f"{hands.url}/tsa{fate and '/' + fate}", data=body, headers=headers, **more)

    return asked


def verifier(hands, **more):
    root = x509.load_pem_x509_certificate(hands.http.get(f"{hands.url}/tsa/root.pem").content)
    return VerifierBuilder(roots=[root], **more).build()


def openssl(*words):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, timeout=30)


def test_a_good_answer_satisfies_another_client(hands, ask):
    asked = request_for()
    answer = ask(asked.as_bytes())

    assert answer.headers["Content-Type"] == "application/timestamp-reply"
    token = decode_timestamp_response(answer.content)
    assert verifier(hands, nonce=asked.nonce).verify_message(token, MESSAGE)


def test_the_time_is_the_application_s_business_time(hands, ask):
    hands.pass_time(days=400, hours=3)
    token = decode_timestamp_response(ask(request_for().as_bytes()).content)

    assert token.tst_info.gen_time == datetime(2026, 11, 24, 1, tzinfo=UTC) + timedelta(days=400, hours=3)
    assert verifier(hands).verify_message(token, MESSAGE)


@pytest.mark.parametrize("fate", ["", "unordered"])
def test_openssl_makes_the_request_and_accepts_the_answer(hands, ask, tmp_path, fate):
    (tmp_path / "message").write_bytes(MESSAGE)
    (tmp_path / "root.pem").write_bytes(hands.http.get(f"{hands.url}/tsa/root.pem").content)
    query, reply = tmp_path / "q.tsq", tmp_path / "r.tsr"
    openssl("ts", "-query", "-data", tmp_path / "message", "-sha256", "-cert", "-out", query)
    reply.write_bytes(ask(query.read_bytes(), fate).content)

    told = openssl("ts", "-verify", "-in", reply, "-queryfile", query, "-CAfile", tmp_path / "root.pem")
    assert "Verification: OK" in told.stdout + told.stderr


def test_a_request_without_a_nonce_or_certificate_gets_neither(ask):
    bare = TimestampRequestBuilder().data(MESSAGE).nonce(nonce=False).cert_request(cert_request=False)
    token = decode_timestamp_response(ask(bare.build().as_bytes()).content)

    assert token.tst_info.nonce is None and not token.signed_data.certificates


def test_certificates_against_their_order_are_what_that_client_cannot_read(ask):
    with pytest.raises(ValueError, match="SetOrdering"):
        decode_timestamp_response(ask(request_for().as_bytes(), "unordered").content)


@pytest.mark.parametrize(
    ("fate", "wrong"),
    [("wrong_nonce", "nonce"), ("wrong_imprint", "imprint"), ("unknown_algorithm", "algorithm")],
)
def test_each_lie_is_one_lie_and_nothing_else(ask, fate, wrong):
    asked = request_for()
    token = tsp.TimeStampResp.load(ask(asked.as_bytes(), fate).content, strict=True)["time_stamp_token"]
    signed = token["content"]
    info = signed["encap_content_info"]["content"].parsed
    algorithm = signed["signer_infos"][0]["signature_algorithm"]["algorithm"].dotted
    found = {
        "nonce": info["nonce"].native != asked.nonce,
        "imprint": info["message_imprint"]["hashed_message"].native != sha256(MESSAGE).digest(),
        "algorithm": algorithm.startswith("1.2.156."),
    }
    assert [name for name, is_wrong in found.items() if is_wrong] == [wrong]


def test_a_refusal_is_an_answer_without_a_token(ask):
    for body, fate in ((request_for().as_bytes(), "refuses"), (os.urandom(40), ""), (b"", "")):
        answer = ask(body, fate)
        told = core.SequenceOf.load(answer.content, spec=tsp.PKIStatusInfo, strict=True)
        assert answer.status_code == 200
        assert [one["status"].native for one in told] == ["rejection"]


@pytest.mark.parametrize(("fate", "status"), [("down", 503), ("moved", 307), ("unheard_of", 404)])
def test_a_service_that_is_away_says_so_in_http(ask, fate, status):
    assert ask(request_for().as_bytes(), fate, allow_redirects=False).status_code == status


def test_another_media_type_is_turned_away(ask):
    assert ask(request_for().as_bytes(), media="text/plain").status_code == 415


def test_a_slow_service_lets_its_client_wait(ask):
    with pytest.raises(requests.ReadTimeout):
        ask(request_for().as_bytes(), "slow", timeout=0.2)


def test_a_fate_can_befall_a_service_that_worked_and_be_taken_back(hands, ask):
    hands.admin("tsa", fate="down")
    assert ask(request_for().as_bytes()).status_code == 503
    hands.admin("tsa", fate=None)
    assert ask(request_for().as_bytes()).status_code == 200
    assert hands.http.post(f"{hands.url}/admin/tsa", json={"fate": "odd"}).status_code == 400
    assert hands.http.post(f"{hands.url}/admin/tsa", data=b"x").status_code == 415


def test_the_authority_is_kept_beside_the_data_with_its_key_for_us_only(tmp_path):
    roots = []
    for _ in range(2):
        with serve(Settings("http://127.0.0.1:1", port=0, data=tmp_path / "a.jsonl")) as running:
            roots.append(requests.get(f"{running.url}/tsa/root.pem", timeout=5).content)

    assert roots[0] == roots[1]
    assert (tmp_path / "tsa" / "tsa-key.pem").stat().st_mode & 0o077 == 0
