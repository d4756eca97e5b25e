"""A witness's cosignature says when the witness saw the checkpoint."""

import json
from datetime import UTC, datetime

import pytest

from evidence import cosignature, note
from evidence.errors import NoteError
from evidence.note import Signature


def dated(data):
    return Signature("counsel.example/w1", b"1234", data)


def test_what_is_signed_is_two_lines_and_the_body():
    assert cosignature.message(b"origin\n1\nroot\n", 1679315147) == (
        b"cosignature/v1\ntime 1679315147\norigin\n1\nroot\n"
    )


def test_the_time_of_a_public_cosignature_is_read(vectors):
    case = json.loads((vectors / "cosignature_made_here.json").read_text())
    key = note.parse_vkey(case["witness_vkey"])
    (line,) = [
        one for one in note.parse(case["cosigned_checkpoint"].encode()).signatures if one.key_id == key.id
    ]
    assert cosignature.time_of(line) == datetime.fromtimestamp(case["timestamp"], UTC)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, datetime(1970, 1, 1, tzinfo=UTC)), (253402300799, datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))],
)
def test_the_first_and_the_last_moment_are_read(seconds, expected):
    assert cosignature.time_of(dated(seconds.to_bytes(8) + bytes(64))) == expected


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(64),
        bytes(71),
        bytes(73),
        (253402300800).to_bytes(8) + bytes(64),
        (2**63 - 1).to_bytes(8) + bytes(64),
        (2**63).to_bytes(8) + bytes(64),
    ],
    ids=["nothing", "no time", "short", "long", "year 10000", "the largest", "beyond the largest"],
)
def test_what_states_no_time_is_refused(data):
    with pytest.raises(NoteError):
        cosignature.time_of(dated(data))
