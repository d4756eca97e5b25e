"""SMS through Yunque 云雀, a gateway that does not exist: the smallest channel that passes every check."""

import hashlib
import hmac
import json
import re
from datetime import datetime
from typing import Any

import requests
from pydantic import Field, SecretStr

from bot import callout
from bot.addresses import WebAddress
from bot.config import Strict
from casework.messages import Event, Media, Noted, Outcome, Receipt, Reply
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
    Throttled,
    Unreadable,
    Unsure,
)

_WORDS = {"TAKEN": Outcome.ACCEPTED, "ARRIVED": Outcome.DELIVERED, "LOST": Outcome.REJECTED_PERM}


class Settings(Strict):
    """One account at Yunque."""

    secret: SecretStr = Field(min_length=16, description="Signs calls in both directions.", examples=["…"])
    api_base: WebAddress = Field("https://yunque.example", description="Where Yunque is.")
    read_timeout: float = Field(12.0, gt=0, le=60, description="Seconds to wait for an answer.")


def build(account: str, settings: Settings, public_url: str) -> Channel:
    """Make the channel of one account."""
    del public_url
    return SmsInvented(account, settings)


class SmsInvented:
    """One account at Yunque."""

    name = "sms_invented"
    capabilities = Capabilities(
        resolves=(Resolve.RECEIPT,),
        proves={
            "TAKEN": "accepted: Yunque took it",
            "ARRIVED": "delivered: the handset has it; not that anybody saw it",
            "LOST": "rejected_perm: there is no such number",
        },
    )

    def __init__(self, account: str, settings: Settings) -> None:
        self.account = account
        self._settings = settings
        self._http = callout.session(settings.api_base, read=settings.read_timeout)

    def prepare(self, envelope: Envelope) -> bytes:
        """Return the JSON of the message. Raises Refused."""
        if not re.fullmatch(r"\+861\d{10}", envelope.address, re.ASCII):
            raise Refused("address", "Yunque sends to mobile numbers in the mainland only")
        if not re.fullmatch(r"[!-~]{1,32}", envelope.client_ref):
            raise Refused("client_ref", "our reference must be at most 32 ASCII characters")
        text = f"【{envelope.firm}】您有一份通知，请打开查看：{envelope.link} 回证码 {envelope.record_code}"
        message = {
            "to": envelope.address,
            "ref": envelope.client_ref,
            "text": text,
            "report_to": f"{envelope.callback_base}/hooks/{self.name}/{self.account}",
        }
        return json.dumps(message, ensure_ascii=False, sort_keys=True).encode()

    def send(self, request: bytes) -> Answer:
        """Send it once. Raises SendFailed."""
        try:
            response = self._http.post(
                f"{self._settings.api_base}/send", data=request, headers={"X-Sign": self._sign(request)}
            )
            said = response.json()
        except requests.JSONDecodeError:
            raise Unsure("unreadable", "the answer is not Yunque's") from None
        except requests.RequestException as error:
            raise callout.failure(error) from None
        if response.status_code == 200 and isinstance(said, dict) and said.get("word") == "TAKEN":
            return Answer(Outcome.ACCEPTED, response.content, "TAKEN", str(said["id"]))
        raise _refusal(response.status_code, said, response.content)

    def find(self, request: bytes, since: datetime) -> Answer | None:
        """Yunque cannot be asked. Raises Unsure."""
        raise Unsure("no-query", "Yunque has no query")

    def greet(self, request: RawRequest) -> bytes:
        """Yunque checks no address. Raises Forged."""
        raise Forged("Yunque sends no address check")

    def authenticate(self, request: RawRequest) -> tuple[Element, ...]:
        """Check X-Sign over the raw body. Raises Forged."""
        given = request.headers.get("x-sign", "").encode("utf-8", "replace")
        if request.method != "POST" or not hmac.compare_digest(self._sign(request.body).encode(), given):
            raise Forged("the signature is wrong")
        return (Element("sha256:" + hashlib.sha256(request.body).hexdigest(), request.body),)

    def interpret(self, inner: bytes) -> tuple[Event, ...]:
        """Say what a report or a reply means. Raises Unreadable."""
        try:
            told: dict[str, Any] = json.loads(inner)
            key = "sha256:" + hashlib.sha256(inner).hexdigest()
            if "text" in told:
                return (Reply(key, str(told["from"]), str(told["text"])),)
            word = str(told["word"])
            if word not in _WORDS:
                return (Noted(key, word),)
            return (
                Receipt(key, _WORDS[word], word, client_ref=str(told["ref"]), provider_id=str(told["id"])),
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise Unreadable(f"this is no report: {type(error).__name__}") from None

    def acknowledgement(self) -> tuple[bytes, str]:
        """Yunque reads one word."""
        return b"OK", "text/plain"

    def fetch(self, media: Media) -> tuple[bytes, str]:
        """Yunque carries text only. Raises Refused."""
        raise Refused("media", "Yunque carries text only")

    def _sign(self, body: bytes) -> str:
        return hmac.new(self._settings.secret.get_secret_value().encode(), body, "sha256").hexdigest()


def _refusal(status: int, said: Any, raw: bytes) -> SendFailed:
    word = str(said.get("word")) if isinstance(said, dict) else ""
    if word == "SLOWER":
        return Throttled(word, "Yunque wants fewer messages", raw)
    if word == "NOBODY":
        return Refused(word, "there is no such number", raw)
    return Unsure(f"http-{status}", "the answer is not Yunque's", raw)
