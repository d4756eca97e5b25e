"""/tsa: the time-stamp service over HTTP (RFC 3161 §3.4); /tsa/<fate> behaves as its name says."""

from flask import Blueprint, Response, abort, jsonify, request

from sandbox.admin import only_from_here
from sandbox.tsa import tokens
from sandbox.world import World, here

service = Blueprint("tsa", __name__)
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
FATES = (
    *("good", "slow", "down", "refuses", "wrong_imprint", "wrong_nonce", "garbage"),
    *("endless", "moved", "unknown_algorithm", "unordered"),
)
ENDLESS = 768 * 1024  # bytes: more than anybody should read of a time stamp


@service.post("/tsa")
@service.post("/tsa/<fate>")
def stamp(fate: str = "good") -> Response:
    """Stamp a request, as fate will have it: what `/admin/tsa` said last goes before the address."""
    world = here()
    fate = world.tsa_fate or fate
    if fate not in FATES:
        abort(404)
    if request.mimetype != QUERY:
        return Response(f"send {QUERY}\n", 415, mimetype="text/plain")
    return _answered(world, fate, request.get_data())


@service.get("/tsa/root.pem")
def root() -> Response:
    """Hand out the root certificate, as real services do on their home page."""
    return Response(here().tsa.root_pem, mimetype="application/x-pem-file")


@service.post("/admin/tsa")
def set_fate() -> Response | tuple[Response, int]:
    """Let one fate befall every request from now on; null gives each address its own back."""
    turned_away = only_from_here()
    if turned_away is not None:
        return turned_away
    given = request.get_json(silent=True)
    fate = given.get("fate") if isinstance(given, dict) else ""
    if fate is not None and fate not in FATES:
        return jsonify(error=f"no fate {fate!r}; there are {', '.join(FATES)}"), 400
    here().tsa_fate = fate
    return jsonify(fate=fate)


def _answered(world: World, fate: str, body: bytes) -> Response:
    if fate == "slow":
        world.closing.wait(world.settings.hold_seconds)
    if fate == "down":
        return Response("Service Unavailable\n", 503, mimetype="text/plain")
    if fate == "moved":
        return Response(status=307, headers={"Location": "/tsa"})
    if fate in ("garbage", "endless"):
        return Response(b"\x30\x82" * (8 if fate == "garbage" else ENDLESS // 2), mimetype=REPLY)
    return Response(_token(world, fate, body), mimetype=REPLY)


def _token(world: World, fate: str, body: bytes) -> bytes:
    try:
        asked = tokens.read_request(body)
    except tokens.Unusable as wrong:
        return tokens.refused(str(wrong)[:100])
    if fate == "refuses":
        return tokens.refused("this service refuses today")
    return tokens.granted(asked, world.clock.now(), world.tsa, fate)
