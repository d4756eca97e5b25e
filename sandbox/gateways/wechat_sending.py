"""How the platform takes a message for a follower, and what then happens to it."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from sandbox.fates import Fate
from sandbox.gateways.wechat_callbacks import finished
from sandbox.ledger import Accepted
from sandbox.people import Bubble, Person
from sandbox.postman import Callback
from sandbox.settings import Template
from sandbox.wechat_oa.errors import Refusal
from sandbox.wechat_oa.fields import complaint, shown_value
from sandbox.world import World

STATUS = {
    "delivered": "success",
    "blocked": "failed:user block",
    "phone_off": "failed: system failed",  # the space is the platform's own
}


def send_template(world: World, order: Mapping[str, Any]) -> Response:
    """Check a template message, take it once per client_msg_id, and start what its fate wants."""
    template, person = _template(world, order), _follower(world, order)
    if wrong := complaint(template.fields, order.get("data")):
        raise Refusal(47003, wrong)
    fate = world.fates.of(person.key)
    if world.loses(fate):
        return world.answer(fate, lambda: _ok(0))
    msgid, fresh = _take_template(world, person, template, order, fate)
    if not fresh:  # the platform swallows the repeat and answers as before
        return _ok(msgid)
    _tell(world, person, msgid, fate, str(order.get("url") or ""))
    return world.answer(fate, lambda: _ok(msgid))


def send_custom(world: World, order: Mapping[str, Any]) -> Response:
    """Check a customer-service message against the person's open window and show it; no event follows."""
    bubble, person = _custom_bubble(world, order), _follower(world, order, unfollowed=45015)
    fate = world.fates.of(person.key)
    with world.lock:
        if world.throttles(person.key, fate, bubble.text):
            raise Refusal(45009)
        world.wechat.use_window(person.key, bubble.at)
        _record(world, person, fate, bubble, "", str(world.wechat.next_id()))
    return world.answer(fate, lambda: jsonify(errcode=0, errmsg="ok"))


def _template(world: World, order: Mapping[str, Any]) -> Template:
    wanted = order.get("template_id")
    found = next((one for one in world.settings.wechat_templates if one.id == wanted), None)
    if found is None:
        raise Refusal(40037)
    return found


def _follower(world: World, order: Mapping[str, Any], unfollowed: int = 43004) -> Person:
    person = world.people.find(str(order.get("touser") or ""))
    if person is None or person.openid != order.get("touser"):
        raise Refusal(40003)
    if not person.following:
        raise Refusal(unfollowed)
    return person


def _take_template(
    world: World, person: Person, template: Template, order: Mapping[str, Any], fate: Fate
) -> tuple[int, bool]:
    bubble = _card(world, template, order)
    key = str(order.get("client_msg_id") or "")
    with world.lock:
        before = None if world.settings.blind else world.wechat.recall(person.key, key, bubble.at)
        if before is not None:
            return before, False
        if world.throttles(person.key, fate, bubble.text):
            raise Refusal(45009)
        msgid = world.wechat.next_id()
        world.wechat.sent[person.key, key] = msgid, bubble.at
        _record(world, person, fate, bubble, key, str(msgid))
    return msgid, True


def _record(world: World, person: Person, fate: Fate, bubble: Bubble, key: str, provider_id: str) -> None:
    arrives = fate.arrives == "delivered"
    at = bubble.at.isoformat()
    text = bubble.text
    world.ledger.add(Accepted("wechat", person.key, key, text, bubble.link, at, provider_id, int(arrives)))
    if arrives:
        person.chat.append(bubble)


def _card(world: World, template: Template, order: Mapping[str, Any]) -> Bubble:
    data = order["data"]
    labels = template.fields or {name: name for name in data}
    rows = tuple((label, shown_value(data, name)) for name, label in labels.items())
    text = "\n".join([template.title, *(f"{label}：{value}" for label, value in rows)])
    return Bubble(world.clock.now(), "card", text, rows=rows, link=str(order.get("url") or ""))


def _custom_bubble(world: World, order: Mapping[str, Any]) -> Bubble:
    kind, now = order.get("msgtype"), world.clock.now()
    said = order.get(str(kind))
    if kind not in ("text", "msgmenu"):
        raise Refusal(40008)
    if not isinstance(said, dict):
        raise Refusal(44004)
    if kind == "msgmenu":
        choices = tuple((str(one["id"]), str(one["content"])) for one in said.get("list", ()))
        head, tail = str(said.get("head_content") or ""), str(said.get("tail_content") or "")
        return Bubble(now, "menu", head, choices=choices, after=tail)
    if not said.get("content"):
        raise Refusal(44004)
    return Bubble(now, "text", str(said["content"]))


def _tell(world: World, person: Person, msgid: int, fate: Fate, link: str) -> None:
    event = finished(world, person.key, msgid, STATUS[fate.arrives])
    if fate.callbacks == "before":
        world.postman.deliver(event)
        world.postman.deliver(event)
    elif fate.callbacks == "held":
        world.postman.hold(event)
    else:
        world.postman.later(world.first_pause(fate), lambda: _end(world, person, event, fate, link))


def _end(world: World, person: Person, event: Callback, fate: Fate, link: str) -> None:
    world.postman.deliver(event)
    if fate.opens:
        world.postman.later(world.settings.pace_seconds, lambda: world.open_link(link, person.openid))


def _ok(msgid: int) -> Response:
    return jsonify(errcode=0, errmsg="ok", msgid=msgid)
