"""Twilio as a channel: one SMS with a link out; receipts, replies and opt-outs in."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from twilio.rest import Client

from bot.channels.sms_twilio import callbacks
from bot.channels.sms_twilio.callbacks import outcome_of
from bot.channels.sms_twilio.client import TwilioHttp
from bot.channels.sms_twilio.settings import HOME, Settings
from casework.messages import Event, Media, Outcome
from casework.pace import Pace
from handlers.ports import (
    Answer,
    Capabilities,
    Channel,
    Element,
    Envelope,
    Forged,
    RawRequest,
    Refused,
    Resolve,
    SendFailed,
    Unsure,
)

_SKEW = timedelta(minutes=1)  # how far Twilio's clock may be behind ours
# An SMS shows on a locked screen: it never tells of an injury.
_PRIVATE = re.compile("[伤病残医诊疗赔痛死]|鉴定|停工|留薪|康复|手术|住院")


def build(account: str, settings: Settings, public_url: str) -> Channel:
    """Make the channel of one account; Twilio signs the address below ``public_url``. Raises ValueError."""
    if "_" in (urlsplit(public_url).hostname or ""):
        raise ValueError("cannot work below a public_url whose host has an underscore: Twilio refuses it")
    return SmsTwilio(account, settings, public_url)


class SmsTwilio:
    """One Twilio account."""

    name = "sms_twilio"
    capabilities = Capabilities(
        resolves=(Resolve.QUERY, Resolve.RECEIPT),
        proves={
            "queued": "accepted: Twilio took the message; nothing has left it yet",
            "sent": "sent: a carrier took it; with some carriers this is the last word",
            "delivered": "delivered: the carrier says the handset has it; not that anybody saw it",
            "undelivered": "rejected_temp or rejected_perm, by its error code; 30003 is a phone that is off",
            "failed": "rejected_perm: it never reached a carrier",
            "received": "replied: somebody holding this number wrote; not who it was",
        },
        settle=timedelta(seconds=10),
        text_limit=1600,
        portable=True,
        pace=Pace(per_second=10.0, day_zone="UTC"),  # a number drains one a second; Twilio queues the rest
    )

    def __init__(self, account: str, settings: Settings, public_url: str) -> None:
        self.account = account
        self._settings = settings
        self._public_url = public_url
        if not settings.has_query:
            self.capabilities = replace(self.capabilities, resolves=(Resolve.RECEIPT,))

    def prepare(self, envelope: Envelope) -> bytes:
        """Return the parameters of the message. Raises Refused."""
        self._check(envelope)
        callback = f"{envelope.callback_base.rstrip('/')}/hooks/{self.name}/{self.account}/status"
        message = {
            "To": envelope.address,
            "From": self._settings.from_number,
            "Body": _body(envelope),
            # Without these words Twilio does not repeat a callback that we failed to take.
            "StatusCallback": f"{callback}?m={quote(envelope.client_ref, safe='')}#rc=5&rp=all",
        }
        return json.dumps(message, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    def send(self, request: bytes) -> Answer:
        """Send it once. Raises SendFailed."""
        wanted = json.loads(request)
        http = TwilioHttp(self._settings)
        message = http.asked(
            lambda client: client.messages.create(
                to=wanted["To"],
                from_=wanted["From"],
                body=wanted["Body"],
                status_callback=wanted["StatusCallback"],
            )
        )
        answer = _answer(message, http.raw)
        if answer.outcome is Outcome.REJECTED_PERM:
            raise Refused(answer.said, "Twilio took the message and failed it at once", answer.raw)
        return answer

    def find(self, request: bytes, since: datetime) -> Answer | None:
        """Look for this text, with its one-time link, among what Twilio took since then. Raises Unsure.

        A message that still waits has no sending date, so the second look goes without that filter.
        """
        wanted = json.loads(request)
        after = since.astimezone(UTC) - _SKEW  # the client writes Z behind the hour of any zone
        for filters in ({"date_sent_after": after}, {}):
            http = TwilioHttp(self._settings)
            listing = partial(_listed, to=wanted["To"], filters=filters)
            try:
                messages = http.asked(listing)
            except SendFailed as error:
                raise Unsure(error.code, error.said, error.raw) from None
            for message in messages:
                if _is_it(message, wanted["Body"], after):
                    return _answer(message, http.raw)
        return None

    def greet(self, request: RawRequest) -> bytes:
        """Twilio checks no address. Raises Forged."""
        raise Forged("Twilio sends no address check")

    def authenticate(self, request: RawRequest) -> tuple[Element, ...]:
        """Check X-Twilio-Signature over our public address and the raw target. Raises Forged."""
        token = self._settings.auth_token.get_secret_value()
        return (callbacks.checked(request, self._public_url, token, self._settings.account_sid),)

    def interpret(self, inner: bytes) -> tuple[Event, ...]:
        """Say what a callback means. Raises Unreadable."""
        return callbacks.meaning(inner)

    def acknowledgement(self) -> tuple[bytes, str]:
        """An empty answer in TwiML: taken, nothing to say."""
        return b"<Response></Response>", "text/xml"

    def fetch(self, media: Media) -> tuple[bytes, str]:
        """Fetch a picture that came with a message. Raises SendFailed."""
        if not media.ref.startswith((f"{HOME}/", f"{self._settings.api_base}/")):
            raise Refused("address", "the file does not lie at Twilio")
        return TwilioHttp(self._settings).fetched(media.ref)

    def _check(self, envelope: Envelope) -> None:
        if not re.fullmatch(r"\+[1-9]\d{6,14}", envelope.address, re.ASCII):
            raise Refused("address", "this is not a number in the form +85290000000")
        if envelope.address.startswith("+86") and not self._settings.allow_mainland:
            raise Refused("mainland", "Twilio brings no replies from the mainland: use a Chinese SMS gateway")
        if not re.fullmatch(r"[!-~]{1,32}", envelope.client_ref):
            raise Refused("client_ref", "our reference must be at most 32 ASCII characters")


def _body(envelope: Envelope) -> str:
    """Return the text: who writes, what kind of thing, the link; nothing about the case itself."""
    title = "您有一份通知" if _PRIVATE.search(envelope.title) else envelope.title[:20]
    return f"【{envelope.firm[:30]}】{title}，请打开查看并确认：{envelope.link} 回证码 {envelope.record_code}"


def _listed(client: Client, to: str, filters: dict[str, datetime]) -> list[Any]:
    # Without a limit the client would follow next_page_uri for ever.
    messages: list[Any] = client.messages.list(to=to, limit=100, **filters)
    return messages


def _is_it(message: Any, body: str, after: datetime) -> bool:
    """Whether this is our message; an earlier attempt of the same delivery has the same text."""
    created = message.date_created
    # A trial account puts a sentence before our text.
    return str(message.body or "").endswith(body) and (created is None or created >= after)


def _answer(message: Any, raw: bytes) -> Answer:
    """Say what Twilio said of a message. Raises Unsure when it is not Twilio's answer."""
    if not re.fullmatch(r"(SM|MM)\w{8,64}", str(message.sid)):
        raise Unsure("unreadable", "the answer names no message", raw)
    outcome = outcome_of(str(message.status), str(message.error_code or "")) or Outcome.ACCEPTED
    return Answer(outcome, raw, str(message.status), str(message.sid))
