"""The bytes of the signed log, version 1, never change: checked with our code and with the standard tools."""

import hmac
import json
from base64 import b64decode, b64encode
from datetime import datetime
from hashlib import sha256, sha512
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence import cosignature, export_note, heads, merkle, note, tlog_proof
from evidence.checkpoint import Checkpoint
from evidence.heads import Last
from evidence.tlog_proof import TlogProof

FROZEN = json.loads(
    (Path(__file__).parents[1] / "vectors" / "signed-log-v1.json").read_text(encoding="utf-8")
)
KEYS, LOG, COSIGNED, HEADS, EXPORT = (FROZEN[name] for name in ("keys", "log", "cosigned", "heads", "export"))
LEAVES = [merkle.leaf_hash(leaf.encode()) for leaf in LOG["leaves"]]
SEEN = Checkpoint(LOG["origin"], 5, bytes.fromhex(LOG["root"]))
LASTS = [
    Last(one["stream"], bytes.fromhex(one["salt"]), one["cseq"], bytes.fromhex(one["leaf_hash"]))
    for one in HEADS["lasts"]
]
LINES = [line.encode() for line in HEADS["lines"]]


def key(name):
    return note.parse_vkey(KEYS[name]["vkey"])


def private(name):
    return Ed25519PrivateKey.from_private_bytes(sha256(KEYS[name]["label"].encode()).digest())


def node(level, index):
    return merkle.tree_root(LEAVES[index << level : (index + 1) << level])


@pytest.mark.parametrize("name", KEYS)
def test_the_frozen_keys_are_written_and_read_as_ever(name):
    assert key(name).vkey == KEYS[name]["vkey"]
    assert key(name).public == private(name).public_key().public_bytes_raw()


def test_the_frozen_notes_are_signed_and_opened_as_ever():
    body = SEEN.body()
    signed = note.line(key("log"), private("log").sign(body))
    older = note.line(key("older"), private("older").sign(body))

    assert (merkle.tree_root(LEAVES), body.decode()) == (SEEN.root, LOG["body"])
    assert note.joined(body, [signed]).decode() == FROZEN["note"]
    assert note.joined(body, [older, signed]).decode() == FROZEN["rotated"]
    both = [key("log"), key("older")]
    assert note.opened_checkpoint(FROZEN["note"].encode(), both) == (SEEN, (key("log"),))
    assert note.opened_checkpoint(FROZEN["rotated"].encode(), both) == (SEEN, (key("older"), key("log")))


def test_the_frozen_cosignature_is_made_and_opened_as_ever():
    witness, seconds = key("witness"), COSIGNED["seconds"]
    message = cosignature.message(SEEN.body(), seconds)
    line = note.line(witness, seconds.to_bytes(8) + private("witness").sign(message))

    assert (message.decode(), line.decode()) == (COSIGNED["message"], COSIGNED["line"])
    read, found = note.opened(COSIGNED["note"].encode(), [witness])
    assert found == (witness,)
    assert cosignature.time_of(read.signatures[1]) == datetime.fromisoformat(COSIGNED["time"])


def test_the_frozen_proof_is_written_and_read_as_ever():
    index = FROZEN["tlog_proof"]["index"]
    proof = TlogProof(index, tuple(merkle.inclusion_proof(index, 5, node)), FROZEN["note"].encode())

    assert tlog_proof.write(proof).decode() == FROZEN["tlog_proof"]["file"]
    assert tlog_proof.read(FROZEN["tlog_proof"]["file"].encode()) == proof


def test_the_frozen_heads_are_listed_and_checked_as_ever():
    told = {"count": len(LINES), "date": "2026-11-20", "root": HEADS["root"]}
    first = LASTS[0]
    chain = [(first.cseq, first.leaf_hash)]

    assert heads.listing(HEADS["record"], LASTS) == LINES
    assert heads.root(LINES).hex() == HEADS["root"]
    own = heads.label(first.salt, first.stream, HEADS["record"])
    data = b"".join(line + b"\n" for line in LINES)
    assert heads.check(data, told, own, first.salt, chain) == first.cseq


def test_the_frozen_export_is_numbered_and_its_note_read_as_ever():
    tags = [text.encode() for text in EXPORT["tagmanifests"]]
    text = export_note.text(EXPORT["number"], SEEN, *tags)

    assert export_note.number(EXPORT["case"], "full", SEEN) == EXPORT["number"]
    assert export_note.number(EXPORT["case"], "minimised", SEEN) == EXPORT["minimised"]
    assert text.decode() == EXPORT["text"]
    assert note.opened(EXPORT["note"].encode(), [key("log")])[1] == (key("log"),)
    assert export_note.parse(text).sha512 == sha512(tags[1]).digest()


def test_a_stranger_with_the_page_and_standard_tools_gets_the_same_note():
    public = private("log").public_key().public_bytes_raw()
    packed = b64encode(b"\1" + public).decode()
    key_id = sha256(LOG["origin"].encode() + b"\n\x01" + public).digest()[:4]
    signature = b64encode(key_id + private("log").sign(LOG["body"].encode())).decode()

    assert KEYS["log"]["vkey"] == f"{LOG['origin']}+{key_id.hex()}+{packed}"
    assert FROZEN["note"] == f"{LOG['body']}\n— {LOG['origin']} {signature}\n"


def test_a_stranger_with_the_page_and_standard_tools_gets_the_same_cosignature():
    packed = b64decode(COSIGNED["line"].split(" ")[2])
    message = f"cosignature/v1\ntime {COSIGNED['seconds']}\n{LOG['body']}".encode()
    private("witness").public_key().verify(packed[12:], message)
    assert int.from_bytes(packed[4:12]) == COSIGNED["seconds"]


def test_a_stranger_with_the_page_and_standard_tools_gets_the_same_head():
    one = HEADS["lasts"][0]
    salt = bytes.fromhex(one["salt"])
    label = hmac.digest(salt, f"huizheng/v1/label\n{one['stream']}\n{HEADS['record']}".encode(), "sha256")
    head = hmac.digest(salt, f"huizheng/v1/head\n{one['cseq']}\n{one['leaf_hash']}".encode(), "sha256")
    assert f'{{"head":"{head.hex()}","label":"{label.hex()}"}}' in HEADS["lines"]
