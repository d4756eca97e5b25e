"""A signed note is read in one form only, and each signature is held against the right key."""

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import note
from evidence.checkpoint import Checkpoint
from evidence.errors import CheckpointError, NoteError
from evidence.note import Key, Note, Signature
from tests.evidence import keys

ORIGIN = "huizheng.k3v9q2xw/log/1"
LOG, OTHER = keys.log(ORIGIN), keys.log(ORIGIN, "another")
WITNESS = keys.witness("counsel.example/w1")
BODY = Checkpoint(ORIGIN, 3, sha256(b"root").digest()).body()
SIGNED = note.joined(BODY, [LOG.line(BODY)])
COSIGNED = note.joined(BODY, [LOG.line(BODY), WITNESS.line(BODY, 1_700_000_000)])


def public_cases(vectors):
    return json.loads((vectors / "signed_note.json").read_text())


def test_every_public_note_is_judged_as_published(vectors):
    cases = public_cases(vectors)["cases"]
    for case in cases:
        known = [note.parse_vkey(text) for text in case["trusted_vkeys"]]
        try:
            _, found = note.opened(b64decode(case["note_b64"]), known)
        except NoteError:
            assert case["want"] in ("malformed", "invalid-signature", "error"), case["desc"]
        else:
            assert case["want"] == ("ok" if found else "unverified"), case["desc"]
            assert [key.name for key in found] == (case["verified_names"] or []), case["desc"]
    assert len(cases) == 16


def test_public_keys_are_read_and_written_back_or_refused_as_published(vectors):
    vkeys = public_cases(vectors)["vkeys"]
    for text in vkeys["good"]:
        assert note.parse_vkey(text).vkey == text
    for text in vkeys["bad"]:
        with pytest.raises(NoteError):
            note.parse_vkey(text)


def test_real_checkpoints_open_with_their_logs_keys(vectors):
    for case in json.loads((vectors / "checkpoint.json").read_text())["signed"]:
        key = note.parse_vkey(case["vkey"])
        read, found = note.opened(case["checkpoint"].encode(), [key])
        assert found == (key,)
        assert (
            note.joined(read.text, [note.line(key, read.signatures[0].data)]) == case["checkpoint"].encode()
        )


def test_a_key_is_read_back_from_its_text():
    assert note.parse_vkey(LOG.key.vkey) == LOG.key
    assert note.parse_vkey(WITNESS.key.vkey) == WITNESS.key
    assert LOG.key.id != replace(LOG.key, kind=note.WITNESS).id


@pytest.mark.parametrize(
    "text",
    [
        "",
        "+",
        LOG.key.vkey + "\n",
        LOG.key.vkey[:-1],
        LOG.key.vkey.upper(),
        LOG.key.vkey.replace("huizheng", "huishang"),
        Key("a name", note.LOG, LOG.key.public).vkey,
        Key("a+name", note.LOG, LOG.key.public).vkey,
        Key("a\u3000name", note.LOG, LOG.key.public).vkey,
        Key("", note.LOG, LOG.key.public).vkey,
        Key("a\0name", note.LOG, LOG.key.public).vkey,
        LOG.key.vkey.replace("huizheng", "\ud800"),
        Key(ORIGIN, 0x06, LOG.key.public).vkey,
        Key(ORIGIN, note.LOG, LOG.key.public[:31]).vkey,
        Key(ORIGIN, note.LOG, LOG.key.public + b"\0").vkey,
    ],
    ids=repr,
)
def test_no_other_text_is_a_key(text):
    with pytest.raises(NoteError):
        note.parse_vkey(text)


def test_a_note_is_read_into_its_text_and_its_lines():
    read = note.parse(COSIGNED)
    assert read.text == BODY
    assert [(one.name, one.key_id) for one in read.signatures] == [
        (ORIGIN, LOG.key.id),
        ("counsel.example/w1", WITNESS.key.id),
    ]


def test_both_the_log_and_the_witness_are_found_to_have_signed():
    assert note.opened(COSIGNED, [WITNESS.key, LOG.key])[1] == (LOG.key, WITNESS.key)


def test_a_signature_of_an_unknown_key_is_passed_over():
    assert note.opened(COSIGNED, [WITNESS.key])[1] == (WITNESS.key,)
    assert note.opened(COSIGNED, [OTHER.key])[1] == ()


@pytest.mark.parametrize(
    "lines",
    [
        [note.line(LOG.key, OTHER.private.sign(BODY))],
        [note.line(LOG.key, LOG.private.sign(BODY + b"\n"))],
        [note.line(LOG.key, LOG.private.sign(BODY)[:63])],
        [LOG.line(BODY), note.line(WITNESS.key, WITNESS.private.sign(BODY))],
        [LOG.line(BODY), note.line(WITNESS.key, (7).to_bytes(8) + WITNESS.private.sign(BODY))],
    ],
    ids=["another key's", "over another text", "too short", "a witness's without time", "its time unsigned"],
)
def test_a_failing_signature_of_a_known_key_refuses_the_whole_note(lines):
    with pytest.raises(NoteError, match="does not hold"):
        note.opened(note.joined(BODY, lines), [LOG.key, WITNESS.key])


@pytest.mark.parametrize("at", [-1, 1])
def test_a_cosignature_whose_time_was_changed_does_not_hold(at):
    line = WITNESS.line(BODY, 1_700_000_000)
    signature = note.parse(note.joined(BODY, [line])).signatures[0].data
    moved = (1_700_000_000 + at).to_bytes(8) + signature[8:]
    with pytest.raises(NoteError, match=r"counsel\.example/w1 does not hold"):
        note.opened(note.joined(BODY, [note.line(WITNESS.key, moved)]), [WITNESS.key])


def test_a_public_cosigned_checkpoint_is_judged_as_published(vectors):
    case = json.loads((vectors / "cosignature_made_here.json").read_text())
    log, witness = note.parse_vkey(case["log_vkey"]), note.parse_vkey(case["witness_vkey"])

    assert note.opened(case["cosigned_checkpoint"].encode(), [log, witness])[1] == (log, witness)
    assert note.opened(case["timestamp_changed"].encode(), [log])[1] == (log,)
    with pytest.raises(NoteError):
        note.opened(case["timestamp_changed"].encode(), [log, witness])


def test_a_cosignature_later_than_any_time_does_not_hold():
    assert note.opened(note.joined(BODY, [WITNESS.line(BODY, 2**63 - 1)]), [WITNESS.key])[1] == (WITNESS.key,)
    with pytest.raises(NoteError, match="does not hold"):
        note.opened(note.joined(BODY, [WITNESS.line(BODY, 2**63)]), [WITNESS.key])


@pytest.mark.parametrize("text", [b"not a checkpoint\n", BODY + b"extension\n", BODY[:-1] + b" \n"])
def test_a_witness_signs_nothing_but_checkpoints(text):
    with pytest.raises(NoteError, match="does not hold"):
        note.opened(note.joined(text, [WITNESS.line(text, 7)]), [WITNESS.key])


def test_two_known_keys_of_one_name_and_id_are_an_error_where_they_are_needed():
    with pytest.raises(NoteError, match="two known keys"):
        note.opened(SIGNED, [LOG.key, OTHER.key, LOG.key])
    assert note.opened(SIGNED, [LOG.key, WITNESS.key, WITNESS.key])[1] == (LOG.key,)


def test_a_repeated_line_counts_once():
    assert note.opened(note.joined(BODY, [LOG.line(BODY)] * 3), [LOG.key])[1] == (LOG.key,)


def test_a_hundred_signatures_are_read_and_no_more():
    assert len(note.parse(note.joined(BODY, [LOG.line(BODY)] * 100)).signatures) == 100
    with pytest.raises(NoteError, match="at most 100"):
        note.parse(note.joined(BODY, [LOG.line(BODY)] * 101))


PACKED = b64encode(LOG.key.id + bytes(64)).decode()


@pytest.mark.parametrize(
    "bent",
    [
        b"",
        b"\n",
        b"\n\n",
        BODY,
        BODY + b"\n",
        SIGNED[:-1],
        SIGNED + b"\n",
        SIGNED + b"more\n",
        SIGNED.replace(b"\n\n", b"\n"),
        SIGNED.replace(b"\n", b"\r\n"),
        SIGNED.replace(b"3\n", b"3\t\n"),
        SIGNED.replace(b"3\n", b"3\0\n"),
        SIGNED.replace(b"3\n", b"\xff\n"),
        SIGNED.replace(b"3\n", b"\xed\xa0\x80\n"),
        SIGNED.replace("— ".encode(), b"- "),
        SIGNED.replace("— ".encode(), "—".encode()),
        SIGNED.replace("— ".encode(), "—  ".encode()),
        note.joined(BODY, [f"— a\u3000b {PACKED}\n".encode()]),
        note.joined(BODY, [f"— a+b {PACKED}\n".encode()]),
        note.joined(BODY, [f"— {PACKED}\n".encode()]),
        note.joined(BODY, [f"— name {PACKED} \n".encode()]),
        note.joined(BODY, [f"— name {PACKED[:-1]}\n".encode()]),
        note.joined(BODY, [f"— name {PACKED.replace('A', '-')}\n".encode()]),
        note.joined(BODY, [f"— name {PACKED[:-3]}B==\n".encode()]),
        note.joined(BODY, [f"— name {b64encode(LOG.key.id).decode()}\n".encode()]),
    ],
    ids=repr,
)
def test_no_other_bytes_are_a_note(bent):
    with pytest.raises(NoteError):
        note.parse(bent)


def test_blank_lines_may_stand_in_the_text():
    read = note.parse(note.joined(b"one\n\n\ntwo\n\n", [LOG.line(BODY)]))
    assert read.text == b"one\n\n\ntwo\n\n"


@given(st.binary(max_size=300))
def test_random_bytes_are_refused_as_our_own_error(data):
    for key in (LOG.key, WITNESS.key):
        try:
            note.opened(data, [key])
        except NoteError:
            continue


@given(st.text(max_size=120))
def test_random_text_is_no_key(text):
    with pytest.raises(NoteError):
        note.parse_vkey(text)


@given(st.integers(0, len(COSIGNED) * 8 - 1))
def test_one_flipped_bit_anywhere_is_never_signed_by_both(bit):
    bent = bytearray(COSIGNED)
    bent[bit // 8] ^= 1 << bit % 8
    try:
        _, found = note.opened(bytes(bent), [LOG.key, WITNESS.key])
    except NoteError:
        return
    assert len(found) < 2


def test_a_checkpoint_is_opened_with_its_logs_key():
    seen, found = note.opened_checkpoint(COSIGNED, [LOG.key, WITNESS.key])
    assert (seen.origin, seen.size, found) == (ORIGIN, 3, (LOG.key, WITNESS.key))


def test_a_checkpoint_that_only_others_signed_is_refused():
    foreign = keys.log("huizheng.aaaaaaaa/log/1")
    with pytest.raises(NoteError, match="no known key of the log"):
        note.opened_checkpoint(COSIGNED, [WITNESS.key])
    with pytest.raises(NoteError, match="no known key of the log"):
        note.opened_checkpoint(note.joined(BODY, [foreign.line(BODY)]), [foreign.key])
    with pytest.raises(CheckpointError):
        note.opened_checkpoint(note.joined(b"text\n", [LOG.line(b"text\n")]), [LOG.key])


def test_a_note_and_a_signature_are_plain_values():
    assert note.parse(SIGNED) == Note(BODY, (Signature(ORIGIN, LOG.key.id, LOG.private.sign(BODY)),))
