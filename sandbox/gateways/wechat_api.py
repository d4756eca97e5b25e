"""The platform's server-side API: tokens, template and customer-service messages, media."""

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox.gateways.wechat_sending import send_custom, send_template
from sandbox.wechat_oa.errors import WORDS, Refusal
from sandbox.world import World, here

api = Blueprint("wechat_api", __name__)
MEDIA_DAYS = 3
View = Callable[..., Response]


@api.errorhandler(Refusal)
def refuse(refusal: Refusal) -> Response:
    """Answer a refusal the platform's way: HTTP 200, a code, and words that end in a request id."""
    rid = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
    return jsonify(errcode=refusal.code, errmsg=f"{refusal.words} rid: {rid}")


def with_token(view: View) -> View:
    """Let a call pass only with a good access token, and fail it on purpose when a fault is set."""

    @wraps(view)
    def guarded() -> Response:
        world = here()
        world.wechat.tokens.check(request.args.get("access_token"))
        with world.lock:
            fault = world.wechat.faults.pop(0) if world.wechat.faults else None
        if fault is not None:
            raise Refusal(fault, "" if fault in WORDS else "fault set by the sandbox")
        return view()

    return guarded


@api.post("/cgi-bin/stable_token")
def stable_token() -> Response:
    """Issue the stable token."""
    asked = json_object()
    check_client(here(), asked.get("appid"), asked.get("secret"))
    if asked.get("grant_type") != "client_credential":
        raise Refusal(40002)
    token, seconds = here().wechat.tokens.stable(asked.get("force_refresh") is True)
    return jsonify(access_token=token, expires_in=seconds)


@api.get("/cgi-bin/token")
def plain_token() -> Response:
    """Issue a token of the old kind."""
    if request.args.get("grant_type") != "client_credential":
        raise Refusal(40002)
    check_client(here(), request.args.get("appid"), request.args.get("secret"))
    token, seconds = here().wechat.tokens.plain()
    return jsonify(access_token=token, expires_in=seconds)


@api.post("/cgi-bin/message/template/send")
@with_token
def template_send() -> Response:
    """Take a template message."""
    return send_template(here(), json_object())


@api.post("/cgi-bin/message/custom/send")
@with_token
def custom_send() -> Response:
    """Take a customer-service message."""
    return send_custom(here(), json_object())


@api.get("/cgi-bin/media/get")
@with_token
def media_get() -> Response:
    """Hand out what a person sent, for three days."""
    world = here()
    found = world.pictures.get(request.args.get("media_id", ""))
    if found is None or (world.clock.now() - found.taken).days >= MEDIA_DAYS:
        raise Refusal(40007)
    ending = found.kind.rpartition("/")[2].replace("jpeg", "jpg")
    headers = {"Content-Disposition": f'attachment; filename="{found.id}.{ending}"'}
    return Response(found.content, headers=headers, mimetype=found.kind)


def json_object() -> dict[str, Any]:
    """Return the request's JSON object, whatever content type it claims, or refuse with 47001."""
    given = request.get_json(force=True, silent=True)
    if not isinstance(given, dict):
        raise Refusal(47001)
    return given


def check_client(world: World, app_id: object, secret: object) -> None:
    """Refuse an app id or a secret that is not this account's."""
    if app_id != world.settings.wechat_app_id:
        raise Refusal(40013)
    if secret != world.settings.wechat_secret:
        raise Refusal(40125)
