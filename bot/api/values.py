"""The kinds of value that requests and answers are made of."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from storage.clock import to_ms
from storage.rows import timestamp

_YEARS = range(1950, 2200)


class Given(BaseModel):
    """What a caller sends: a field that we do not know is a mistake of the caller, and said so."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Told(BaseModel):
    """What we answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _is_text(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("send a date and time as text, e.g. 2026-11-20T08:30:00+08:00")
    return value


def _plausible(moment: datetime) -> datetime:
    if moment.year not in _YEARS:
        raise ValueError(f"the year must lie between {_YEARS[0]} and {_YEARS[-1]}")
    return to_ms(moment.astimezone(UTC))


def _text(value: str) -> str:
    """Refuse what cannot be stored or read aloud: control characters, lone halves of a pair."""
    if any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t" for one in value):
        raise ValueError("control characters are not allowed")
    return unicodedata.normalize("NFC", value)


def _line(value: str) -> str:
    if "\n" in value or "\t" in value:
        raise ValueError("must be one line")
    return value


def _name_in_address(value: str) -> str:
    if value in (".", "..") or any(one.isspace() or one in "/\\?#%" for one in value):
        raise ValueError("must hold no space and none of / \\ ? # %, since it stands in addresses")
    return value


# A moment is RFC 3339: with any offset when it comes in, UTC with milliseconds when it goes out.
_WRITTEN = WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-20T00:30:00.000Z"]})
Moment = Annotated[AwareDatetime, PlainSerializer(timestamp, return_type=str), _WRITTEN]
GivenMoment = Annotated[Moment, BeforeValidator(_is_text), AfterValidator(_plausible)]
Text = Annotated[str, AfterValidator(_text)]
Line = Annotated[Text, StringConstraints(strip_whitespace=True), AfterValidator(_line)]
# A number given by people (staff number, case number) that also stands in an address.
Number = Annotated[Line, StringConstraints(min_length=1, max_length=60), AfterValidator(_name_in_address)]
