"""A webhook that came while the database was away: packed for the disk, and taken in later."""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.ports import Element, RawRequest
from handlers.take_in import KEPT_HEADERS, take_in
from storage.book import Book

PROMPT = timedelta(milliseconds=500)  # what is sealed within that came when it was sealed


@dataclass(frozen=True)
class Arrival:
    """A webhook with a right signature; ``at`` is real time, since business time is the database's to say."""

    channel: str
    account: str
    elements: Sequence[Element]
    request: RawRequest
    at: datetime


def take_arrival(book: Book, arrival: Arrival) -> int:
    """Keep and seal an arrival; return how many of its elements were new.

    One that waited, on disk or for a busy database, keeps its true time.
    """
    waited = book.clock.real() - arrival.at
    actor = f"gateway:{arrival.channel}/{arrival.account}"
    return take_in(
        book, arrival.channel, arrival.account, arrival.elements, arrival.request, actor,
        book.now - waited if waited > PROMPT else None,
    )  # fmt: skip


def pack(arrival: Arrival) -> bytes:
    """Write an arrival down for the disk, with no header that would not be sealed."""
    request = arrival.request
    headers = {name: value for name, value in request.headers.items() if name in KEPT_HEADERS}
    return json.dumps({
        "v": 1, "channel": arrival.channel, "account": arrival.account, "at": arrival.at.isoformat(),
        "method": request.method, "target": request.target, "headers": headers, "body": _text(request.body),
        "elements": [[one.key, _text(one.inner)] for one in arrival.elements],
    }).encode()  # fmt: skip


def unpack(packed: bytes) -> Arrival:
    """Read an arrival back. Raises ValueError when it is none of ours."""
    try:
        held = json.loads(packed)
        if held["v"] != 1:
            raise ValueError(f"version {held['v']} of a spooled webhook is not known")
        request = RawRequest(held["method"], held["target"], held["headers"], b64decode(held["body"]))
        elements = [Element(key, b64decode(inner)) for key, inner in held["elements"]]
        at = datetime.fromisoformat(held["at"])
        return Arrival(held["channel"], held["account"], elements, request, at)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no spooled webhook") from error


def _text(data: bytes) -> str:
    return b64encode(data).decode("ascii")
