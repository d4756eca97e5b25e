"""The signer's key file: an Ed25519 seed that nobody but its owner may read (RFC 8032 §5.1.5)."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence import note
from scheduler.signer.files import Refusal, durably_move, durably_write

VERSION = 1
_SEED_LENGTH = 32


@dataclass(frozen=True)
class SigningKey:
    """A key that can sign, under the name of its log."""

    name: str
    seed: bytes = field(repr=False)

    @property
    def key(self) -> note.Key:
        """Its public half."""
        return note.Key(self.name, note.LOG, self._private.public_key().public_bytes_raw())

    @property
    def vkey(self) -> str:
        """Its public half as one line of text."""
        return self.key.vkey

    def line(self, text: bytes) -> bytes:
        """Return the signature line over a note's text."""
        return note.line(self.key, self._private.sign(text))

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


class KeyFile:
    """A file that holds one key, or does not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> SigningKey | None:
        """Return the key; None without a file. Raises Refusal when others may read it or it is damaged."""
        try:
            mode, owner = self.path.stat().st_mode, self.path.stat().st_uid
            held = json.loads(self.path.read_text())
            key = SigningKey(str(held["name"]), bytes.fromhex(held["seed"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            raise Refusal(f"{self.path} cannot be read as a key file: put it back from its backup") from None
        if mode & 0o077 or owner != os.geteuid():
            raise Refusal(
                f"{self.path} can be read by others than its owner, or belongs to another user: whoever read"
                " it can sign. chmod 600 it, then run `huizheng keys rotate`"
            )
        if len(key.seed) != _SEED_LENGTH:
            raise Refusal(f"{self.path} holds no 32-byte seed: put it back from its backup")
        return key

    def make(self, name: str, seed: bytes) -> SigningKey:
        """Write a key of this name."""
        held = {"v": VERSION, "name": name, "seed": seed.hex()}
        durably_write(self.path, json.dumps(held).encode())
        return SigningKey(name, seed)

    def take_place_of(self, other: "KeyFile") -> None:
        """Become the other file, whose key is destroyed by it."""
        durably_move(self.path, other.path)
