"""A webhook with a right signature is kept and sealed before anybody understands it."""

import json
from collections.abc import Sequence

from handlers.ports import Element, RawRequest
from storage import inbox
from storage.book import Book, Entry, Part, intake_stream

BYTES = "application/octet-stream"
KEPT_HEADERS = ("content-type", "user-agent", "x-twilio-signature", "i-twilio-idempotency-token")


def take_in(
    book: Book, channel: str, account: str, elements: Sequence[Element], request: RawRequest, actor: str
) -> int:
    """Keep and seal each element once; return how many were new. A repeat is only counted."""
    return sum(_take(book, channel, account, element, request, actor) for element in elements)


def _take(book: Book, channel: str, account: str, element: Element, request: RawRequest, actor: str) -> bool:
    record_id = book.ids.uuid()
    row = {
        "id": book.ids.uuid(),
        "channel": channel,
        "account": account,
        "event_key": book.keys.blind("event", element.key),  # an openid stands in many a key
        "state": "new",
        "received_at": book.now,
        "look_at": book.now,
        "record_id": record_id,
    }
    if not inbox.take_in(book.connection, row):
        inbox.count(book.connection, f"webhook_repeated/{channel}/{account}")
        return False
    parts = {"raw": Part(request.body, BYTES), "headers": Part(_headers(request))}
    if element.inner != request.body:
        parts["inner"] = Part(element.inner, BYTES)
    stream = intake_stream(channel, account, book.now)
    entry = Entry(
        "intake.received", stream, actor, parts=parts, channel=f"{channel}/{account}", assurance="C1"
    )
    book.add(entry, record_id)
    return True


def _headers(request: RawRequest) -> bytes:
    kept = {name: request.headers[name] for name in KEPT_HEADERS if name in request.headers}
    return json.dumps(
        {"method": request.method, "target": request.target, "headers": kept},
        ensure_ascii=False,
        sort_keys=True,
    ).encode()
