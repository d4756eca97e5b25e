"""The export number, and the text that the signer signs over a bundle (evidence-format §7.1, §7.2)."""

import re
from dataclasses import dataclass
from hashlib import sha256, sha512

from evidence import canonical, fields
from evidence.checkpoint import Checkpoint
from evidence.errors import NoteError
from evidence.records import record_code

_CODE = r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}"
_TEXT = re.compile(
    rf"huizheng-export/v1\n({_CODE})\n({fields.ORIGIN})\n(0|[1-9][0-9]{{0,18}})\n"
    r"sha256 ([0-9a-f]{64})\nsha512 ([0-9a-f]{128})\n"
)


@dataclass(frozen=True)
class ExportNote:
    """What an export note says; the two hashes are over the two tag manifests."""

    number: str
    origin: str
    size: int
    sha256: bytes
    sha512: bytes


def number(case: str, view: str, checkpoint: Checkpoint) -> str:
    """Return the export number of a case's view at a checkpoint."""
    named = {
        "case": case,
        "checkpoint": checkpoint.size,
        "origin": checkpoint.origin,
        "root": checkpoint.root.hex(),
        "view": view,
    }
    return record_code(sha256(canonical.dumps(named)).digest())


def text(number: str, checkpoint: Checkpoint, tagmanifest256: bytes, tagmanifest512: bytes) -> bytes:
    """Return the six lines over the bytes of tagmanifest-sha256.txt and tagmanifest-sha512.txt."""
    return (
        f"huizheng-export/v1\n{number}\n{checkpoint.origin}\n{checkpoint.size}\n"
        f"sha256 {sha256(tagmanifest256).hexdigest()}\nsha512 {sha512(tagmanifest512).hexdigest()}\n"
    ).encode()


def parse(text: bytes) -> ExportNote:
    """Read six lines and nothing else; raises NoteError."""
    found = _TEXT.fullmatch(text.decode("ascii", "replace"))
    if found is None:
        raise NoteError("not the six lines of an export note")
    return ExportNote(found[1], found[2], int(found[3]), bytes.fromhex(found[4]), bytes.fromhex(found[5]))
