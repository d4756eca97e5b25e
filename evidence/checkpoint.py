"""The checkpoint body: how large the log was and what its root was (docs/evidence-format.md §2)."""

import re
from base64 import b64encode
from binascii import Error, a2b_base64
from dataclasses import dataclass

from evidence.errors import CheckpointError
from evidence.merkle import HASH_LENGTH

_BODY = re.compile(r"([ -~]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]+={0,2})\n")


@dataclass(frozen=True)
class Checkpoint:
    """A log's origin, its number of leaves and its root."""

    origin: str
    size: int
    root: bytes

    def body(self) -> bytes:
        """Return the three lines (C2SP tlog-checkpoint, no extension lines)."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n".encode()


def parse(body: bytes) -> Checkpoint:
    """Read a body and nothing but a body; raises CheckpointError."""
    found = _BODY.fullmatch(body.decode("ascii", "replace"))
    if found is None:
        raise CheckpointError("not three lines of origin, size and root")
    checkpoint = Checkpoint(found[1], int(found[2]), _root(found[3]))
    if checkpoint.body() != body:
        raise CheckpointError("the root is not in standard base64")
    return checkpoint


def _root(text: str) -> bytes:
    try:
        root = a2b_base64(text)
    except Error as error:
        raise CheckpointError("the root is not in standard base64") from error
    if len(root) != HASH_LENGTH:
        raise CheckpointError("the root is not 32 bytes long")
    return root
