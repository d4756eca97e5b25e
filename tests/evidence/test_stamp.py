"""A time stamp counts only when imprint, signature and chain hold under a root that the reader pinned."""

import json
import re
import ssl
import sys
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence import der, pem, stamp
from evidence.errors import StampError
from evidence.policy import Tsa
from evidence.stamp import Stamped
from tests.evidence import stamps

MESSAGE = b"huizheng.k3v9q2xw/log/1\n3\nroot\n"
ROOT = stamps.certified("Honest Root")
MIDDLE = stamps.certified("Honest Intermediate", ROOT)
SERVICE = stamps.certified("Honest Service", MIDDLE, ca=False)
TOKEN = stamps.response(MESSAGE, SERVICE, (MIDDLE, ROOT))


def outcome(token, roots=(), certificates=(), message=MESSAGE):
    found = stamp.check(token, message, list(roots), certificates)
    return found.status, found.words


CHECKED = ("checked", "stamp.checked")
NO_ROOT = ("present", "stamp.no-root")
BROKEN = ("failed", "stamp.signature")
FOREIGN = ("present", "stamp.unchecked-algorithm")


def fixture_files(vectors):
    data = json.loads((vectors / "rfc3161_fixtures.json").read_text())
    return data, {name: b64decode(text) for name, text in data["files_b64"].items()}


def armoured(chain):
    return chain if chain.startswith(b"-----") else ssl.DER_cert_to_PEM_cert(chain).encode()


def fixture_roots(files, folder):
    """The chain's last certificate pinned, the rest beside it, as a reader's PEM file would hold them."""
    chain = armoured(files[f"{folder}/ts_chain.pem"])
    *_, root = pem.certificates(chain)
    return [Tsa(folder, sha256(root).hexdigest(), chain)]


def test_every_public_answer_claims_what_was_observed(vectors):
    data, files = fixture_files(vectors)
    for case in data["observed"]:
        claim = stamp.look(files[case["file"]])
        assert claim.imprint.hex() == case["imprint_hex"], case["file"]
        assert str(claim.time) == case["gen_time"], case["file"]
    assert len(data["observed"]) == 10


def fixture_message(files, folder):
    # The makers of the files say so, but for the folder that comes with its own.
    return files["sigstore.mock/payload"] if folder == "sigstore.mock" else b"hello"


def test_every_public_answer_verifies_or_fails_as_observed(vectors):
    data, files = fixture_files(vectors)
    for case in data["observed"]:
        folder = case["file"].partition("/")[0]
        roots, message = fixture_roots(files, folder), fixture_message(files, folder)
        found = outcome(files[case["file"]], roots, message=message)
        assert found == (CHECKED if case["observed"] == "verifies" else BROKEN), case["file"]
        assert outcome(files[case["file"]], roots, message=b"hallo")[1] == "stamp.imprint"
        assert outcome(files[case["file"]], message=message) == NO_ROOT


def test_tokens_that_openssl_accepts_are_checked_also_when_their_certificates_stand_unsorted(vectors):
    data = json.loads((vectors / "rfc3161_openssl_made_here.json").read_text())
    (root,) = pem.certificates(data["ca_pem"].encode())
    pinned = [Tsa("local", sha256(root).hexdigest(), data["ca_pem"].encode())]
    found = {
        case["name"]: outcome(b64decode(case["response_b64"]), pinned, message=data["message_utf8"].encode())
        for case in data["cases"]
    }
    assert found == {
        "one embedded certificate": CHECKED,
        "two embedded certificates in non-DER order": CHECKED,
        "same token, certificate set sorted to DER order": CHECKED,
        "SM3 message imprint, RSA/SHA-256 signature": FOREIGN,
    }


def test_a_token_under_a_pinned_root_is_checked_and_tells_its_time():
    found = stamp.check(TOKEN, MESSAGE, [stamps.certified("Other").trusted("other"), ROOT.trusted("honest")])
    assert found == Stamped("checked", stamps.AT, "stamp.checked", {"name": "honest"})


def test_the_root_may_come_from_the_token_itself_when_its_hash_is_pinned():
    assert outcome(TOKEN, [ROOT.trusted(pem=False)]) == CHECKED
    assert outcome(stamps.response(MESSAGE, SERVICE, (MIDDLE,)), [ROOT.trusted(pem=False)]) == NO_ROOT


def test_certificates_that_the_token_lacks_may_be_handed_in():
    alone = stamps.response(MESSAGE, SERVICE)
    assert outcome(alone, [ROOT.trusted()]) == NO_ROOT
    assert outcome(alone, [ROOT.trusted()], [MIDDLE.der]) == CHECKED
    assert outcome(alone, [ROOT.trusted(pem=False)], [b"junk", ROOT.der, MIDDLE.der]) == CHECKED


def test_a_status_of_granted_with_changes_is_as_good():
    assert (
        outcome(stamps.response(MESSAGE, SERVICE, (MIDDLE,), status="granted_with_mods"), [ROOT.trusted()])
        == CHECKED
    )


@pytest.mark.parametrize("status", ["rejection", "waiting", "revocation_warning"])
def test_a_token_beside_a_refusal_is_none(status):
    refused = stamps.response(MESSAGE, SERVICE, (MIDDLE,), status=status)
    assert outcome(refused, [ROOT.trusted()]) == ("failed", "stamp.form")


def test_a_token_under_no_pinned_root_is_present():
    assert outcome(TOKEN) == NO_ROOT
    assert outcome(TOKEN, [stamps.certified("Honest Root").trusted()]) == BROKEN  # the name, but another key
    assert outcome(TOKEN, [stamps.certified("Another Root").trusted()]) == NO_ROOT
    assert outcome(TOKEN, [MIDDLE.trusted()]) == NO_ROOT  # no root at all


def test_a_token_over_other_bytes_fails_whoever_made_it():
    assert outcome(TOKEN, [ROOT.trusted()], message=MESSAGE + b" ") == ("failed", "stamp.imprint")
    assert outcome(TOKEN, message=MESSAGE + b" ") == ("failed", "stamp.imprint")


FORGER = stamps.certified("Honest Root")  # the same name, his own key
CROSS = stamps.certified("Forger", FORGER)  # as if our root had certified him
SELF = stamps.certified("Forger", again=CROSS)
ALMOST = stamps.certified("forger", issuer="FORGER")  # OpenSSL takes these two names for one
CLIENT = stamps.certified("Honest Client", ROOT, ca=False)


@pytest.mark.parametrize(
    ("signer", "others"),
    [
        (stamps.certified("Honest Service", FORGER, ca=False), (FORGER,)),
        (stamps.certified("Honest Service", FORGER, ca=False), (FORGER, ROOT)),
        (stamps.certified("Service", CROSS, ca=False), (CROSS, SELF)),
        (stamps.certified("Service", ALMOST, ca=False), (ALMOST, ROOT)),
        (stamps.certified("Service", CLIENT, ca=False), (CLIENT, ROOT)),
        (stamps.certified("Not a service", ROOT, ca=True), (ROOT,)),
        (stamps.certified("Honest Service", ca=False), (ROOT,)),
    ],
    ids=[
        "own root",
        "own root beside ours",
        "as if under our root",
        "names that look alike",
        "under a plain certificate",
        "not for time stamps",
        "self-signed",
    ],
)
def test_no_certificate_of_a_forger_is_trusted_wherever_it_is_put(signer, others):
    pinned = [ROOT.trusted()]
    everything = [holder.der for holder in (signer, *others)]
    for token in (stamps.response(MESSAGE, signer, others), stamps.response(MESSAGE, signer)):
        assert stamp.check(token, MESSAGE, pinned).status != "checked"
        assert stamp.check(token, MESSAGE, pinned, everything).status != "checked"


def test_a_stamp_from_before_or_after_the_certificates_time_fails():
    for days in (-31, 31):
        token = stamps.response(MESSAGE, SERVICE, (MIDDLE,), at=stamps.AT + timedelta(days=days))
        assert outcome(token, [ROOT.trusted()]) == BROKEN


def test_what_our_library_cannot_check_is_present_and_named():
    for algorithms in ({"digest": stamps.SM3}, {"signature": stamps.SM2_WITH_SM3}):
        found = stamp.check(
            stamps.response(MESSAGE, SERVICE, (MIDDLE,), **algorithms), MESSAGE, [ROOT.trusted()]
        )
        assert (found.status, found.words) == FOREIGN
        assert found.values == {"algorithm": next(iter(algorithms.values()))}


@pytest.mark.parametrize("missing", ["rfc3161_client", "cryptography.x509"])
def test_without_the_libraries_the_token_is_present_and_its_time_shown(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    found = stamp.check(TOKEN, MESSAGE, [ROOT.trusted()])
    assert found == Stamped("present", stamps.AT, "stamp.unchecked-no-library", {})
    assert outcome(TOKEN, [ROOT.trusted()], message=b"other") == ("failed", "stamp.imprint")


def test_a_form_that_only_we_can_read_is_present():
    assert outcome(mended(der.one(TOKEN), *signed_attributes()), [ROOT.trusted()]) == (
        "present",
        "stamp.unchecked-form",
    )


def test_bytes_that_are_no_time_stamp_fail_with_the_reason():
    refused = der.written(der.SEQUENCE, der.written(der.SEQUENCE, der.written(der.INTEGER, b"\2")))
    for token, why in (
        (b"", "one value"),
        (b"<html>", "tag|length|cut"),
        (TOKEN + b"\0\0", "one value"),
        (refused, "did not grant"),
    ):
        found = stamp.check(token, MESSAGE, [ROOT.trusted()])
        assert (found.status, found.words, found.time) == ("failed", "stamp.form", None)
        assert re.search(why, found.values["why"])
        with pytest.raises(StampError):
            stamp.look(token)


@settings(deadline=None)
@given(st.integers(0, len(TOKEN) * 8 - 1))
def test_one_flipped_bit_anywhere_never_changes_what_a_checked_stamp_says(bit):
    bent = bytearray(TOKEN)
    bent[bit // 8] ^= 1 << bit % 8
    found = stamp.check(bytes(bent), MESSAGE, [ROOT.trusted()])
    if found.status == "checked":  # a bit of what is not signed: the status, a spare certificate
        assert found.time == stamps.AT


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda data: der.written(der.SEQUENCE, data)))
def test_random_bytes_are_refused_as_our_own_error(data):
    with pytest.raises(StampError):
        stamp.look(data)


@given(st.integers(0, len(TOKEN)), st.integers(0, len(TOKEN)), st.binary(max_size=8))
def test_a_token_with_a_piece_replaced_is_refused_or_read(start, end, piece):
    start, end = sorted((start, end))
    try:
        stamp.look(TOKEN[:start] + piece + TOKEN[end:])
    except StampError:
        return


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"20261120010001Z", datetime(2026, 11, 20, 1, 0, 1, tzinfo=UTC)),
        (b"20261120010001.5Z", datetime(2026, 11, 20, 1, 0, 1, 500000, tzinfo=UTC)),
        (b"20261120010001.1234567Z", datetime(2026, 11, 20, 1, 0, 1, 123456, tzinfo=UTC)),
        (b"20261120010001", None),
        (b"20261120010001+0800", None),
        (b"20261120010060Z", None),
        (b"20261320010001Z", None),
        (b"20261120010001,5Z", None),
    ],
)
def test_the_time_is_read_in_utc_or_not_at_all(written, read):
    try:
        assert stamp.look(with_time(written)).time == read
    except StampError:
        assert read is None


def with_time(text):
    return mended(der.one(TOKEN), der.written(der.TIME, b"20261120010001Z"), der.written(der.TIME, text))


def signed_attributes():
    """The token's signed attributes in order and, which DER forbids, the other way round."""
    signed = der.one(TOKEN).children()[1].children()[1].children()[0]
    (signer,) = signed.children()[-1].children()
    attributes = signer.children()[3]
    turned = reversed([one.whole for one in attributes.children()])
    return attributes.whole, der.written(attributes.tag, *turned)


def mended(value, old, new):
    """Return a value in which one inside it is replaced, the lengths around that mended."""
    if value.whole == old:
        return new
    if value.tag == der.OCTETS and old in value.content:
        return der.written(value.tag, mended(der.one(value.content), old, new))
    if value.tag & 0x20 and old in value.content:
        return der.written(value.tag, *(mended(child, old, new) for child in value.children()))
    return value.whole


@pytest.mark.parametrize("length", [33, 5000])
def test_a_status_longer_than_any_number_in_use_is_refused_as_our_own_error(length):
    status = der.written(der.SEQUENCE, der.written(der.INTEGER, b"\1" * length))
    refused = stamp.check(der.written(der.SEQUENCE, status), MESSAGE, [])
    assert (refused.status, refused.words) == ("failed", "stamp.form")
    assert refused.values == {"why": "an integer is longer than any that is used"}
