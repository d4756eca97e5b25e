"""The export number names a case, a view and a checkpoint; the export note binds the bundle to it."""

import re
from base64 import b32encode
from dataclasses import replace
from hashlib import sha256, sha512

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import export_note
from evidence.checkpoint import Checkpoint
from evidence.errors import NoteError
from evidence.export_note import ExportNote

CASE = "019aa1ef-1111-7000-8000-000000000002"
SEEN = Checkpoint("huizheng.k3v9q2xw/log/1", 4711, sha256(b"root").digest())
NUMBER = export_note.number(CASE, "full", SEEN)
TEXT = export_note.text(NUMBER, SEEN, b"tags 256", b"tags 512")


def test_the_number_is_made_of_what_the_page_says():
    named = (
        f'{{"case":"{CASE}","checkpoint":4711,"origin":"huizheng.k3v9q2xw/log/1",'
        f'"root":"{SEEN.root.hex()}","view":"full"}}'
    )
    code = b32encode(sha256(named.encode()).digest()[:10]).decode()
    assert "-".join(re.findall("....", code)) == NUMBER


def test_another_case_view_or_checkpoint_has_another_number():
    numbers = {
        NUMBER,
        export_note.number(CASE[:-1] + "3", "full", SEEN),
        export_note.number(CASE, "minimised", SEEN),
        export_note.number(CASE, "full", replace(SEEN, size=4712)),
        export_note.number(CASE, "full", replace(SEEN, root=sha256(b"fork").digest())),
        export_note.number(CASE, "full", replace(SEEN, origin="huizheng.k3v9q2xw/log/2")),
    }
    assert len(numbers) == 6


def test_the_text_is_six_lines():
    assert TEXT.decode().split("\n") == [
        "huizheng-export/v1",
        NUMBER,
        "huizheng.k3v9q2xw/log/1",
        "4711",
        f"sha256 {sha256(b'tags 256').hexdigest()}",
        f"sha512 {sha512(b'tags 512').hexdigest()}",
        "",
    ]


def test_the_text_is_read_back():
    hashes = sha256(b"tags 256").digest(), sha512(b"tags 512").digest()
    assert export_note.parse(TEXT) == ExportNote(NUMBER, SEEN.origin, 4711, *hashes)


@pytest.mark.parametrize(
    "bent",
    [
        b"",
        TEXT[:-1],
        TEXT + b"\n",
        TEXT + b"more\n",
        TEXT.replace(b"/v1", b"/v2"),
        TEXT.replace(b"4711", b"04711"),
        TEXT.replace(b"4711", "４７１１".encode()),
        TEXT.replace(b"4711", b"9" * 20),
        TEXT.replace(NUMBER.encode(), NUMBER.lower().encode()),
        TEXT.replace(NUMBER.encode(), NUMBER.replace("-", "").encode()),
        TEXT.replace(b"huizheng.", b"example."),
        TEXT.replace(b"sha256 ", b"sha256  "),
        TEXT.replace(b"sha512", b"sha256"),
        TEXT.replace(
            sha256(b"tags 256").hexdigest().encode(), sha256(b"tags 256").hexdigest().upper().encode()
        ),
        TEXT.replace(b"\n", b"\r\n"),
        b"\xff" + TEXT,
    ],
    ids=repr,
)
def test_any_other_text_is_refused(bent):
    with pytest.raises(NoteError):
        export_note.parse(bent)


@given(st.binary(max_size=100))
def test_random_bytes_are_refused_as_our_own_error(data):
    with pytest.raises(NoteError):
        export_note.parse(data)
