"""/hooks/<channel>/<account>: signature first, then kept and sealed, then answered; understood later."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from bot.webhooks.spool import Intake
from handlers.desk import Desk
from handlers.ports import Channel, Clock, Forged, RawRequest
from handlers.spooled import Arrival
from storage.log import LogHalted
from storage.spool import SpoolFault

log = structlog.get_logger(__name__)

LARGEST = 1024 * 1024  # bytes; the platforms' own limits are far below


def webhooks(desk: Desk, intake: Intake) -> Blueprint:
    """Return the routes for every configured channel."""
    blueprint = Blueprint("webhooks", __name__)

    @blueprint.route("/hooks/<name>/<account>", methods=["GET", "POST"], defaults={"rest": ""})
    @blueprint.route("/hooks/<name>/<account>/<path:rest>", methods=["GET", "POST"])
    def hook(name: str, account: str, rest: str) -> Response:
        channel = desk.channels.get((name, account))
        if channel is None:
            return _plain(404)
        return _guarded(channel, intake, lambda: _answer(channel, intake, desk.archive.clock))

    # The platform repeats what was not taken: nothing is lost if the log or the disk mends in time.
    for fault in (LogHalted, SpoolFault):
        blueprint.register_error_handler(fault, _not_taken)
    return blueprint


def _not_taken(fault: Exception) -> Response:
    log.error("webhook_not_taken", why=str(fault))
    return _plain(500)


def _guarded(channel: Channel, intake: Intake, answer: Callable[[], Response]) -> Response:
    """Turn a forgery into 403 and a counter, and nothing else."""
    try:
        return answer()
    except Forged as forged:
        log.warning("webhook_refused", channel=channel.name, account=channel.account, why=str(forged))
        # Counted through the queue: a flood of forgeries shares its commits.
        intake.count(f"webhook_refused/{channel.name}/{channel.account}")
        return _plain(403)


def _answer(channel: Channel, intake: Intake, clock: Clock) -> Response:
    request.max_content_length = LARGEST
    try:
        raw = raw_request(request.environ, request.get_data(cache=False))
    except RequestEntityTooLarge:
        return _plain(413)
    if raw.method == "GET":
        return Response(channel.greet(raw), mimetype="text/plain")
    elements = channel.authenticate(raw)
    intake.take(Arrival(channel.name, channel.account, elements, raw, clock.real()))
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
