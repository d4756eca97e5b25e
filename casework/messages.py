"""What passes between a firm and an injured employee, and how far the telling is proved."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """One proof state (docs/evidence-format.md §3.2). They are never merged."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    DISPLAYED = "displayed"
    READ = "read"
    REPLIED = "replied"
    REJECTED_TEMP = "rejected_temp"
    REJECTED_PERM = "rejected_perm"
    REFUSED = "refused"
    RETURNED = "returned"
    LOCKER = "locker"
    UNKNOWN = "unknown"


POSITIVE = (
    Outcome.SUBMITTED,
    Outcome.ACCEPTED,
    Outcome.SENT,
    Outcome.DELIVERED,
    Outcome.DISPLAYED,
    Outcome.READ,
    Outcome.REPLIED,
)
NEGATIVE = (
    Outcome.UNKNOWN,
    Outcome.REJECTED_TEMP,
    Outcome.LOCKER,
    Outcome.REJECTED_PERM,
    Outcome.RETURNED,
    Outcome.REFUSED,
)


class Meaning(StrEnum):
    """What a reply seems to say; proposed by rules, confirmed only by a person."""

    RECEIVED = "received"  # 收到
    AGREED = "agreed"  # 同意
    DECLINED = "declined"  # 拒绝
    EXTENSION = "extension"  # 要求延期
    RETURNED = "returned"  # 已返岗
    HELP = "help"  # 求助
    AUTOMATIC = "automatic"  # 自动回复
    UNCLEAR = "unclear"  # 不明


@dataclass(frozen=True)
class Standing:
    """How far a delivery has come: the best and the worst that was reported.

    Both are maxima over fixed orders, so reports may come in any order and any
    number of times and the standing stays the same.
    """

    best: Outcome | None = None
    worst: Outcome | None = None

    @property
    def conflict(self) -> bool:
        """Whether one report says it arrived and another that it did not."""
        arrived = self.best is not None and _rank(POSITIVE, self.best) >= _rank(POSITIVE, Outcome.DELIVERED)
        failed = self.worst in (Outcome.REJECTED_PERM, Outcome.RETURNED, Outcome.REFUSED)
        return arrived and failed

    def at_least(self, outcome: Outcome) -> bool:
        """Whether the best report is this outcome or beyond it."""
        return self.best is not None and _rank(POSITIVE, self.best) >= _rank(POSITIVE, outcome)


def fold(outcomes: Iterable[Outcome]) -> Standing:
    """Fold reports into a standing, whatever their order and repetition."""
    seen = set(outcomes)
    return Standing(best=_highest(POSITIVE, seen), worst=_highest(NEGATIVE, seen))


@dataclass(frozen=True)
class Notice:
    """What must be told to one employee in one case."""

    id: str
    case_id: str
    kind: str
    title: str
    lines: tuple[str, ...]
    composed_at: datetime
    record_code: str = ""


@dataclass(frozen=True)
class Receipt:
    """What a gateway says about one delivery.

    ``client_ref`` is our own reference if the gateway repeats it, ``provider_id``
    the gateway's. ``event_key`` makes the report unique within its channel.
    ``said`` keeps the gateway's own word.
    """

    event_key: str
    outcome: Outcome
    said: str
    at: datetime | None = None
    client_ref: str | None = None
    provider_id: str | None = None


@dataclass(frozen=True)
class Media:
    """Something that came with a reply and must be fetched from the gateway."""

    ref: str
    media_type: str


@dataclass(frozen=True)
class Reply:
    """What an employee wrote, said or sent back, before anybody interprets it."""

    external_key: str
    address: str
    text: str
    at: datetime | None = None
    media: tuple[Media, ...] = ()
    opt_out: bool = False


@dataclass(frozen=True)
class Bound:
    """Somebody scanned a one-time code: this address answers to that code."""

    external_key: str
    address: str
    code: str
    at: datetime | None = None


@dataclass(frozen=True)
class Unbound:
    """This address no longer takes messages (unsubscribed, opted out)."""

    external_key: str
    address: str
    at: datetime | None = None


@dataclass(frozen=True)
class Noted:
    """A valid event that changes nothing but is kept (a menu view, a new type)."""

    external_key: str
    said: str
    at: datetime | None = None


Event = Receipt | Reply | Bound | Unbound | Noted


def _rank(order: tuple[Outcome, ...], outcome: Outcome) -> int:
    return order.index(outcome)


def _highest(order: tuple[Outcome, ...], seen: set[Outcome]) -> Outcome | None:
    return next((outcome for outcome in reversed(order) if outcome in seen), None)
