"""The bytes of version 1 never change: checked with our code, and with nothing but the standard tools."""

import hmac
import json
from base64 import b32encode, b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence import checkpoint, merkle, records, seal

FROZEN = json.loads((Path(__file__).parents[1] / "vectors" / "evidence-v1.json").read_text(encoding="utf-8"))
LEAF, PART, KEYS, LOG = (FROZEN[name] for name in ("leaf", "part", "keys", "log"))
K, SCOPE, DATA = bytes.fromhex(PART["k"]), bytes.fromhex(KEYS["scope_key"]), bytes.fromhex(PART["hex"])
TWO_CHUNKS = b"a" * 1048576 + b"bc"


def mac(key, data):
    return hmac.digest(key, data, "sha256")


def test_the_frozen_leaf_is_made_again_from_its_fields():
    leaf = bytes.fromhex(LEAF["hex"])
    assert leaf == LEAF["text"].encode()
    assert records.make_leaf(dict(reversed(records.parse_leaf(leaf).items()))) == leaf
    assert merkle.leaf_hash(leaf).hex() == LEAF["hash"]
    assert records.record_code(merkle.leaf_hash(leaf)) == LEAF["record_code"]


def test_the_frozen_part_is_committed_to_and_sealed_as_ever():
    assert seal.commit_key(K).hex() == PART["k_commit"]
    assert seal.commitment(K, DATA).hex() == PART["commit"]
    assert [chunk.hex() for chunk in seal.seal_chunks(K, DATA)] == PART["sealed"]
    assert [chunk.hex() for chunk in seal.seal_chunks(K, b"")] == FROZEN["empty_part"]["sealed"]
    assert seal.open_chunks(K, bytes.fromhex(PART["commit"]), map(bytes.fromhex, PART["sealed"])) == DATA


def test_the_frozen_part_of_two_chunks_is_sealed_as_ever():
    first, second = seal.seal_chunks(K, TWO_CHUNKS)
    assert sha256(first).hexdigest() == FROZEN["two_chunks"]["sha256_of_first_chunk"]
    assert second.hex() == FROZEN["two_chunks"]["second_chunk"]


def test_the_frozen_keys_are_wrapped_and_addressed_as_ever():
    assert seal.wrap(SCOPE, K).hex() == KEYS["wrapped_k"]
    assert seal.unwrap(SCOPE, bytes.fromhex(KEYS["wrapped_k"])) == K
    assert seal.address(SCOPE, DATA).hex() == KEYS["address"]


def test_the_frozen_checkpoint_is_read_and_its_proof_holds():
    read = checkpoint.parse(LOG["checkpoint"].encode())
    assert (read.size, read.root.hex()) == (2, LOG["root"])
    path = [bytes.fromhex(text) for text in LOG["inclusion_of_leaf_0"]]
    merkle.verify_inclusion(bytes.fromhex(LEAF["hash"]), 0, 2, path, read.root)


def test_a_stranger_with_the_page_and_standard_tools_gets_the_same_bytes():
    leaf_hash = sha256(b"\0" + LEAF["text"].encode()).digest()
    code = b32encode(leaf_hash[:10]).decode()
    k_commit = mac(K, b"huizheng/v1/commit\x01")
    commit = mac(k_commit, PART["text"].encode())
    sealed = AESGCM(mac(K, b"huizheng/v1/seal\x01")).encrypt(bytes(11) + b"\1", PART["text"].encode(), commit)
    root = sha256(b"\1" + leaf_hash + bytes.fromhex(LOG["leaf_hashes"][1])).digest()

    assert leaf_hash.hex() == LEAF["hash"]
    assert "-".join([code[:4], code[4:8], code[8:12], code[12:]]) == LEAF["record_code"]
    assert (k_commit.hex(), commit.hex()) == (PART["k_commit"], PART["commit"])
    assert json.loads(LEAF["text"])["parts"][0]["commit"] == commit.hex()
    assert [sealed.hex()] == PART["sealed"]
    assert LOG["checkpoint"] == f"huizheng.k3v9q2xw/log/1\n2\n{b64encode(root).decode()}\n"
    assert mac(mac(SCOPE, b"huizheng/v1/address\x01"), DATA).hex() == KEYS["address"]


@pytest.mark.parametrize(("number", "last"), [(0, False), (1, True)])
def test_a_stranger_opens_each_chunk_with_its_stated_nonce(number, last):
    chunk = list(seal.seal_chunks(K, TWO_CHUNKS))[number]
    nonce = bytes.fromhex(FROZEN["two_chunks"]["nonces"][number])
    commit = bytes.fromhex(FROZEN["two_chunks"]["commit"])
    piece = TWO_CHUNKS[1048576:] if last else TWO_CHUNKS[:1048576]
    assert AESGCM(mac(K, b"huizheng/v1/seal\x01")).decrypt(nonce, chunk, commit) == piece
