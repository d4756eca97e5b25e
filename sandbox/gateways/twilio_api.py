"""Twilio's REST API for messages: create, list, fetch, media; HTTP Basic with the account's token."""

import hmac
import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from sandbox.gateways.twilio_sending import create
from sandbox.sms_twilio.errors import Refusal
from sandbox.world import here

api = Blueprint("twilio_api", __name__, url_prefix="/2010-04-01/Accounts/<account>")
USUAL_PAGE = 50
LARGEST_PAGE = 1000
FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")


@api.errorhandler(Refusal)
def refuse(refusal: Refusal) -> tuple[Response, int]:
    """Answer an error the way Twilio's API does."""
    more = f"https://www.twilio.com/docs/errors/{refusal.code}"
    body = {"code": refusal.code, "message": refusal.words, "more_info": more, "status": refusal.status}
    return jsonify(body), refusal.status


def authenticated(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let only the account's own SID and token pass."""

    @wraps(view)
    def guarded(account: str, **rest: str) -> Any:
        settings, who = here().settings, request.authorization
        given = f"{who.username}:{who.password}" if who and who.type == "basic" else ""
        wanted = f"{settings.twilio_sid}:{settings.twilio_token}"
        if account != settings.twilio_sid or not hmac.compare_digest(given.encode(), wanted.encode()):
            raise Refusal(20003)
        return view(**rest)

    return guarded


@api.post("/Messages.json")
@authenticated
def create_message() -> Response:
    """Take a message."""
    return create(here(), request.form)


@api.get("/Messages.json")
@authenticated
def list_messages() -> Response:
    """List the log, newest first, in pages."""
    world, asked = here(), request.args
    if world.settings.blind:
        raise Refusal(20404, request.path)
    wanted = {name: asked[name] for name in FILTERS if asked.get(name)}
    size, page = _whole(asked.get("PageSize"), USUAL_PAGE, LARGEST_PAGE), _whole(asked.get("Page"), 0, 10**9)
    try:
        with world.lock:
            known = (one for one in world.twilio.matching(wanted) if one.listed_at <= time.monotonic())
            found = [message.as_json() for message in known]
    except ValueError as wrong:
        raise Refusal(20001, str(wrong)) from wrong
    return jsonify(_page(found, wanted, max(size, 1), page))


@api.get("/Messages/<sid>.json")
@authenticated
def fetch_message(sid: str) -> Response:
    """Show one message."""
    world = here()
    with world.lock:
        message = world.twilio.get(sid)
        if message is None:
            raise Refusal(20404, request.path)
        return jsonify(message.as_json())


@api.get("/Messages/<sid>/Media/<media>")
@authenticated
def fetch_media(sid: str, media: str) -> Response:
    """Hand out the bytes of a picture that belongs to this message."""
    world = here()
    message, picture = world.twilio.get(sid), world.pictures.get(media)
    if message is None or picture is None or media not in message.media:
        raise Refusal(20404, request.path)
    return Response(picture.content, mimetype=picture.kind)


def _whole(text: str | None, default: int, most: int) -> int:
    return min(int(text), most) if text and text.isdigit() else default


def _page(found: list[dict[str, Any]], wanted: dict[str, str], size: int, page: int) -> dict[str, Any]:
    start = page * size
    shown = found[start : start + size]

    def uri(number: int) -> str:
        return f"{request.path}?{urlencode(wanted | {'PageSize': str(size), 'Page': str(number)})}"

    return {
        "messages": shown,
        "page": page,
        "page_size": size,
        "start": start,
        "end": start + max(len(shown) - 1, 0),
        "uri": uri(page),
        "first_page_uri": uri(0),
        "previous_page_uri": uri(page - 1) if page else None,
        "next_page_uri": uri(page + 1) if start + size < len(found) else None,
    }
