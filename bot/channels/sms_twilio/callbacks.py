"""Twilio's callbacks: the signature over the raw target and form, and what they mean."""

import hashlib
import re
import unicodedata
from typing import Self
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import RequestValidator

from casework.messages import Event, Media, Noted, Outcome, Receipt, Reply
from handlers.ports import Element, Forged, RawRequest, Unreadable

_STATUSES = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending"), Outcome.ACCEPTED),
    "sent": Outcome.SENT,  # handed to the carrier; some carriers never say more
    "delivered": Outcome.DELIVERED,
    "undelivered": Outcome.REJECTED_TEMP,
    "failed": Outcome.REJECTED_PERM,
    "canceled": Outcome.REJECTED_PERM,
}
_FAILED = ("undelivered", "failed")
_ERRORS = {
    "30001": Outcome.REJECTED_TEMP,  # queue full
    "30002": Outcome.REJECTED_PERM,  # account suspended
    "30003": Outcome.REJECTED_TEMP,  # phone off or out of reach
    "30004": Outcome.REJECTED_PERM,  # blocked
    "30005": Outcome.REJECTED_PERM,  # no such number
    "30006": Outcome.REJECTED_PERM,  # landline, or a carrier that cannot be reached
    "30007": Outcome.REJECTED_PERM,  # filtered as spam
    "30008": Outcome.REJECTED_TEMP,  # not known
}
_STOP = {
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "CANCEL",
    "T",
    "TD",
    "R",
    "退订",
}

_SID = re.compile(r"[A-Z]{2}[0-9a-f]{32}")
_NAME = re.compile(r"[A-Z][A-Za-z]*[0-9]{0,3}")
# Only what a person wrote may hold such words; elsewhere a field has been hidden in its neighbour's value.
_HIDDEN = re.compile(r"From[+0-9]|AccountSid|MessageSid|MessageStatus|ErrorCode|OptOutType|NumMedia|MediaUrl")
_TARGET = re.compile(r"/[!\"$-~]*")  # the vendor's validator would drop a fragment or a line break


class Form(dict[str, list[str]]):
    """A form as Twilio sent it, blank values and spaces kept."""

    @classmethod
    def of(cls, body: bytes) -> Self:
        """Read a body. Raises ValueError."""
        return cls(
            parse_qs(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=200)
        )

    def getlist(self, name: str) -> list[str]:
        """Return all values of a name, as the vendor's validator wants them."""
        return self[name]

    def one(self, name: str) -> str:
        """Return the value that was given exactly once, or nothing."""
        values = self.get(name, [])
        return values[0] if len(values) == 1 else ""


def checked(request: RawRequest, public_url: str, token: str, account_sid: str) -> Element:
    """Return the callback if it bears the signature of our account. Raises Forged.

    The signature covers the address as Twilio knows it, so neither the inner address
    behind a proxy nor an unescaped query would do.
    """
    if request.method != "POST" or not _TARGET.fullmatch(request.target):
        raise Forged("this is not how Twilio calls back")
    try:
        form = Form.of(request.body)
        given = request.headers.get("x-twilio-signature", "")
        genuine = RequestValidator(token).validate(public_url + request.target, form, given)
        inner = request.target.encode("ascii") + b"\n" + request.body
    except Exception:  # the vendor's validator stumbles over strange input in many ways
        raise Forged("the callback cannot be checked") from None
    if not genuine or form.one("AccountSid") != account_sid:
        raise Forged("the signature is wrong")
    if not _unequivocal(form):
        raise Forged("the signature would also fit another form")
    return Element(_key(form, inner), inner, spoken=not form.one("MessageStatus"))


def meaning(inner: bytes) -> tuple[Event, ...]:
    """Say what a callback means: the target on the first line, then the form. Raises Unreadable."""
    target, _, body = inner.partition(b"\n")
    try:
        form = Form.of(body)
        reference = parse_qs(urlsplit(target.decode("ascii")).query).get("m", [""])[0]
    except ValueError as error:
        raise Unreadable(f"the callback is not a form: {error}") from None
    if not _SID.fullmatch(form.one("MessageSid")):
        raise Unreadable("the callback names no message")
    return (_status(form, _key(form, inner), reference) if form.one("MessageStatus") else _reply(form),)


def outcome_of(status: str, error_code: str) -> Outcome | None:
    """Map a status; the error code tells a phone that is off from a number that does not exist."""
    if status in _FAILED:
        return _ERRORS.get(error_code, _STATUSES[status])
    return _STATUSES.get(status)


def _unequivocal(form: Form) -> bool:
    """Whether nothing else could bear this signature: each name once, nothing hidden in a value.

    Twilio signs names and values run together, equal repeats only once. It never repeats a
    name itself: pictures are MediaUrl0, MediaUrl1 and so on.
    """
    return all(
        len(values) == 1 and _NAME.fullmatch(name) and (name == "Body" or not _HIDDEN.search(values[0]))
        for name, values in form.items()
    )


def _status(form: Form, key: str, reference: str) -> Event:
    status, code = form.one("MessageStatus"), form.one("ErrorCode")
    said = f"{status} {code}".strip()
    outcome = outcome_of(status, code)
    if outcome is None:
        return Noted(key, said)
    # RawDlrDoneDate has no time zone, so the report has no time but that of its arrival.
    return Receipt(key, outcome, said, client_ref=reference or None, provider_id=form.one("MessageSid"))


def _reply(form: Form) -> Event:
    if not form.one("From") or "Body" not in form:
        raise Unreadable("the message names no sender or has no text field")
    text = form.one("Body")
    opt_out = form.one("OptOutType").upper() == "STOP" or _plain(text) in _STOP
    return Reply(form.one("MessageSid"), form.one("From"), text, media=_media(form), opt_out=opt_out)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip(" \t\r\n.。!！").upper()


def _media(form: Form) -> tuple[Media, ...]:
    numbers = range(int(count)) if (count := form.one("NumMedia")).isdecimal() and len(count) < 3 else ()
    return tuple(
        Media(address, form.one(f"MediaContentType{number}"))
        for number in numbers
        if (address := form.one(f"MediaUrl{number}"))
    )


def _key(form: Form, inner: bytes) -> str:
    """Name a callback so that Twilio's own repeat of it is found."""
    sid, status = form.one("MessageSid"), form.one("MessageStatus")
    key = f"{sid}:{status}" if status else sid
    return key if _SID.fullmatch(sid) and len(key) <= 100 else "sha256:" + hashlib.sha256(inner).hexdigest()
