"""What others saw of the log: a bundle's anchors, and between which of their times a record was written."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.log import base, place


@dataclass(frozen=True)
class Anchor:
    """One ``anchor.received``: where it stands, over which size of which epoch, and what time it claims."""

    record: str
    position: int
    kind: str
    service: str
    epoch: int
    size: int
    time: datetime | None
    note: bytes
    token: bytes

    @property
    def covers(self) -> int:
        """The position up to which (exclusive) the log was seen."""
        return base(self.epoch) + self.size

    @property
    def index(self) -> int:
        """Its index in its epoch's tree."""
        return place(self.position)[1]


@dataclass(frozen=True)
class Times:
    """The time sandwich of a record: not before, not after; by others' clocks only (evidence-format §2.2)."""

    after: datetime | None
    before: datetime | None


class Sandwich:
    """Finds the times of many records; anchors whose time nobody could read tell nothing."""

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        timed = [(one, one.time) for one in anchors if one.time is not None]
        self._below = sorted((one.position, time) for one, time in timed)
        self._above = sorted((one.covers, time) for one, time in timed)

    def times(self, position: int) -> Times:
        """Return between which times the record at this position was written."""
        below = bisect_left(self._below, position, key=lambda pair: pair[0])
        above = bisect_left(self._above, position + 1, key=lambda pair: pair[0])
        after = self._below[below - 1][1] if below else None
        return Times(after, self._above[above][1] if above < len(self._above) else None)


def read_anchor(
    record: str, position: int, told: Mapping[str, Any], epochs: Mapping[str, int], parts: Mapping[str, bytes]
) -> Anchor | None:
    """Return an anchor from what its record tells; None for one that somebody else has written into."""
    try:
        time = datetime.fromisoformat(told["time"]) if told["time"] else None
        return Anchor(
            record=record, position=position, kind=str(told["kind"]), service=str(told["service"]),
            epoch=epochs[told["origin"]], size=int(told["size"]), time=time,
            note=parts["note"], token=parts["token"],
        )  # fmt: skip
    except (KeyError, ValueError, TypeError):
        return None
