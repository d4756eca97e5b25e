"""The witness's own key: one line in a file that nobody else may read, in the form of Go's signed notes."""

import os
from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence import cosignature
from evidence.errors import NoteError
from evidence.note import WITNESS, Key, line, parse_vkey

_MARK = "PRIVATE+KEY+"
_TIME_BYTES = 8


class KeyUnusable(Exception):  # noqa: N818
    """The key file cannot be read or made; the message says why and what to do."""


@dataclass(frozen=True)
class WitnessKey:
    """A key that can cosign, with its public side."""

    public: Key
    seed: bytes = field(repr=False)

    def cosign(self, body: bytes, at: datetime) -> bytes:
        """Return the signature line over a checkpoint body (C2SP tlog-cosignature)."""
        seconds = int(at.timestamp())
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(cosignature.message(body, seconds))
        return line(self.public, seconds.to_bytes(_TIME_BYTES, "big") + signature)


def witness_key(name: str, seed: bytes) -> WitnessKey:
    """Return the key of these 32 bytes under this name. Raises KeyUnusable."""
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    key = Key(name, WITNESS, public)
    try:
        parse_vkey(key.vkey)
    except NoteError as error:
        raise KeyUnusable(
            f"--name {name!r} cannot name a key ({error}): use letters, digits and dots"
        ) from None
    return WitnessKey(key, seed)


def make_key(path: Path, name: str, seed: bytes) -> WitnessKey:
    """Make the key file; it is never overwritten. Raises KeyUnusable."""
    made = witness_key(name, seed)
    secret = b64encode(bytes([WITNESS]) + seed).decode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{_MARK}{name}+{made.public.id.hex()}+{secret}\n")
    except OSError as error:
        raise KeyUnusable(f"{path} cannot be written ({error.strerror}): give another --key") from None
    return made


def read_key(path: Path) -> WitnessKey:
    """Read the key file. Raises KeyUnusable."""
    try:
        name, key_id, secret = path.read_text("ascii").strip().removeprefix(_MARK).split("+", 2)
        kind, seed = (held := b64decode(secret, validate=True))[:1], held[1:]
        found = witness_key(name, seed)
    except (OSError, ValueError, Error) as error:
        raise KeyUnusable(
            f"{path} is no witness key ({type(error).__name__}): restore it from its copy"
        ) from None
    if kind != bytes([WITNESS]) or found.public.id.hex() != key_id:
        raise KeyUnusable(f"{path} is damaged, or holds a key of another kind: restore it from its copy")
    return found
