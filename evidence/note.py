"""Signed notes: keys, signature lines, and whose signatures hold (C2SP signed-note; evidence-format §2.1)."""

import re
from base64 import b64encode
from binascii import Error, a2b_base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from evidence import checkpoint, cosignature, ed25519
from evidence.checkpoint import Checkpoint
from evidence.errors import CheckpointError, NoteError

LOG = 0x01
WITNESS = 0x04

_KINDS = frozenset({LOG, WITNESS})
_MOST_SIGNATURES = 100  # C2SP asks for a limit of 16 or more
_KEY_LENGTH, _ID_LENGTH = 32, 4
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
_LINE = re.compile(r"— ([^ ]+) ([^ ]+)")


@dataclass(frozen=True)
class Key:
    """A key that somebody may sign with: its name, its signature type and its 32 public bytes."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes by which a signature line names the key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:_ID_LENGTH]

    @property
    def vkey(self) -> str:
        """The key as one line of text."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.public).decode()}"


@dataclass(frozen=True)
class Signature:
    """One signature line: who is said to have signed, and the bytes after the key id."""

    name: str
    key_id: bytes
    data: bytes


@dataclass(frozen=True)
class Note:
    """A text, its last newline included, and its signature lines in their order; nothing is verified yet."""

    text: bytes
    signatures: tuple[Signature, ...]


def parse_vkey(text: str) -> Key:
    """Read a key in the one form that we write; raises NoteError unless it is of a log or a witness."""
    name, _, rest = text.partition("+")
    packed = _unpacked(rest.partition("+")[2])
    if not _NAME.fullmatch(name) or len(packed) != 1 + _KEY_LENGTH or packed[0] not in _KINDS:
        raise NoteError("not the vkey of an Ed25519 log or witness key")
    key = Key(name, packed[0], packed[1:])
    if key.vkey != text:
        raise NoteError("the vkey's id is not that of its name and key")
    return key


def parse(note: bytes) -> Note:
    """Read a note without verifying it; raises NoteError."""
    text, blank, lines = _decoded(note).rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise NoteError("a note is a text, a blank line and signature lines, each ended by a newline")
    signatures = lines[:-1].split("\n")
    if len(signatures) > _MOST_SIGNATURES:
        raise NoteError(f"a note has at most {_MOST_SIGNATURES} signatures")
    return Note(f"{text}\n".encode(), tuple(_signature(one) for one in signatures))


def opened(note: bytes, keys: Sequence[Key]) -> tuple[Note, tuple[Key, ...]]:
    """Read a note and return which of these keys signed it, in the order of its lines; perhaps none did.

    Raises NoteError, also when a signature of one of them fails, or when two of
    them share the name and the id that a signature bears.
    """
    read, found = parse(note), list[Key]()
    for signature in read.signatures:
        key = _signer(signature, keys)
        # A repeated line adds nothing: only the first of a key counts, as in Go's package note.
        if key is None or key in found:
            continue
        if not _holds(key, read.text, signature):
            raise NoteError(f"the signature of {key.name} does not hold")
        found.append(key)
    return read, tuple(found)


def opened_checkpoint(note: bytes, keys: Sequence[Key]) -> tuple[Checkpoint, tuple[Key, ...]]:
    """Read a checkpoint and return which of these keys signed it.

    Raises NoteError as ``opened`` does, and unless one of them is a log key named
    as the checkpoint's origin; raises CheckpointError when the text is no body.
    """
    read, found = opened(note, keys)
    seen = checkpoint.parse(read.text)
    if not any(key.kind == LOG and key.name == seen.origin for key in found):
        raise NoteError(f"no known key of the log {seen.origin} signed this checkpoint")
    return seen, found


def line(key: Key, signature: bytes) -> bytes:
    """Return a signature line with its newline; a witness's signature begins with eight bytes of time."""
    return f"— {key.name} {b64encode(key.id + signature).decode()}\n".encode()


def joined(text: bytes, lines: Iterable[bytes]) -> bytes:
    """Return a note from its text and its signature lines, all with their newlines."""
    return text + b"\n" + b"".join(lines)


def _decoded(note: bytes) -> str:
    try:
        text = note.decode()
    except UnicodeDecodeError as error:
        raise NoteError("a note is not UTF-8") from error
    if _CONTROL.search(text):
        raise NoteError("a note holds a control character")
    return text


def _signature(text: str) -> Signature:
    found = _LINE.fullmatch(text)
    packed = _unpacked(found[2]) if found else b""
    if found is None or not _NAME.fullmatch(found[1]) or len(packed) <= _ID_LENGTH:
        raise NoteError("a signature line is not a dash, a name, and a key id with a signature in base64")
    return Signature(found[1], packed[:_ID_LENGTH], packed[_ID_LENGTH:])


def _unpacked(text: str) -> bytes:
    # Nothing at all for what is not the one base64 form of some bytes.
    try:
        packed = a2b_base64(text)
    except (Error, ValueError):
        return b""
    return packed if b64encode(packed).decode() == text else b""


def _signer(signature: Signature, keys: Sequence[Key]) -> Key | None:
    known = [key for key in keys if (key.name, key.id) == (signature.name, signature.key_id)]
    if len(known) > 1:
        raise NoteError(f"two known keys are named {signature.name} and have the same id")
    return known[0] if known else None


def _holds(key: Key, text: bytes, signature: Signature) -> bool:
    if key.kind == LOG:
        return ed25519.verify(key.public, text, signature.data)
    try:
        checkpoint.parse(text)
        seconds = cosignature.signed_at(signature)
    except (CheckpointError, NoteError):
        return False
    stamped = cosignature.message(text, seconds)
    return ed25519.verify(key.public, stamped, signature.data[cosignature.STAMP_LENGTH :])
