"""One record's proof as a file of its own (C2SP tlog-proof@v1)."""

import re
from base64 import b64encode
from binascii import Error, a2b_base64
from dataclasses import dataclass

from evidence.errors import NoteError
from evidence.merkle import HASH_LENGTH

_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_LONGEST_PATH = 64  # hashes; a tree of 2**63 leaves needs 63


@dataclass(frozen=True)
class TlogProof:
    """A leaf's index, its audit path from the leaf upwards, and the signed note of the checkpoint.

    ``extra`` is for whoever reads the file and is covered by nothing.
    """

    index: int
    path: tuple[bytes, ...]
    note: bytes
    extra: bytes | None = None


def write(proof: TlogProof) -> bytes:
    """Return the bytes of the file."""
    extra = [] if proof.extra is None else [f"extra {_packed(proof.extra)}"]
    lines = [_HEADER, *extra, f"index {proof.index}", *map(_packed, proof.path), ""]
    return "".join(f"{line}\n" for line in lines).encode() + proof.note


def read(data: bytes) -> TlogProof:
    """Read a file; raises NoteError. Neither the path nor the note in it has been verified then."""
    head, blank, note = data.partition(b"\n\n")
    lines = head.decode("ascii", "replace").split("\n")
    if not blank or not note or lines.pop(0) != _HEADER:
        raise NoteError(
            "not a tlog-proof: version 1 is a header, an index, hashes, a blank line, a checkpoint"
        )
    extra = _unpacked(lines.pop(0)[6:]) if lines and lines[0].startswith("extra ") else None
    found = _INDEX.fullmatch(lines[0]) if lines else None
    if found is None or len(lines) > 1 + _LONGEST_PATH:
        raise NoteError("a tlog-proof states no index in decimal, or more hashes than a tree can be deep")
    return TlogProof(int(found[1]), tuple(_hash(one) for one in lines[1:]), note, extra)


def _hash(text: str) -> bytes:
    unpacked = _unpacked(text)
    if len(unpacked) != HASH_LENGTH:
        raise NoteError("a hash of a tlog-proof is not 32 bytes long")
    return unpacked


def _packed(data: bytes) -> str:
    return b64encode(data).decode()


def _unpacked(text: str) -> bytes:
    try:
        data = a2b_base64(text)
    except (Error, ValueError) as error:
        raise NoteError("a line of a tlog-proof is not base64") from error
    if _packed(data) != text:
        raise NoteError("a line of a tlog-proof is not in the one base64 form of its bytes")
    return data
