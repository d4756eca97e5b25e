"""What WeChat's pushes mean, read from the decrypted bytes and from nothing else."""

import hashlib
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

from casework.messages import Bound, Event, Media, Noted, Outcome, Receipt, Reply, Unbound
from handlers.ports import Unreadable

UNOPENED = b"unopened ciphertext: "  # stands before what was signed but could not be opened
_FAILED = re.compile(r"failed:\s*")
_MEDIA = {"image": "image/jpeg", "voice": "audio/amr", "video": "video/mp4", "shortvideo": "video/mp4"}


def key_of(inner: bytes) -> str:
    """Name a push so that WeChat's own repeat of it is found.

    Messages bear a MsgId. Events do not, and two taps in one second may differ in
    nothing but their EventKey. What cannot be read is named by its hash.
    """
    try:
        return _key(_fields(inner), inner)
    except Unreadable:
        return _hash(inner)


def is_report(inner: bytes) -> bool:
    """Whether a push only tells what became of a template message."""
    try:
        push = _fields(inner)
    except Unreadable:
        return False
    kind, name = push.get("MsgType", "").lower(), push.get("Event", "").lower()
    return kind == "event" and name == "templatesendjobfinish"


def meaning(inner: bytes) -> tuple[Event, ...]:
    """Say what a decrypted push means. Raises Unreadable."""
    push = _fields(inner)
    key, at, sender, kind = (
        _key(push, inner),
        _time(push),
        push.get("FromUserName", ""),
        push.get("MsgType", ""),
    )
    if not sender or not kind:
        raise Unreadable("the push names no sender or no type")
    if kind.lower() == "event":
        return (_event(push, key, sender, at),)
    return (Reply(key, sender, _text(push, kind), at, media=_media(push, kind)),)


def _event(push: dict[str, str], key: str, sender: str, at: datetime | None) -> Event:
    name, word = push.get("Event", ""), push.get("EventKey", "")
    match name.lower():
        case "templatesendjobfinish":
            said = push.get("Status", "")
            return Receipt(key, _outcome(said), said, at, provider_id=push.get("MsgID") or None)
        case "unsubscribe":
            return Unbound(key, sender, at)
        case "subscribe" | "scan":
            code = word.removeprefix("qrscene_")
            # 0 comes from a QR code that was created without its scene.
            return (
                Bound(key, sender, code, at) if code not in ("", "0") else Noted(key, _said(name, word), at)
            )
        case _:
            return Noted(key, _said(name, word), at)


def _outcome(status: str) -> Outcome:
    """Map the status of a template message; a block is the account's state, not 拒收 of this notice."""
    if status == "success":
        return Outcome.DELIVERED
    if not _FAILED.match(status):
        return Outcome.UNKNOWN
    return Outcome.REJECTED_PERM if "block" in status else Outcome.REJECTED_TEMP


def _text(push: dict[str, str], kind: str) -> str:
    """Return what the person wrote, to the last space; empty where it was not text."""
    match kind.lower():
        case "text":
            return push.get("Content", "")
        case "location":
            return f"{push.get('Label', '')} ({push.get('Location_X', '')}, {push.get('Location_Y', '')})"
        case "link":
            return f"{push.get('Title', '')} {push.get('Url', '')}"
    return ""


def _media(push: dict[str, str], kind: str) -> tuple[Media, ...]:
    media_type = _MEDIA.get(kind.lower())
    return (Media(push["MediaId"], media_type),) if media_type and push.get("MediaId") else ()


def _fields(inner: bytes) -> dict[str, str]:
    """Read the top-level fields without stripping or guessing. Raises Unreadable."""
    if inner.startswith(UNOPENED):
        raise Unreadable("the push is rightly signed, but damaged or made for another account")
    if b"<!doctype" in inner.lower():
        raise Unreadable("the push declares a document type")
    try:
        root = ElementTree.fromstring(inner.decode("utf-8"))
    except (UnicodeDecodeError, ElementTree.ParseError) as error:
        raise Unreadable(f"the push is not XML: {error}") from None
    fields = {child.tag: child.text or "" for child in root}
    if root.tag != "xml" or len(fields) != len(root):
        raise Unreadable("the push is not a WeChat message, or names a field twice")
    return fields


def _key(push: dict[str, str], inner: bytes) -> str:
    if push.get("MsgId"):
        return _bounded(f"message:{push['MsgId']}", inner)
    own = push.get("EventKey") or push.get("MsgID") or _hash(inner)
    parts = (push.get("FromUserName", ""), push.get("CreateTime", ""), push.get("Event", ""), own)
    return _bounded("event:" + ":".join(parts), inner)


def _bounded(key: str, inner: bytes) -> str:
    return key if len(key) <= 200 else _hash(inner)


def _hash(inner: bytes) -> str:
    return "sha256:" + hashlib.sha256(inner).hexdigest()


def _time(push: dict[str, str]) -> datetime | None:
    seconds = push.get("CreateTime", "")
    return datetime.fromtimestamp(int(seconds), UTC) if re.fullmatch(r"[0-9]{1,11}", seconds) else None


def _said(name: str, word: str) -> str:
    return f"{name} {word}".strip()
