"""Keys outside the database: the deployment key file, and what is derived from it."""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1


class KeyFault(Exception):  # noqa: N818
    """The key file is missing, readable by others, damaged, or does not fit the database."""


@dataclass(frozen=True)
class Keys:
    """The deployment key and its derivations. It never enters the database or a log."""

    key_id: str
    secret: bytes = field(repr=False)

    def wrapping(self) -> bytes:
        """Key that wraps scope keys (AES key wrap)."""
        return self._derive("wrap")

    def blind(self, label: str, value: str) -> str:
        """Look-up hash of a personal value: equal values are found, nothing is learnt."""
        return hmac.new(self._derive("blind"), f"{label}\0{value}".encode(), hashlib.sha256).hexdigest()

    def web_secret(self) -> str:
        """Secret that signs browser sessions."""
        return self._derive("web").hex()

    def seal_personal(self, label: str, plain: bytes) -> bytes:
        """Encrypt a personal column: key version ‖ nonce ‖ AES-256-GCM."""
        nonce = secrets.token_bytes(12)
        sealed = AESGCM(self._derive("personal")).encrypt(nonce, plain, label.encode())
        return bytes([VERSION]) + nonce + sealed

    def open_personal(self, label: str, sealed: bytes) -> bytes:
        """Decrypt a personal column. Raises KeyFault when it was changed or the key is another."""
        try:
            return AESGCM(self._derive("personal")).decrypt(sealed[1:13], sealed[13:], label.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyFault(
                f"{label} cannot be decrypted: it was changed, or [keys] file is not the key of this database"
            ) from error

    def seal_file(self, name: str, plain: bytes) -> bytes:
        """Encrypt a file that waits outside the database; it opens under its own name only."""
        nonce = secrets.token_bytes(12)
        return bytes([VERSION]) + nonce + AESGCM(self._derive("file")).encrypt(nonce, plain, name.encode())

    def open_file(self, name: str, sealed: bytes) -> bytes:
        """Decrypt such a file. Raises KeyFault when it was cut, changed or renamed, or the key is another."""
        try:
            return AESGCM(self._derive("file")).decrypt(sealed[1:13], sealed[13:], name.encode())
        except (InvalidTag, ValueError) as error:
            raise KeyFault(
                f"{name} cannot be decrypted: it was changed, or sealed under another key"
            ) from error

    def _derive(self, purpose: str) -> bytes:
        return hmac.new(self.secret, f"huizheng/v1/{purpose}".encode(), hashlib.sha256).digest()


def read_keys(path: Path) -> Keys:
    """Read the key file. Raises KeyFault with the remedy."""
    try:
        mode = path.stat().st_mode
        held = json.loads(path.read_text())
        secret = bytes.fromhex(held["key"])
    except FileNotFoundError:
        raise KeyFault(f"keys.file {path} does not exist: run `huizheng migrate`, which makes it") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise KeyFault(
            f"keys.file {path} cannot be read as a key file: restore it from its backup"
        ) from error
    if os.name == "posix" and mode & 0o077:
        raise KeyFault(f"keys.file {path} can be read by others: chmod 600 it")
    if len(secret) != 32:
        raise KeyFault(f"keys.file {path} holds no 32-byte key: restore it from its backup")
    return Keys(str(held.get("id", "")), secret)


def make_keys(path: Path, secret: bytes) -> Keys:
    """Write a new key file that only its owner can read; an existing one is never replaced."""
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = Keys(hashlib.sha256(secret).hexdigest()[:8], secret)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"v": VERSION, "id": keys.key_id, "key": secret.hex()}, file)
        file.flush()
        os.fsync(file.fileno())
    return keys
