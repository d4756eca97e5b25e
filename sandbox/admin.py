"""The hidden side of the sandbox, for tests and the demonstration: JSON, from this machine only."""

import base64
import ipaddress
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from sandbox import fates
from sandbox.attacks import attack
from sandbox.gateways import twilio_callbacks as sms
from sandbox.gateways import wechat_callbacks as wechat
from sandbox.gateways.wechat_handshake import handshake
from sandbox.people import Person
from sandbox.pictures import Picture, sample
from sandbox.postman import Callback
from sandbox.world import World, here

admin = Blueprint("admin", __name__, url_prefix="/admin")
SETTLE_SECONDS = 30.0


class Unusable(Exception):  # noqa: N818  (reads as what happened)
    """The request does not say what is needed; the words go back to the caller."""


@admin.errorhandler(Unusable)
def unusable(wrong: Unusable) -> tuple[Response, int]:
    """Say what was missing."""
    return jsonify(error=str(wrong)), 400


@admin.before_request
def only_from_here() -> tuple[Response, int] | None:
    """Turn away other machines, and browsers that were led here by another page."""
    if not request.remote_addr or not ipaddress.ip_address(request.remote_addr).is_loopback:
        return jsonify(error="only from this machine"), 403
    if request.method == "POST" and not request.is_json:
        return jsonify(error="send JSON with Content-Type: application/json"), 415
    return None


@admin.get("/accepted")
def accepted() -> Response:
    """List every message that a gateway really accepted, oldest first."""
    return jsonify([asdict(entry) for entry in here().ledger.entries()])


@admin.get("/callbacks")
def callbacks() -> Response:
    """List every callback sent, with the status of each try (0: no answer)."""
    return jsonify([_described(one) for one in here().postman.past()])


@admin.route("/people", methods=["GET", "POST"])
def people() -> Response:
    """Bring one person (or a list under "people") into the world; newcomers follow unless told otherwise."""
    world = here()
    if request.method == "POST":
        given = body()
        added = [_settle_in(world, one) for one in given.get("people", [given])]
        return jsonify([_person(one) for one in added] if "people" in given else _person(added[0]))
    return jsonify([_person(one) for one in world.people.everybody()])


@admin.post("/fates")
def set_fate() -> Response:
    """Override the fate of an address by digit or name; null gives it back to its last digit."""
    given = body()
    address, word = _text(given, "address"), given.get("fate")
    try:
        fate = None if word is None else fates.named(word)
    except ValueError as wrong:
        raise Unusable(str(wrong)) from wrong
    here().fates.decree(address, fate)
    return jsonify(address=address, fate=(fate or fates.by_last_digit(address)).name)


@admin.post("/reply")
def reply() -> Response:
    """Let a person answer by WeChat or SMS: text, or image or voice in Base64; "sample" is a picture too."""
    world, given = here(), body()
    if given.get("channel") not in ("wechat", "sms"):
        raise Unusable('channel must be "wechat" or "sms"')
    over_wechat, address = given["channel"] == "wechat", _text(given, "address")
    person = world.people.meet(**{"openid" if over_wechat else "phone": address})
    picture = _picture(world, given.get("image") or given.get("voice"))
    if picture:
        return _delivered(world, (wechat.shows if over_wechat else sms.shows)(world, person, picture))
    return _delivered(world, (wechat.says if over_wechat else sms.says)(world, person, _text(given, "text")))


@admin.post("/scan")
def scan() -> Response:
    """Let a person scan the code of a scene: a newcomer subscribes by it."""
    world, given = here(), body()
    return _delivered(world, wechat.scans(world, _wechat_user(world, given), _text(given, "scene")))


@admin.post("/follow")
def follow() -> Response:
    """Let a person follow the account."""
    return _delivered(here(), wechat.follows(here(), _wechat_user(here(), body())))


@admin.post("/unfollow")
def unfollow() -> Response:
    """Let a person unfollow the account."""
    return _delivered(here(), wechat.leaves(here(), _wechat_user(here(), body())))


@admin.post("/stop")
def stop() -> Response:
    """Let a person send STOP to our number."""
    world, given = here(), body()
    person = world.people.meet(phone=str(given.get("phone") or _text(given, "address")))
    return _delivered(world, sms.says(world, person, "STOP"))


@admin.post("/release")
def release() -> Response:
    """Let go the callbacks that fate 9 keeps back, for one address or for all."""
    return jsonify(released=here().postman.release(body().get("address")))


@admin.post("/repeat")
def repeat() -> Response:
    """Send the bytes of a past callback (by id, else the last one) again, n times at once, n up to 200."""
    world, given = here(), body()
    wanted = given.get("id")
    past = [one for one in world.postman.past() if wanted in (None, one.id)]
    if not past:
        raise Unusable("no such callback was sent")
    return jsonify(id=past[-1].id, statuses=world.postman.repeat(past[-1], int(given.get("n", 1))))


@admin.post("/forge")
def forge() -> Response:
    """Attack the webhooks and say how they answered."""
    given = body()
    kind, channel = _text(given, "kind"), str(given.get("channel", "wechat"))
    try:
        statuses = attack(here(), kind, channel, int(given.get("n", 1)))
    except ValueError as wrong:
        raise Unusable(str(wrong)) from wrong
    return jsonify(kind=kind, channel=channel, statuses=statuses)


@admin.post("/verify")
def verify() -> Response:
    """Check the application's callback address as WeChat does when it is configured."""
    status, echoed = handshake(here())
    return jsonify(status=status, echoed=echoed)


@admin.post("/settle")
def settle() -> Response:
    """Wait until no callback is due or under way; those held back do not count."""
    return jsonify(settled=here().postman.settle(float(body().get("seconds", SETTLE_SECONDS))))


def body() -> dict[str, Any]:
    """Return the request's JSON object."""
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise Unusable("the body must be a JSON object")
    return given


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise Unusable(f"{name} is missing")
    return value


def _wechat_user(world: World, given: dict[str, Any]) -> Person:
    return world.people.meet(openid=_text(given, "openid"))


def _settle_in(world: World, given: dict[str, Any]) -> Person:
    openid, phone = given.get("openid"), given.get("phone")
    newcomer = bool(openid) and world.people.find(str(openid)) is None
    try:
        person = world.people.meet(openid=openid, phone=phone, name=str(given.get("name") or ""))
    except ValueError as wrong:
        raise Unusable(str(wrong)) from wrong
    person.following = bool(given.get("following", person.following or newcomer))
    person.snapshot = bool(given.get("snapshot", person.snapshot))
    return person


def _picture(world: World, given: object) -> Picture | None:
    if not given:
        return None
    try:
        content = sample() if given in ("sample", True) else base64.b64decode(str(given), validate=True)
        return world.pictures.keep(content, world.clock.now())
    except ValueError as wrong:
        raise Unusable(f"image: {wrong}") from wrong


def _delivered(world: World, callback: Callback) -> Response:
    statuses = world.postman.deliver(callback)
    return jsonify(id=callback.id, statuses=statuses)


def _described(one: Callback) -> dict[str, Any]:
    return {
        "id": one.id,
        "channel": one.channel,
        "kind": one.kind,
        "address": one.address,
        "statuses": one.heard,
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "openid": person.openid,
        "phone": person.phone,
        "following": person.following,
        "stopped": person.stopped,
        "taps": person.taps,
        "page": f"{here().url}/phone/{person.key}",
    }
