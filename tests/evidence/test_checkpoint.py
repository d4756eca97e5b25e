"""A checkpoint body is three exact lines."""

import json
from hashlib import sha256

import pytest

from evidence import checkpoint
from evidence.checkpoint import Checkpoint
from evidence.errors import CheckpointError

ROOT = sha256(b"").digest()
BODY = Checkpoint("huizheng.k3v9q2xw/log/1", 4711, ROOT).body()


def test_the_body_is_written_as_three_lines():
    assert BODY == b"huizheng.k3v9q2xw/log/1\n4711\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"


def test_a_body_is_read_back():
    assert checkpoint.parse(BODY) == Checkpoint("huizheng.k3v9q2xw/log/1", 4711, ROOT)


@pytest.mark.parametrize(
    "bent",
    [
        BODY[:-1],
        BODY + b"\n",
        BODY + b"more\n",
        BODY.replace(b"\n", b"\r\n"),
        BODY.replace(b"4711", b"04711"),
        BODY.replace(b"4711", b"-1"),
        BODY.replace(b"4711", "４７１１".encode()),
        BODY.replace(b"4711", b"9" * 20),
        BODY.replace(b"uFU=", b"uFV="),
        BODY.replace(b"uFU=", b"uFU"),
        BODY.replace(b"47DE", b""),
        BODY.replace(b"+/", b"-_"),
        b"\n" + BODY.partition(b"\n")[2],
        b"",
        b"\xff\n1\n",
    ],
    ids=repr,
)
def test_anything_else_is_refused(bent):
    with pytest.raises(CheckpointError):
        checkpoint.parse(bent)


def test_public_bodies_are_read_unless_they_are_longer_or_shorter_than_ours(vectors):
    for case in json.loads((vectors / "checkpoint.json").read_text())["bodies"]:
        try:
            checkpoint.parse(case["body"].encode())
        except CheckpointError:
            # The other library takes roots of any length and extension lines; we do not.
            assert case["want_error"] or not case["body"].startswith("go.sum"), case["desc"]
        else:
            assert not case["want_error"], case["desc"]


def test_the_body_of_a_real_checkpoint_is_written_byte_for_byte(vectors):
    for signed in json.loads((vectors / "checkpoint.json").read_text())["signed"]:
        body = signed["checkpoint"].partition("\n\n")[0].encode() + b"\n"
        assert checkpoint.parse(body).body() == body
