"""A small public log, end to end: its entries give every root, every root is signed, every proof holds."""

import json
from base64 import b64decode

import pytest

from evidence import merkle, note, tlog_proof
from evidence.errors import NoteError
from evidence.tlog_proof import TlogProof


@pytest.fixture(scope="module")
def log(vectors):
    return json.loads((vectors / "tlog_tiles_small_log.json").read_text())


@pytest.fixture(scope="module")
def leaves(log):
    return [merkle.leaf_hash(entry.encode()) for entry in log["entries_utf8"]]


def opened(log):
    key = note.parse_vkey(log["vkey"])
    return [note.opened_checkpoint(text.encode(), [key])[0] for text in log["checkpoints"]]


def bundled(entries):
    """Entries as a tile's bundle holds them: each after two bytes of length."""
    return b"".join(len(entry.encode()).to_bytes(2) + entry.encode() for entry in entries)


def test_every_checkpoint_is_signed_and_states_the_root_of_its_entries(log, leaves):
    seen = opened(log)
    assert [one.size for one in seen] == list(range(16))
    assert [one.root for one in seen] == [merkle.tree_root(leaves[:size]) for size in range(16)]
    assert {one.origin for one in seen} == {"example.com/log/testdata"}


def test_tiles_and_bundles_hold_the_same_hashes_and_entries(log, leaves):
    for size, tile in log["tiles_level0_partial_b64"].items():
        assert b64decode(tile) == b"".join(leaves[: int(size)])
    for size, bundle in log["entry_bundles_partial_b64"].items():
        assert b64decode(bundle) == bundled(log["entries_utf8"][: int(size)])
    assert len(leaves) == len(log["tiles_level0_partial_b64"]) == len(log["entry_bundles_partial_b64"]) == 15


def test_every_entry_is_proved_in_every_checkpoint_by_a_file_of_its_own(log, leaves):
    key = note.parse_vkey(log["vkey"])

    def node(level, index):
        return merkle.tree_root(leaves[index << level : (index + 1) << level])

    for size, text in enumerate(log["checkpoints"]):
        for index in range(size):
            path = tuple(merkle.inclusion_proof(index, size, node))
            read = tlog_proof.read(tlog_proof.write(TlogProof(index, path, text.encode())))
            seen, _ = note.opened_checkpoint(read.note, [key])
            merkle.verify_inclusion(leaves[index], read.index, seen.size, read.path, seen.root)


def test_every_checkpoint_continues_every_earlier_one(log, leaves):
    seen = opened(log)

    def node(level, index):
        return merkle.tree_root(leaves[index << level : (index + 1) << level])

    for later in seen[1:]:
        for earlier in seen[1 : later.size + 1]:
            proof = merkle.consistency_proof(earlier.size, later.size, node)
            merkle.verify_consistency(earlier.size, earlier.root, later.size, later.root, proof)


def test_a_checkpoint_with_the_signature_of_another_is_refused(log):
    key = note.parse_vkey(log["vkey"])
    for one, other in zip(log["checkpoints"], log["checkpoints"][1:], strict=False):
        mixed = one.partition("\n\n")[0] + "\n\n" + other.partition("\n\n")[2]
        with pytest.raises(NoteError):
            note.opened(mixed.encode(), [key])
