"""Our own check of Ed25519 signatures says what the public vectors and another library say."""

import json
import time

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from evidence.ed25519 import verify

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC, MESSAGE = PRIVATE.public_key().public_bytes_raw(), b"huizheng"
SIGNATURE = PRIVATE.sign(MESSAGE)


def little(number):
    return number.to_bytes(32, "little")


def test_every_public_case_is_judged_as_published(vectors):
    data = json.loads((vectors / "ed25519_wycheproof.json").read_text())["data"]
    judged = 0
    for group in data["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            holds = verify(public, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            assert holds == (case["result"] == "valid"), case["tcId"]
            judged += 1
    assert judged == data["numberOfTests"] == 151


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_what_another_library_signs_holds(seed, message):
    private = Ed25519PrivateKey.from_private_bytes(seed)
    assert verify(private.public_key().public_bytes_raw(), message, private.sign(message))


@given(st.integers(0, 511), st.sampled_from(["public", "message", "signature"]))
def test_one_flipped_bit_anywhere_breaks_it_as_in_another_library(bit, where):
    parts = {"public": PUBLIC, "message": MESSAGE * 8, "signature": PRIVATE.sign(MESSAGE * 8)}
    bent = bytearray(parts[where])
    bent[bit // 8 % len(bent)] ^= 1 << bit % 8
    parts[where] = bytes(bent)

    assert not verify(parts["public"], parts["message"], parts["signature"])
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(parts["public"]).verify(parts["signature"], parts["message"])


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_whatever_the_bytes_are_there_is_an_answer(public, message, signature):
    assert not verify(public, message, signature)


@pytest.mark.parametrize(
    ("public", "signature"),
    [
        (PUBLIC, SIGNATURE[:32] + little(int.from_bytes(SIGNATURE[32:], "little") + ORDER)),
        (PUBLIC, SIGNATURE + b"\0"),
        (PUBLIC, SIGNATURE[:63]),
        (PUBLIC, b""),
        (PUBLIC + b"\0", SIGNATURE),
        (PUBLIC[:31], SIGNATURE),
        (b"", SIGNATURE),
        (little(2), SIGNATURE),
    ],
    ids=["S and the order", "longer", "shorter", "none", "long key", "short key", "no key", "no point"],
)
def test_another_form_of_a_good_signature_does_not_hold(public, signature):
    assert not verify(public, MESSAGE, signature)


@pytest.mark.parametrize(
    ("encoded", "canonical"),
    [(little(1), True), (little(P + 1), False), (little(1 | 1 << 255), False)],
    ids=["the neutral point", "its y and the prime", "minus zero"],
)
def test_a_point_has_one_encoding(encoded, canonical):
    # Under the neutral point as key, a neutral R and S = 0 hold over anything: only the encoding differs.
    assert verify(encoded, MESSAGE, little(1) + little(0)) == canonical
    assert verify(little(1), MESSAGE, encoded + little(0)) == canonical


def test_a_check_takes_less_than_ten_milliseconds():
    def took():
        began = time.perf_counter()
        assert verify(PUBLIC, MESSAGE, SIGNATURE)
        return time.perf_counter() - began

    assert min(took() for _ in range(20)) < 0.01
