"""How fast an account may send, which of several accounts is preferred, and when a quota begins anew."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Pace:
    """What a vendor lets one account send; None means without limit.

    ``burst`` is how many may leave at once; by default what two seconds bring,
    since a worker looks every two seconds. ``per_day`` begins anew at midnight
    in ``day_zone``. ``weight`` is the account's share among accounts that may
    serve the same address; 0 makes it a spare.
    """

    weight: int = 1
    per_second: float | None = None
    burst: int | None = None
    per_day: int | None = None
    day_zone: str = "Asia/Shanghai"

    @property
    def capacity(self) -> int:
        """How many messages may leave at once when none has left for a while."""
        return self.burst or max(1, round(2 * (self.per_second or 0)))


def in_turn(weights: Mapping[str, int], draw: int) -> list[str]:
    """Return every account, the one to rest on first, then those to move to while it is closed.

    The same ``draw`` (a whole number spread evenly, such as a hash) gives the
    same order for ever, so that a message returns to its resting point; over
    many draws each account comes first as often as its weight says. Spares
    (weight 0) come last.
    """
    left, order = {name: weights[name] for name in sorted(weights)}, list[str]()
    while total := sum(left.values()):
        draw, spot = divmod(draw, total)
        for name, weight in left.items():
            if spot < weight:
                order.append(name)
                break
            spot -= weight
        del left[order[-1]]
    return order + list(left)


def hour_of(now: datetime) -> tuple[datetime, datetime]:
    """Return the beginning and the end of the running clock hour."""
    begins = now.replace(minute=0, second=0, microsecond=0)
    return begins, begins + timedelta(hours=1)


def day_of(now: datetime, zone: str) -> tuple[datetime, datetime]:
    """Return the beginning and the end of the running day in a zone, in UTC."""
    local = now.astimezone(ZoneInfo(zone))
    begins = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return begins.astimezone(UTC), (begins + timedelta(days=1)).astimezone(UTC)
