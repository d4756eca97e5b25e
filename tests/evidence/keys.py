"""Keys of invented logs and witnesses, always the same for a label, and what they sign."""

from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence import cosignature, note
from evidence.note import LOG, WITNESS, Key


@dataclass(frozen=True)
class Holder:
    """Somebody who holds a private key."""

    key: Key
    private: Ed25519PrivateKey

    def line(self, text: bytes, seconds: int | None = None) -> bytes:
        """Return a signature line over a text; a witness needs the seconds since 1970."""
        if seconds is None:
            return note.line(self.key, self.private.sign(text))
        signature = self.private.sign(cosignature.message(text, seconds))
        return note.line(self.key, seconds.to_bytes(8) + signature)


def log(name: str, label: str = "log") -> Holder:
    return _holder(name, LOG, label)


def witness(name: str, label: str = "witness") -> Holder:
    return _holder(name, WITNESS, label)


def _holder(name: str, kind: int, label: str) -> Holder:
    private = Ed25519PrivateKey.from_private_bytes(sha256(label.encode()).digest())
    return Holder(Key(name, kind, private.public_key().public_bytes_raw()), private)
