"""The settings of how fast messages may leave: the same for every account, and for a person."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from bot.config import Sending, Strict
from casework.pace import Pace
from handlers.ports import Channel
from handlers.throttle import Account, Limits


class Pacing(Strict):
    """Keys that every table [channels.<name>.<account>] may hold; what is left out is the channel's own."""

    weight: int | None = Field(
        None, ge=0, le=1000, examples=[1],
        description="Share of this account where several may serve one address; 0: only as a spare.",
    )  # fmt: skip
    per_second: float | None = Field(
        None, gt=0, le=10_000, examples=[10.0],
        description="Messages a second; without it as docs/throttles.md says of this channel.",
    )  # fmt: skip
    burst: int | None = Field(
        None, ge=1, le=100_000, examples=[20],
        description="Messages that may leave at once; by default what two seconds bring.",
    )  # fmt: skip
    per_day: int | None = Field(
        None, ge=1, le=100_000_000, examples=[100_000], description="Messages a day, the vendor's quota."
    )
    day_zone: str | None = Field(
        None, examples=["Asia/Shanghai"], description="Time zone in which that day begins."
    )

    @field_validator("day_zone")
    @classmethod
    def _zone_known(cls, zone: str | None) -> str | None:
        try:
            return zone and str(ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("is not a time zone: write for example Asia/Shanghai or UTC") from None

    @model_validator(mode="after")
    def _burst_of_a_rate(self) -> Self:
        if self.burst is not None and self.per_second is None:
            raise ValueError("sets burst without per_second: set both, or leave burst out")
        return self


def split(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a channel's own settings must understand, and what is the same for all."""
    shared = {key: value for key, value in table.items() if key in Pacing.model_fields}
    return {key: value for key, value in table.items() if key not in shared}, shared


def limits_of(
    channels: Mapping[Account, Channel],
    tables: Mapping[str, Mapping[str, Mapping[str, Any]]],
    sending: Sending,
) -> Limits:
    """Return how much may leave: each channel's own pace, overlaid with the account's settings."""
    paces = {}
    for (name, account), channel in channels.items():
        given = Pacing.model_validate(split(tables[name][account])[1])
        own: Pace = channel.capabilities.pace
        paces[name, account] = replace(own, **given.model_dump(exclude_none=True))
    return Limits(paces, sending.person_hour or None, sending.person_day or None)
