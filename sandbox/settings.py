"""What the pretend gateways must know: where the application lives and which credentials it was given."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Template:
    """A WeChat template of the account: its field names with the labels that the phone shows.

    No fields at all means that whatever is sent is shown, still held to the field rules.
    """

    id: str
    title: str
    fields: Mapping[str, str] = field(default_factory=dict)


NOTICE = Template("TPL_NOTICE", "返岗提醒", {"thing1": "提醒事项", "time2": "时间", "phrase3": "状态"})


@dataclass(frozen=True)
class Settings:
    """One WeChat account, one Twilio account, one application behind them; the defaults are invented."""

    web_url: str  # base of the application, e.g. http://127.0.0.1:8460
    port: int = 8461  # 0 takes any free port
    host: str = "127.0.0.1"
    wechat_account: str = "main"
    wechat_name: str = "人力资源服务号"  # what the phone shows on top of the chat
    wechat_app_id: str = "wx00000000000000aa"
    wechat_secret: str = "sandboxsecret0000000000000000aa"
    wechat_token: str = "SandboxToken1"
    wechat_aes_key: str = "hz0Kat1Kat2Kat3Kat4Kat5Kat6Kat7Kat8Kat9KatA"
    wechat_gh_id: str = "gh_sandbox0001"
    wechat_templates: tuple[Template, ...] = (NOTICE,)
    sms_account: str = "hk"
    twilio_sid: str = "AC0123456789abcdef0123456789abcdef"
    twilio_token: str = "8f0a7c31d2b94e56a1c3e5f708192a3b"
    twilio_number: str = "+15005550006"
    twilio_inbound_url: str | None = None  # None: the account's usual address, asking for five retries
    twilio_verified: tuple[str, ...] | None = None  # a trial account may write to these numbers only
    data: Path | None = None  # JSONL of what was really accepted
    time_url: str | None = None  # answers {"now": "…Z"}: business time; None: real time and the next line
    ahead_seconds: float = 0.0  # how far business time is ahead of real time where nobody is asked
    blind: bool = False  # no key is honoured and the log of messages cannot be asked
    hold_seconds: float = 30.0  # how long fate 5 lets the client wait
    lag_seconds: float = 3.0  # how long an unlisted message stays out of the log
    pace_seconds: float = 0.05  # real time between two steps of one message
    retry_seconds: float = 1.0  # real time between two tries of one callback

    @property
    def wechat_hook(self) -> str:
        """The address that WeChat calls back."""
        return f"{self.web_url.rstrip('/')}/hooks/wechat_oa/{self.wechat_account}"

    @property
    def twilio_inbound(self) -> str:
        """The address configured for messages that people send to our number."""
        usual = f"{self.web_url.rstrip('/')}/hooks/sms_twilio/{self.sms_account}/inbound#rc=5&rp=all"
        return self.twilio_inbound_url or usual


def from_mapping(given: Mapping[str, Any]) -> Settings:
    """Make settings of plain values, as they come from JSON or from a command line."""
    unknown = set(given) - {each.name for each in fields(Settings)}
    if unknown:
        raise ValueError(f"unknown setting: {', '.join(sorted(unknown))}")
    if "web_url" not in given:
        raise ValueError("web_url is missing: give the base address of the application")
    return Settings(**{name: _typed(name, value) for name, value in given.items()})


def _typed(name: str, value: Any) -> Any:
    if name == "data" and value is not None:
        return Path(value)
    if name == "wechat_templates":
        return tuple(Template(**each) for each in value)
    if name == "twilio_verified" and value is not None:
        return tuple(value)
    return value
