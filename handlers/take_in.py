"""A webhook with a right signature is kept and sealed before anybody understands it."""

import json
from collections.abc import Sequence
from datetime import datetime

from handlers.ports import Element, RawRequest
from storage import inbox
from storage.book import Book, Entry, Part, intake_stream
from storage.rows import timestamp

BYTES = "application/octet-stream"
KEPT_HEADERS = ("content-type", "user-agent", "x-twilio-signature", "i-twilio-idempotency-token")


def take_in(
    book: Book, channel: str, account: str, elements: Sequence[Element], request: RawRequest, actor: str,
    arrived_at: datetime | None = None,
) -> int:  # fmt: skip
    """Keep and seal each element once; return how many were new. A repeat is only counted.

    ``arrived_at`` (business time) is said where the webhook had to wait for the
    database; otherwise it arrives now.
    """
    return sum(_take(book, channel, account, element, request, actor, arrived_at) for element in elements)


def _take(
    book: Book, channel: str, account: str, element: Element, request: RawRequest, actor: str,
    arrived_at: datetime | None,
) -> bool:  # fmt: skip
    record_id = book.ids.uuid()
    row = {
        "id": book.ids.uuid(),
        "channel": channel,
        "account": account,
        "event_key": book.keys.blind("event", element.key),  # an openid stands in many a key
        "state": "new",
        "received_at": arrived_at or book.now,
        "look_at": book.now,
        "spoken": element.spoken,
        "record_id": record_id,
    }
    if not inbox.take_in(book.connection, row):
        inbox.count(book.connection, f"webhook_repeated/{channel}/{account}")
        return False
    entry = Entry(
        "intake.received", intake_stream(channel, account, book.now), actor,
        told=_waited(arrived_at), parts=_parts(element, request),
        channel=f"{channel}/{account}", assurance="C1", src_at=arrived_at,
    )  # fmt: skip
    book.add(entry, record_id)
    return True


def _waited(arrived_at: datetime | None) -> dict[str, str]:
    """Say in the record why it was sealed later than it came."""
    if arrived_at is None:
        return {}
    return {"arrived_at": timestamp(arrived_at), "why": "当时数据库繁忙或不可用，到达时先保存，随后补录"}


def _parts(element: Element, request: RawRequest) -> dict[str, Part]:
    parts = {"raw": Part(request.body, BYTES), "headers": Part(_headers(request))}
    if element.inner != request.body:
        parts["inner"] = Part(element.inner, BYTES)
    return parts


def _headers(request: RawRequest) -> bytes:
    kept = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
    return json.dumps(
        {"method": request.method, "target": request.target, "headers": kept},
        ensure_ascii=False,
        sort_keys=True,
    ).encode()
