"""Pages of a list: a cursor says after which item the next page begins, so that new items shift nothing."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import Field

from bot.api.problems import Problem
from bot.api.values import Given, Line

LONGEST = 200
_LARGEST = 2**53 - 1
_Item = TypeVar("_Item")

Next = Annotated[
    str | None,
    Field(description="下一页的游标；没有下一页时为 null", examples=["WyJlbXBsb3llZXMiLCJHMDAxNyJd"]),
]


class Paged(Given):
    """Which page of a list is asked for."""

    cursor: Line | None = Field(default=None, max_length=400, description="上一页回答里的 next；第一页不填")
    limit: int = Field(default=50, ge=1, le=LONGEST, description="一页最多几条", examples=[50])


def make_cursor(kind: str, place: Sequence[str | int]) -> str:
    """Return the cursor of a place in one kind of list."""
    return urlsafe_b64encode(json.dumps([kind, *place]).encode()).decode().rstrip("=")


def read_cursor(kind: str, cursor: str | None, first: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the place of a cursor, ``first`` when there is none. Raises Problem for one that is not ours."""
    if cursor is None:
        return first
    try:
        found_kind, *place = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise _unusable() from error
    if found_kind != kind or len(place) != len(first):
        raise _unusable()
    if not all(_fits(one, like) for one, like in zip(place, first, strict=True)):
        raise _unusable()
    return tuple(place)


def page_of(
    kind: str, found: Sequence[_Item], limit: int, place_of: Callable[[_Item], Sequence[str | int]]
) -> tuple[Sequence[_Item], str | None]:
    """Return a page and its next cursor; ``found`` holds one item more than a page, if there is one."""
    if len(found) <= limit:
        return found, None
    return found[:limit], make_cursor(kind, place_of(found[limit - 1]))


def _fits(one: object, like: object) -> bool:
    if type(one) is not type(like):
        return False
    return one.isprintable() if isinstance(one, str) else isinstance(one, int) and 0 <= one <= _LARGEST


def _unusable() -> Problem:
    return Problem(
        "cursor-unusable", "send `next` of the page before, unchanged, to the same address", "cursor"
    )
