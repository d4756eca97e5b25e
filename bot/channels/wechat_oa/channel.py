"""The official account as a channel: template messages out; receipts, replies and bindings in."""

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta

from wechatpy.oauth import WeChatOAuth

from bot import callout
from bot.channels.wechat_oa import events, push
from bot.channels.wechat_oa.client import SafeClient, Told, asked
from bot.channels.wechat_oa.settings import Settings
from bot.channels.wechat_oa.templates import filled
from casework.messages import Event, Media, Outcome
from casework.pace import Pace
from handlers.ports import (
    Answer,
    Capabilities,
    Channel,
    Element,
    Envelope,
    RawRequest,
    Refused,
    Resolve,
    Unsure,
)

_INVITATION_LIFE = 2_592_000  # seconds: 30 days, the longest life of a temporary QR code


def build(account: str, settings: Settings, public_url: str) -> Channel:
    """Make the channel of one account; WeChat signs no address, so ``public_url`` is not needed."""
    del public_url
    return WechatOa(account, settings)


class WechatOa:
    """One official account."""

    name = "wechat_oa"
    capabilities = Capabilities(
        resolves=(Resolve.KEY, Resolve.RECEIPT),
        proves={
            "errcode 0": "accepted: WeChat took the message; it may still be intercepted or blocked",
            "success": "delivered: it reached this WeChat account; not that anybody saw it",
            "failed:user block": "rejected_perm: this account takes nothing from us; not 拒收 of this notice",
            "failed: system failed": "rejected_temp: WeChat failed to deliver; one more try is fair",
            "text, image, voice": "replied: somebody holding this WeChat account wrote; not who it was",
        },
        key_window=timedelta(minutes=10),
        identifies_reader=True,
        pace=Pace(per_second=50.0, per_day=100_000),
    )

    def __init__(self, account: str, settings: Settings) -> None:
        self.account = account
        self._settings = settings
        if not settings.honours_key:
            self.capabilities = replace(self.capabilities, resolves=(Resolve.RECEIPT,))
        self._http = callout.session(settings.api_base, settings.connect_timeout, settings.read_timeout)
        secret = settings.app_secret.get_secret_value()
        self._client = SafeClient(settings.app_id, secret, settings.api_base, self._http)

    def prepare(self, envelope: Envelope) -> bytes:
        """Return the template message. Raises Refused."""
        if not re.fullmatch(r"[!-~]{1,64}", envelope.address):
            raise Refused("address", "this is not an openid")
        if not re.fullmatch(r"[!-~]{1,32}", envelope.client_ref):
            raise Refused("client_ref", "WeChat takes at most 32 ASCII characters as client_msg_id")
        template = self._settings.templates.get(envelope.kind) or self._settings.templates["default"]
        message = {
            "touser": envelope.address,
            "template_id": template.id,
            "url": envelope.link,
            "client_msg_id": envelope.client_ref,
            "data": filled(template, envelope),
        }
        return json.dumps(message, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    def send(self, request: bytes) -> Answer:
        """Send it; a repeat within ten minutes is swallowed by WeChat. Raises SendFailed."""
        answer = self._post("message/template/send", request)
        number = answer.get("msgid")
        return Answer(Outcome.ACCEPTED, answer.raw, "errcode 0", str(number) if number else None)

    def find(self, request: bytes, since: datetime) -> Answer | None:
        """WeChat cannot be asked about a template message. Raises Unsure."""
        raise Unsure("no-query", "WeChat has no query for template messages; wait for the delivery event")

    def greet(self, request: RawRequest) -> bytes:
        """Answer WeChat's address check with its own echostr. Raises Forged."""
        return push.greeting(request, self._settings.token.get_secret_value())

    def authenticate(self, request: RawRequest) -> tuple[Element, ...]:
        """Check the signature over the ciphertext, then open it. Raises Forged."""
        settings = self._settings
        token, key = settings.token.get_secret_value(), settings.encoding_aes_key.get_secret_value()
        return (push.opened(request, token, key, settings.app_id),)

    def interpret(self, inner: bytes) -> tuple[Event, ...]:
        """Say what a push means. Raises Unreadable."""
        return events.meaning(inner)

    def acknowledgement(self) -> tuple[bytes, str]:
        """WeChat repeats a push up to three times until it reads this."""
        return b"success", "text/plain"

    def fetch(self, media: Media) -> tuple[bytes, str]:
        """Fetch a temporary file; WeChat keeps it for three days. Raises SendFailed."""
        return self._client.download(media.ref)

    def invitation(self, code: str) -> str:
        """Return the address behind a QR code that binds whoever scans it. Raises SendFailed."""
        if not re.fullmatch(r"[!-~]{2,64}", code):
            raise Refused("code", "a scene holds 2 to 64 ASCII characters")
        wanted = {
            "expire_seconds": _INVITATION_LIFE,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": code}},
        }
        answer = asked(lambda: self._client.qrcode.create(wanted))
        if not isinstance(answer.get("url"), str):
            raise Unsure("unreadable", "the answer holds no address", answer.raw)
        return answer["url"]  # type: ignore[no-any-return]

    def ask_who(self, return_to: str, state: str) -> str:
        """Return WeChat's silent sign-in, which comes back to ``return_to`` with a code."""
        oauth = self._oauth(return_to, state)
        return str(oauth.authorize_url)

    def who(self, code: str) -> str:
        """Return the openid behind a sign-in code. Raises SendFailed."""
        answer = asked(lambda: self._oauth("", "").fetch_access_token(code))
        if answer.get("is_snapshotuser"):
            raise Refused("snapshot", "the page was opened in a preview, not by a WeChat account")
        if not isinstance(answer.get("openid"), str) or not answer["openid"]:
            raise Unsure("unreadable", "the answer names no account")
        return str(answer["openid"])

    def _post(self, path: str, body: bytes) -> Told:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        answer: Told = asked(lambda: self._client.post(path, data=body, headers=headers))
        if answer.get("errcode") != 0:
            raise Unsure("unreadable", "the answer has no errcode", answer.raw)
        return answer

    def _oauth(self, return_to: str, state: str) -> WeChatOAuth:
        secret = self._settings.app_secret.get_secret_value()
        oauth = WeChatOAuth(self._settings.app_id, secret, return_to, "snsapi_base", state)
        oauth.API_BASE_URL = f"{self._settings.api_base}/"
        oauth.OAUTH_BASE_URL = f"{self._settings.oauth_base}/connect/"
        oauth._http = self._http  # its own session would wait for ever
        return oauth
