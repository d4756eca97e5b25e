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
_ECHO = re.compile(r"[\w.+/=-]{1,128}", re.ASCII)


def greeting(request: RawRequest, token: str) -> bytes:
    """Return the echostr of a rightly signed address check. Raises Forged."""
    query = _query(request)
    signed = signature(token, query.get("timestamp", ""), query.get("nonce", ""))
    if request.method != "GET" or not _same(signed, query.get("signature", "")):
        raise Forged("the address check is not signed with our token")
    if not _ECHO.fullmatch(query.get("echostr", "")):  # it is sent back, so it must be harmless
        raise Forged("the address check brings no echostr")
    return query["echostr"].encode("ascii")


def opened(request: RawRequest, token: str, encoding_aes_key: str, app_id: str) -> Element:
    """Return the content of a rightly signed push. Raises Forged.

    What is signed but cannot be opened is kept as it came, named by its hash.
    """
    cipher = _signed_ciphertext(request, token)
    try:
        inner, made_for = unwrapped(base64.b64decode(cipher), encoding_aes_key)
    except (ValueError, IndexError):
        return Element("sha256:" + hashlib.sha256(request.body).hexdigest(), request.body)
    if not _same(app_id, made_for):
        raise Forged("the push was made for another account")
    return Element(events.key_of(inner), inner)


def signature(*parts: str) -> str:
    """Return WeChat's signature: SHA-1 over the parts in order of their characters."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "replace")).hexdigest()


def unwrapped(cipher: bytes, encoding_aes_key: str) -> tuple[bytes, str]:
    """Return message and AppID of an envelope: 16 random bytes, length, message, AppID, padding.

    wechatpy decrypts. The cutting is ours, because its own decodes the text and takes a
    wrong length for a wrong AppID. Raises ValueError or IndexError.
    """
    plain: bytes = PrpCrypto(base64.b64decode(encoding_aes_key + "=")).cipher.decrypt(cipher)
    content = plain[16 : -plain[-1]]
    size = int.from_bytes(content[:4], "big")
    if not 1 <= plain[-1] <= 32 or len(content) < 4 + size:
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
    signed = signature(token, query.get("timestamp", ""), query.get("nonce", ""), cipher)
    if not _same(signed, query["msg_signature"]):
        raise Forged("the signature is wrong")
    return cipher


def _query(request: RawRequest) -> dict[str, str]:
    """Read the query of the raw target; a parameter given twice is not trusted."""
    try:
        given = parse_qs(urlsplit(request.target).query, keep_blank_values=True, max_num_fields=30)
    except ValueError:
        raise Forged("the query is unreadable") from None
    return {name: values[0] for name, values in given.items() if len(values) == 1}


def _same(ours: str, given: str) -> bool:
    return hmac.compare_digest(ours.encode("utf-8", "replace"), given.encode("utf-8", "replace"))
