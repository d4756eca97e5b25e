"""A record's proof travels as one file, read in one form only."""

import json
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import merkle, note, tlog_proof
from evidence.checkpoint import Checkpoint
from evidence.errors import NoteError
from evidence.tlog_proof import TlogProof
from tests.evidence import keys

ORIGIN = "huizheng.k3v9q2xw/log/1"
LOG = keys.log(ORIGIN)
LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(7)]


def node(level, index):
    return merkle.tree_root(LEAVES[index << level : (index + 1) << level])


BODY = Checkpoint(ORIGIN, 7, merkle.tree_root(LEAVES)).body()
PROOF = TlogProof(
    5, tuple(merkle.inclusion_proof(5, 7, node)), note.joined(BODY, [LOG.line(BODY)]), b"notice"
)
FILE = tlog_proof.write(PROOF)
HASH = sha256(b"").digest()


def test_every_public_case_is_judged_as_published(vectors):
    cases = json.loads((vectors / "tlog_proof.json").read_text())["cases"]
    for case in cases:
        try:
            read = tlog_proof.read(case["proof"].encode())
        except NoteError:
            assert case["want_error"], case["desc"]
        else:
            assert not case["want_error"], case["desc"]
            assert tlog_proof.write(read) == case["proof"].encode(), case["desc"]
    assert len(cases) == 10


def test_a_file_leads_from_the_leaf_to_the_signed_root():
    read = tlog_proof.read(FILE)
    seen, _ = note.opened_checkpoint(read.note, [LOG.key])
    merkle.verify_inclusion(LEAVES[5], read.index, seen.size, read.path, seen.root)
    assert read == PROOF


@pytest.mark.parametrize("extra", [None, b"", b"\0\xff"])
@pytest.mark.parametrize("path", [(), (HASH,), (HASH,) * 64])
@pytest.mark.parametrize("index", [0, 10, 2**53])
def test_what_is_written_is_read_back(index, path, extra):
    proof = TlogProof(index, path, b"note\n", extra)
    assert tlog_proof.read(tlog_proof.write(proof)) == proof


@pytest.mark.parametrize(
    "bent",
    [
        b"",
        b"c2sp.org/tlog-proof@v1\n",
        FILE.partition(b"\n\n")[0] + b"\n\n",
        FILE.replace(b"@v1", b"@v2"),
        FILE.replace(b"\n", b"\r\n"),
        FILE.replace(b"index 5", b"index 05"),
        FILE.replace(b"index 5", b"index +5"),
        FILE.replace(b"index 5", b"index " + b"9" * 20),
        FILE.replace(b"index 5", "index ５".encode()),
        FILE.replace(b"extra ", b"extra"),
        FILE.replace(b"extra ", b"extra  "),
        FILE.replace(b"index 5\n", b"index 5\nindex 5\n"),
        FILE.replace(b"=\n\n", b"\n\n"),
        FILE.replace(b"=\n\n", b"=\n=\n\n"),
        tlog_proof.write(replace(PROOF, path=(HASH[:31],))),
        tlog_proof.write(replace(PROOF, path=(HASH,) * 65)),
        b"\xff" + FILE,
    ],
    ids=repr,
)
def test_any_other_form_is_refused(bent):
    with pytest.raises(NoteError):
        tlog_proof.read(bent)


@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda data: b"c2sp.org/tlog-proof@v1\n" + data))
def test_random_bytes_are_refused_as_our_own_error(data):
    try:
        read = tlog_proof.read(data)
    except NoteError:
        return
    assert tlog_proof.write(read) == data
