"""WeChat's pushes in safe mode: the signature first, over raw bytes, and only then the envelope."""

import base64
import hashlib
import hmac
import re
from urllib.parse import parse_qs, urlsplit

from wechatpy.crypto import PrpCrypto

from bot.channels.wechat_oa import events
from handlers.ports import Element, Forged, RawRequest

_CIPHERTEXT = re.compile(rb"<Encrypt>(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?</Encrypt>")
_TIMESTAMP, _NONCE = re.compile("[0-9]{10}"), re.compile("[0-9A-Za-z]{1,64}")
_BLOCK = 32  # bytes: Tencent pads its envelope to this, although an AES block has 16
_ECHO = re.compile(r"[\w.+/=-]{1,128}", re.ASCII)


def greeting(request: RawRequest, token: str) -> bytes:
    """Return the echostr of a rightly signed address check. Raises Forged."""
    query = _query(request)
    if request.method != "GET" or not _same(signature(token, *_moment(query)), query.get("signature", "")):
        raise Forged("the address check is not signed with our token")
    if not _ECHO.fullmatch(query.get("echostr", "")):  # it is sent back, so it must be harmless
        raise Forged("the address check brings no echostr")
    return query["echostr"].encode("ascii")


def opened(request: RawRequest, token: str, encoding_aes_key: str, app_id: str) -> Element:
    """Return the content of a rightly signed push. Raises Forged.

    What is signed but cannot be opened, or was made for another account, is kept as the
    ciphertext behind a word that is no XML. The body around it is unsigned and never kept
    as content.
    """
    cipher = _signed_ciphertext(request, token)
    try:
        inner, made_for = unwrapped(base64.b64decode(cipher), encoding_aes_key)
    except ValueError:
        return _unopened(cipher)
    if not _same(app_id, made_for):
        return _unopened(cipher)
    return Element(events.key_of(inner), inner, spoken=not events.is_report(inner))


def signature(*parts: str) -> str:
    """Return WeChat's signature: SHA-1 over the parts in order of their characters."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "replace")).hexdigest()


def unwrapped(cipher: bytes, encoding_aes_key: str) -> tuple[bytes, str]:
    """Return message and AppID of an envelope: 16 random bytes, length, message, AppID, padding.

    wechatpy decrypts. The cutting is ours, because its own decodes the text and takes a
    wrong length for a wrong AppID. Raises ValueError.
    """
    plain: bytes = PrpCrypto(base64.b64decode(encoding_aes_key + "=")).cipher.decrypt(cipher)
    padding = plain[-1:] * plain[-1]
    content = plain[16 : -len(padding)]
    size = int.from_bytes(content[:4], "big")
    if not 1 <= len(padding) <= _BLOCK or not plain.endswith(padding) or len(content) < 4 + size:
        raise ValueError("the envelope is damaged")
    return content[4 : 4 + size], content[4 + size :].decode("utf-8")


def _signed_ciphertext(request: RawRequest, token: str) -> str:
    query = _query(request)
    if request.method != "POST" or query.get("encrypt_type") != "aes" or not query.get("msg_signature"):
        raise Forged("only a push in safe mode is signed over its content")
    found = _CIPHERTEXT.findall(request.body)
    if len(found) != 1 or b"<!doctype" in request.body.lower():
        raise Forged("the push holds no single ciphertext")
    cipher: str = found[0].decode("ascii")
    timestamp, nonce = _moment(query)
    if not _is_envelope(cipher):
        raise Forged("the ciphertext has not the form of one")
    if not _same(signature(token, timestamp, nonce, cipher), query["msg_signature"]):
        raise Forged("the signature is wrong")
    return cipher


def _moment(query: dict[str, str]) -> tuple[str, str]:
    """Return timestamp and nonce, each in its own form. Raises Forged.

    WeChat signs the parts run together. Without fixed forms the signature of an old
    request without content would also sign a "ciphertext" made of the digits of its nonce.
    """
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not _TIMESTAMP.fullmatch(timestamp) or not _NONCE.fullmatch(nonce):
        raise Forged("timestamp or nonce has not the form of one")
    return timestamp, nonce


def _is_envelope(cipher: str) -> bool:
    """Whether this is Base64 (RFC 4648 §4, nothing missing or to spare) of at least one whole block."""
    try:
        content = base64.b64decode(cipher, validate=True)
    except ValueError:
        return False
    canonical = base64.b64encode(content).decode("ascii") == cipher
    return canonical and len(content) >= _BLOCK and len(content) % _BLOCK == 0


def _unopened(cipher: str) -> Element:
    signed = cipher.encode("ascii")
    return Element("sha256:" + hashlib.sha256(signed).hexdigest(), events.UNOPENED + signed)


def _query(request: RawRequest) -> dict[str, str]:
    """Read the query of the raw target; a parameter given twice is not trusted."""
    try:
        given = parse_qs(urlsplit(request.target).query, keep_blank_values=True, max_num_fields=30)
    except ValueError:
        raise Forged("the query is unreadable") from None
    return {name: values[0] for name, values in given.items() if len(values) == 1}


def _same(ours: str, given: str) -> bool:
    return hmac.compare_digest(ours.encode("utf-8", "replace"), given.encode("utf-8", "replace"))
