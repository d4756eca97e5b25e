"""Commitments, encryption and openings of parts (docs/evidence-format.md §4)."""

import hmac
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from evidence.errors import SealError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_LENGTH = 32
CHUNK = 1 << 20  # bytes of a part in one chunk; AES-GCM adds 16


def commit_key(k: bytes) -> bytes:
    """Return k_commit: what an opening discloses of a part's key."""
    return _expand(k, b"huizheng/v1/commit")


def seal_key(k: bytes) -> bytes:
    """Return k_seal, which decrypts and is never disclosed."""
    return _expand(k, b"huizheng/v1/seal")


def commitment(k: bytes, data: bytes) -> bytes:
    """Return the commitment to a part's bytes under its key."""
    return _mac(commit_key(k), data)


def opens(k_commit: bytes, commit: bytes, data: bytes) -> bool:
    """Whether these bytes and the disclosed key give this commitment."""
    # HMAC pads shorter keys with zeros, so two keys of other lengths could open to the same value.
    return len(k_commit) == KEY_LENGTH and hmac.compare_digest(_mac(k_commit, data), commit)


def address(scope_key: bytes, data: bytes) -> bytes:
    """Return where a scope stores these bytes; says nothing to who lacks the scope key."""
    return _mac(_expand(scope_key, b"huizheng/v1/address"), data)


def seal_chunks(k: bytes, data: bytes) -> Iterator[bytes]:
    """Encrypt a part, chunk by chunk; no bytes give one empty final chunk.

    A key may seal only one content, because the nonces count from zero.
    """
    cipher, commit = _cipher(k), commitment(k, data)
    count = max(1, -(-len(data) // CHUNK))
    for number in range(count):
        piece = data[number * CHUNK : (number + 1) * CHUNK]
        yield cipher.encrypt(_nonce(number, number == count - 1), piece, commit)


def open_chunks(k: bytes, commit: bytes, chunks: Iterable[bytes]) -> bytes:
    """Decrypt a part and check its commitment; raises SealError for whatever was done to it."""
    from cryptography.exceptions import InvalidTag

    cipher = _cipher(k)
    try:
        pieces = [
            cipher.decrypt(_nonce(number, last), chunk, commit)
            for number, (chunk, last) in enumerate(_marked(chunks))
        ]
    except (InvalidTag, ValueError) as error:
        raise SealError("a sealed part was changed, cut or reordered, or the key is another one") from error
    data = b"".join(pieces)
    if not pieces or not hmac.compare_digest(commitment(k, data), commit):
        raise SealError("a sealed part does not match its commitment")
    return data


def wrap(wrapping_key: bytes, k: bytes) -> bytes:
    """Encrypt one key with another (AES key wrap, RFC 3394)."""
    from cryptography.hazmat.primitives.keywrap import aes_key_wrap

    return aes_key_wrap(_whole(wrapping_key), _whole(k))


def unwrap(wrapping_key: bytes, wrapped: bytes) -> bytes:
    """Undo ``wrap``; raises SealError when either is not what it was."""
    from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

    try:
        return _whole(aes_key_unwrap(_whole(wrapping_key), wrapped))
    except InvalidUnwrap as error:
        raise SealError("a wrapped key was changed, or the wrapping key is another one") from error


def _expand(k: bytes, label: bytes) -> bytes:
    # RFC 5869 §2.3: 32 bytes are one block of SHA-256, T(1) = HMAC(PRK, info || 0x01).
    return _mac(_whole(k), label + b"\x01")


def _mac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, "sha256")


def _whole(k: bytes) -> bytes:
    if len(k) != KEY_LENGTH:
        raise SealError(f"a key is {KEY_LENGTH} bytes long, not {len(k)}")
    return k


def _cipher(k: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(seal_key(k))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _marked(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    held: list[bytes] = []
    for chunk in chunks:
        if held:
            yield held.pop(), False
        held.append(chunk)
    if held:
        yield held.pop(), True
