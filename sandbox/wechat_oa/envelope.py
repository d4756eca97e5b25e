"""WeChat's signatures and its AES envelope, as Tencent's message-encryption page describes them."""

import base64
import hashlib
from urllib.parse import urlencode

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32  # Tencent pads to 32 bytes although an AES block has 16


def signature(*parts: str) -> str:
    """Return the SHA-1 over the sorted parts: token, timestamp, nonce and perhaps the ciphertext."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def encrypt(aes_key: str, app_id: str, message: bytes, random16: bytes) -> str:
    """Wrap a message in Tencent's envelope: 16 random bytes, big-endian length, message, receiver's id."""
    key = base64.b64decode(aes_key + "=")
    plain = random16 + len(message).to_bytes(4, "big") + message + app_id.encode()
    sealer = Cipher(algorithms.AES256(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(sealer.update(_padded(plain)) + sealer.finalize()).decode()


def query(token: str, timestamp: str, nonce: str, openid: str, encrypted: str) -> str:
    """Return the query string of a safe-mode callback."""
    return urlencode(
        {
            "signature": signature(token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": openid,
            "encrypt_type": "aes",
            "msg_signature": signature(token, timestamp, nonce, encrypted),
        }
    )


def xml(*fields: tuple[str, str | int]) -> bytes:
    """Write a flat message: texts in CDATA, numbers bare."""
    return (
        "<xml>" + "".join(f"<{name}>{_value(value)}</{name}>" for name, value in fields) + "</xml>"
    ).encode()


def _value(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"


def _padded(plain: bytes) -> bytes:
    missing = BLOCK - len(plain) % BLOCK
    return plain + bytes([missing]) * missing
