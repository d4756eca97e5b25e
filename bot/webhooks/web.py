"""/hooks/<channel>/<account>: signature first, then kept and sealed, then answered; understood later."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from bot.webhooks.queue import IntakeQueue
from handlers.desk import Desk
from handlers.ports import Channel, Forged, RawRequest
from handlers.take_in import take_in
from storage import inbox
from storage.book import Book
from storage.log import LogHalted

log = structlog.get_logger(__name__)

LARGEST = 1024 * 1024  # bytes; the platforms' own limits are far below
ANSWER_WITHIN = 4.5  # seconds; WeChat hangs up after 5


def webhooks(desk: Desk) -> tuple[Blueprint, IntakeQueue]:
    """Return the routes for every configured channel, and the queue behind them."""
    blueprint = Blueprint("webhooks", __name__)
    arrivals = IntakeQueue(desk.archive)

    @blueprint.route("/hooks/<name>/<account>", methods=["GET", "POST"], defaults={"rest": ""})
    @blueprint.route("/hooks/<name>/<account>/<path:rest>", methods=["GET", "POST"])
    def hook(name: str, account: str, rest: str) -> Response:
        channel = desk.channels.get((name, account))
        if channel is None:
            return _plain(404)
        return _guarded(channel, arrivals, lambda: _answer(channel, arrivals))

    # The platform repeats what was not taken: nothing is lost if the log goes on in time.
    blueprint.register_error_handler(LogHalted, lambda _: _plain(500))
    return blueprint, arrivals


def _guarded(channel: Channel, arrivals: IntakeQueue, answer: Callable[[], Response]) -> Response:
    """Turn a forgery into 403 and a counter, and nothing else."""
    try:
        return answer()
    except Forged as forged:
        log.warning("webhook_refused", channel=channel.name, account=channel.account, why=str(forged))
        # Counted through the queue: a flood of forgeries shares its commits.
        arrivals.put(partial(_count, f"webhook_refused/{channel.name}/{channel.account}"), ANSWER_WITHIN)
        return _plain(403)


def _count(name: str, book: Book) -> int:
    inbox.count(book.connection, name)
    return 0


def _answer(channel: Channel, arrivals: IntakeQueue) -> Response:
    request.max_content_length = LARGEST
    try:
        raw = raw_request(request.environ, request.get_data(cache=False))
    except RequestEntityTooLarge:
        return _plain(413)
    if raw.method == "GET":
        return Response(channel.greet(raw), mimetype="text/plain")
    elements = channel.authenticate(raw)
    source = f"gateway:{channel.name}/{channel.account}"
    arrivals.put(
        lambda book: take_in(book, channel.name, channel.account, elements, raw, source), ANSWER_WITHIN
    )
    body, content_type = channel.acknowledgement()
    return Response(body, content_type=content_type)


def raw_request(environ: dict[str, Any], body: bytes) -> RawRequest:
    """Return a request as it stood on the wire: the target is never decoded, signatures cover it."""
    target = str(environ.get("RAW_URI") or environ.get("REQUEST_URI") or "")
    if not target:
        raise Forged("the web server hides the raw target: use waitress or gunicorn")
    headers = {
        key[5:].replace("_", "-").lower(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    headers["content-type"] = str(environ.get("CONTENT_TYPE", ""))
    _, _, query = target.partition("?")
    return RawRequest(
        method=str(environ["REQUEST_METHOD"]),
        target=target,
        headers=headers,
        body=body,
        query=dict(parse_qsl(query, keep_blank_values=True)),
    )


def _plain(status: int) -> Response:
    return Response(b"", status=status, mimetype="text/plain")
