"""A part is committed to and sealed so that no change passes and an opening decrypts nothing else."""

import hmac
import json
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from evidence import seal
from evidence.errors import SealError

K, OTHER = sha256(b"k").digest(), sha256(b"other").digest()
MIB = 1 << 20
LENGTHS = [0, 1, 1000, MIB - 1, MIB, MIB + 1, 2 * MIB, 2 * MIB + 5]
BIG = bytes(range(256)) * (2 * MIB // 256) + b"five!"


@pytest.mark.parametrize("length", LENGTHS)
def test_what_was_sealed_is_opened_again(length):
    data, chunks = BIG[:length], list(seal.seal_chunks(K, BIG[:length]))
    assert len(chunks) == max(1, -(-length // MIB))
    assert all(len(chunk) <= MIB + 16 for chunk in chunks)
    assert seal.open_chunks(K, seal.commitment(K, data), chunks) == data


CHUNKS = list(seal.seal_chunks(K, BIG))
TAMPERED = {
    "a bit flipped": [CHUNKS[0], bytes([CHUNKS[1][0] ^ 1]) + CHUNKS[1][1:], CHUNKS[2]],
    "the last chunk dropped": CHUNKS[:-1],
    "the first chunk dropped": CHUNKS[1:],
    "two chunks swapped": [CHUNKS[1], CHUNKS[0], CHUNKS[2]],
    "a chunk repeated": [CHUNKS[0], CHUNKS[0], *CHUNKS[1:]],
    "a chunk appended": [*CHUNKS, CHUNKS[2]],
    "a chunk cut": [*CHUNKS[:2], CHUNKS[2][:-1]],
    "a chunk emptied": [*CHUNKS[:2], b""],
    "all chunks gone": [],
    "another part's chunks": list(seal.seal_chunks(OTHER, BIG)),
}


@pytest.mark.parametrize("chunks", TAMPERED.values(), ids=TAMPERED)
def test_tampering_with_chunks_is_refused(chunks):
    with pytest.raises(SealError):
        seal.open_chunks(K, seal.commitment(K, BIG), chunks)


def test_another_commitment_or_key_does_not_open():
    chunks, commit = list(seal.seal_chunks(K, b"text")), seal.commitment(K, b"text")
    with pytest.raises(SealError):
        seal.open_chunks(K, seal.commitment(K, b"other text"), chunks)
    with pytest.raises(SealError):
        seal.open_chunks(OTHER, commit, chunks)


def test_a_forgery_sealed_by_somebody_with_the_key_does_not_meet_the_commitment():
    commit = seal.commitment(K, b"honest")
    forged = AESGCM(seal.seal_key(K)).encrypt(bytes(11) + b"\1", b"forged", commit)
    with pytest.raises(SealError, match="commitment"):
        seal.open_chunks(K, commit, [forged])


def test_an_empty_part_whose_chunk_is_gone_is_not_taken_for_empty():
    with pytest.raises(SealError, match="commitment"):
        seal.open_chunks(K, seal.commitment(K, b""), [])


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_an_opening_shows_one_content_only(data, other):
    k_commit, commit = seal.commit_key(K), seal.commitment(K, data)
    assert seal.opens(k_commit, commit, data)
    assert seal.opens(k_commit, commit, other) == (data == other)


@pytest.mark.parametrize("k_commit", [b"", b"short", seal.commit_key(K)[:31], seal.commit_key(K) + b"\0"])
def test_a_disclosed_key_of_another_length_opens_nothing(k_commit):
    data = b"text"
    assert not seal.opens(k_commit, hmac.digest(k_commit, data, "sha256"), data)


@pytest.mark.parametrize("label", ["commit", "seal", "address"])
def test_keys_are_derived_as_the_library_does_it(label):
    derived = HKDFExpand(SHA256(), 32, f"huizheng/v1/{label}".encode()).derive(K)
    made = {"commit": seal.commit_key, "seal": seal.seal_key}
    if label in made:
        assert made[label](K) == derived
    else:
        assert seal.opens(derived, seal.address(K, b"text"), b"text")


def test_commitments_pass_every_public_hmac_vector_of_their_key_length(vectors):
    document = json.loads((vectors / "hmac_sha256_wycheproof.json").read_text())["data"]
    groups = [one for one in document["testGroups"] if (one["keySize"], one["tagSize"]) == (256, 256)]
    cases = [case for group in groups for case in group["tests"]]
    for case in cases:
        k_commit, data, tag = (bytes.fromhex(case[name]) for name in ("key", "msg", "tag"))
        assert seal.opens(k_commit, tag, data) == (case["result"] == "valid"), case["tcId"]
    assert len(cases) > 50


def test_a_wrapped_key_is_unwrapped_by_its_wrapping_key_only():
    wrapped = seal.wrap(OTHER, K)
    assert seal.unwrap(OTHER, wrapped) == K
    with pytest.raises(SealError):
        seal.unwrap(K, wrapped)


@pytest.mark.parametrize(
    "bent", [b"", b"x", seal.wrap(OTHER, K)[:-8], seal.wrap(OTHER, K)[:-1] + b"?", seal.wrap(OTHER, K) * 2]
)
def test_a_changed_wrapped_key_is_refused(bent):
    with pytest.raises(SealError):
        seal.unwrap(OTHER, bent)


@pytest.mark.parametrize(
    "use",
    [
        lambda k: seal.wrap(k, K),
        lambda k: seal.wrap(K, k),
        lambda k: seal.unwrap(k, b"0" * 40),
        lambda k: seal.commitment(k, b""),
        lambda k: seal.address(k, b""),
        lambda k: list(seal.seal_chunks(k, b"")),
    ],
)
@pytest.mark.parametrize("k", [b"", b"k" * 16, b"k" * 31, b"k" * 33])
def test_a_key_of_another_length_is_refused_everywhere(use, k):
    with pytest.raises(SealError, match="32 bytes"):
        use(k)


def test_the_same_bytes_have_other_addresses_in_other_scopes():
    assert seal.address(K, b"text") == seal.address(K, b"text")
    assert len({seal.address(K, b"text"), seal.address(OTHER, b"text"), seal.address(K, b"texts")}) == 3
