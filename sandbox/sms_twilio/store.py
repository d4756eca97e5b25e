"""The message log of the pretend Twilio account, in the shape that its API shows."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from sandbox.sms_twilio.segments import segments

MOVED = ("sent", "delivered", "undelivered", "received")


@dataclass
class Message:
    """One message; whoever changes it holds the world's lock."""

    sid: str
    account: str
    sender: str
    to: str
    body: str
    created: datetime
    direction: str = "outbound-api"
    status: str = "queued"
    updated: datetime | None = None
    sent: datetime | None = None
    error: int | None = None
    callback: str = ""  # as registered, fragment and all
    media: list[str] = field(default_factory=list)  # ids in the picture store
    listed_at: float = 0.0  # monotonic seconds from which the log shows it

    def advance(self, status: str, now: datetime, error: int | None = None) -> None:
        """Move to a new status; the sending date is set by the first one that left the queue."""
        self.status, self.updated, self.error = status, now, error
        if self.sent is None and status in MOVED:
            self.sent = now

    def as_json(self) -> dict[str, Any]:
        """Return the resource as the API shows it."""
        uri = f"/2010-04-01/Accounts/{self.account}/Messages/{self.sid}"
        return {
            "account_sid": self.account,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": _rfc2822(self.created),
            "date_sent": _rfc2822(self.sent),
            "date_updated": _rfc2822(self.updated or self.created),
            "direction": self.direction,
            "error_code": self.error,
            "error_message": None,
            "from": self.sender,
            "messaging_service_sid": None,
            "num_media": str(len(self.media)),
            "num_segments": str(segments(self.body)),
            "price": None,
            "price_unit": "USD",
            "sid": self.sid,
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "tags": None,
            "to": self.to,
            "uri": f"{uri}.json",
        }


class MessageStore:
    """All messages of the account, newest first when listed; whoever uses it holds the world's lock."""

    def __init__(self) -> None:
        self._all: dict[str, Message] = {}

    def add(self, message: Message) -> None:
        """Keep a message."""
        self._all[message.sid] = message

    def get(self, sid: str) -> Message | None:
        """Return the message with this SID, or None."""
        return self._all.get(sid)

    def matching(self, wanted: Mapping[str, str]) -> list[Message]:
        """Return the messages that the filters To, From and DateSent (with < or >) let through.

        A message that has not been sent yet has no sending date, so a date filter leaves it out.
        A date that is none raises ValueError.
        """
        dates = {name: _moment(value) for name, value in wanted.items() if name.startswith("DateSent")}
        return [message for message in reversed(self._all.values()) if _matches(message, wanted, dates)]


def new_sid(prefix: str) -> str:
    """Return a SID of the given kind: SM, MM, ME."""
    return prefix + secrets.token_hex(16)


def _matches(message: Message, wanted: Mapping[str, str], dates: Mapping[str, datetime]) -> bool:
    if wanted.get("To", message.to) != message.to or wanted.get("From", message.sender) != message.sender:
        return False
    return all(message.sent and _dated(message.sent, name, moment) for name, moment in dates.items())


def _moment(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _dated(sent: datetime, name: str, moment: datetime) -> bool:
    at = sent.replace(microsecond=0)  # the log keeps whole seconds
    if name == "DateSent":
        return at.date() == moment.date()
    return at >= moment if name == "DateSent>" else at <= moment


def _rfc2822(moment: datetime | None) -> str | None:
    return format_datetime(moment) if moment else None
