"""The body of an ``add-checkpoint`` call (C2SP tlog-witness): old size, consistency proof, signed note."""

import re
from base64 import b64encode
from binascii import Error, a2b_base64
from collections.abc import Sequence
from dataclasses import dataclass

from evidence.merkle import HASH_LENGTH

MOST_HASHES = 63  # C2SP tlog-witness: a client must not send more
LARGEST = 64 * 1024  # bytes: 63 hashes and a note with a hundred signatures fit in
SIZE_MEDIA = "text/x.tlog.size"
_SIZE = r"(0|[1-9][0-9]{0,18})"


class Malformed(Exception):  # noqa: N818
    """The body is not in the form of the protocol; the message says where."""


@dataclass(frozen=True)
class Submission:
    """A checkpoint that is said to continue the tree of ``old`` leaves, with the proof of it."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes


def written(old: int, proof: Sequence[bytes], note: bytes) -> bytes:
    """Return the body."""
    hashes = "".join(f"{b64encode(one).decode()}\n" for one in proof)
    return f"old {old}\n{hashes}\n".encode() + note


def read(body: bytes) -> Submission:
    """Read a body; the note in it is not looked at. Raises Malformed."""
    if len(body) > LARGEST:
        raise Malformed(f"the body is longer than {LARGEST} bytes")
    head, blank, note = body.partition(b"\n\n")
    first, *hashes = head.decode("ascii", "replace").split("\n")
    found = re.fullmatch(f"old {_SIZE}", first)
    if not blank or found is None:
        raise Malformed("the first line is not `old` and a size, or no empty line follows the proof")
    if len(hashes) > MOST_HASHES:
        raise Malformed(f"more than {MOST_HASHES} proof lines")
    return Submission(int(found[1]), tuple(map(_hash, hashes)), note)


def read_size(body: bytes) -> int:
    """Read the size with which a witness answers a conflict. Raises Malformed."""
    found = re.fullmatch(rf"{_SIZE}\n", body[:32].decode("ascii", "replace"))
    if found is None:
        raise Malformed("not a size and a newline")
    return int(found[1])


def _hash(line: str) -> bytes:
    try:
        value = a2b_base64(line, strict_mode=True)
    except (Error, ValueError) as error:
        raise Malformed("a proof line is not in standard base64") from error
    if len(value) != HASH_LENGTH or b64encode(value).decode() != line:
        raise Malformed("a proof line is not a hash of 32 bytes in standard base64")
    return value
