"""What the platform remembers between calls: keys already used, reply windows, codes and QR codes."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.wechat_oa.errors import Refusal
from sandbox.wechat_oa.tokens import Tokens

KEY_LIFE = timedelta(minutes=10)
CODE_LIFE = timedelta(minutes=5)


@dataclass(frozen=True)
class QrCode:
    """A parametric QR code; `until` is None for a permanent one."""

    ticket: str
    scene: str
    url: str
    until: datetime | None


@dataclass
class Window:
    """A right to so many customer-service messages until a moment."""

    until: datetime
    left: int


@dataclass
class OAuthCode:
    """A code that a browser carried back; it can be exchanged once."""

    openid: str
    until: datetime
    used: bool = False


@dataclass
class Memory:
    """The state of one official account; whoever uses it holds the world's lock."""

    tokens: Tokens
    sent: dict[tuple[str, str], tuple[int, datetime]] = field(default_factory=dict)
    windows: dict[str, list[Window]] = field(default_factory=dict)
    codes: dict[str, OAuthCode] = field(default_factory=dict)
    qr_codes: dict[str, QrCode] = field(default_factory=dict)
    faults: list[int] = field(default_factory=list)  # error codes for the next calls
    last_id: int = field(default_factory=lambda: 3_487_542_469_355_618_313 + secrets.randbits(48))

    def next_id(self) -> int:
        """Return an id above 2**53, so that a reader who rounds it is found out."""
        self.last_id += 1 + secrets.randbelow(1000)
        return self.last_id

    def recall(self, openid: str, key: str, now: datetime) -> int | None:
        """Return the msgid that this client_msg_id was answered with in the last ten minutes."""
        msgid, at = self.sent.get((openid, key), (0, now - KEY_LIFE * 2))
        return msgid if key and now - at < KEY_LIFE else None

    def open_window(self, openid: str, until: datetime, count: int, anew: bool = False) -> None:
        """Grant customer-service messages; a person's own message starts the count anew."""
        kept = [] if anew else self.windows.get(openid, [])
        self.windows[openid] = [*kept, Window(until, count)]

    def use_window(self, openid: str, now: datetime) -> None:
        """Take one message off an open window, or refuse: none open 45015, all used up 45047."""
        live = [one for one in self.windows.get(openid, []) if one.until > now]
        if not live:
            raise Refusal(45015)
        window = next((one for one in live if one.left > 0), None)
        if window is None:
            raise Refusal(45047)
        window.left -= 1

    def exchange(self, code: str, now: datetime) -> str:
        """Return the openid behind an OAuth code and use the code up."""
        known = self.codes.get(code)
        if known is None:
            raise Refusal(40029)
        if known.used:
            raise Refusal(40163)
        if known.until <= now:
            raise Refusal(42003)
        known.used = True
        return known.openid
