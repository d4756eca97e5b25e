"""How Twilio takes a message, and the steps that it then goes through."""

import re
import time
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urldefrag, urlsplit

from flask import Response, jsonify

from sandbox.fates import Fate
from sandbox.gateways.twilio_callbacks import status_callback
from sandbox.ledger import Accepted
from sandbox.people import Bubble, Person
from sandbox.sms_twilio.errors import Refusal
from sandbox.sms_twilio.store import Message, new_sid
from sandbox.world import World

E164 = re.compile(r"\+[1-9]\d{6,14}")
LINK = re.compile(r"https?://[^\s，。；）]+")
LONGEST_BODY = 1600
PHONE_OFF = 30003
MAGIC_TO = {"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408, "+15005550009": 21614}
MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}


def create(world: World, form: Mapping[str, str]) -> Response:
    """Check an order, take the message and start what its fate wants; 201 with the whole resource."""
    _check(world, form)
    person = world.people.meet(phone=form["To"])
    fate = world.fates.of(form["To"])
    _check_person(world, person, fate, form["Body"])
    if world.loses(fate):
        return world.answer(fate, lambda: _created({}))
    message = _take(world, person, fate, form)
    first_view = message.as_json()
    _start(world, message, fate)
    return world.answer(fate, lambda: _created(first_view))


def _check(world: World, form: Mapping[str, str]) -> None:
    to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
    if not to:
        raise Refusal(21604)
    if not E164.fullmatch(to):
        raise Refusal(21211, to)
    if not sender:
        raise Refusal(21603)
    if code := MAGIC_TO.get(to) or MAGIC_FROM.get(sender):
        raise Refusal(code)
    if sender != world.settings.twilio_number:
        raise Refusal(21606)
    if not body:
        raise Refusal(21602)
    if len(body) > LONGEST_BODY:
        raise Refusal(21617)
    _check_callback(form.get("StatusCallback", ""))


def _check_callback(url: str) -> None:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname):
        raise Refusal(21609)


def _check_person(world: World, person: Person, fate: Fate, body: str) -> None:
    verified = world.settings.twilio_verified
    if verified is not None and person.phone not in verified:
        raise Refusal(21608)
    if person.stopped or fate.arrives == "blocked":
        raise Refusal(21610)
    with world.lock:
        if world.throttles(person.phone or "", fate, body):
            raise Refusal(20429)


def _take(world: World, person: Person, fate: Fate, form: Mapping[str, str]) -> Message:
    now, settings = world.clock.now(), world.settings
    to, body = form["To"], form["Body"]
    message = Message(new_sid("SM"), settings.twilio_sid, settings.twilio_number, to, body, now)
    message.callback = form.get("StatusCallback", "")
    message.listed_at = time.monotonic() + world.settings.lag_seconds * fate.unlisted
    arrives = fate.arrives == "delivered"
    key, link = _client_key(message.callback), first_link(body)
    with world.lock:
        world.twilio.add(message)
        world.ledger.add(Accepted("sms", to, key, body, link, now.isoformat(), message.sid, int(arrives)))
        if arrives:
            person.inbox.append(Bubble(now, "text", body, link=link))
    return message


def first_link(text: str) -> str:
    """Return the first web address in a text, "" if there is none."""
    found = LINK.search(text)
    return found[0] if found else ""


def _client_key(callback: str) -> str:
    """Twilio has no idempotency key: the sender knows his message by the callback address he gave."""
    plain = urldefrag(callback).url
    query = parse_qsl(urlsplit(plain).query)
    return query[0][1] if len(query) == 1 else plain


def _created(view: Mapping[str, object]) -> Response:
    answer = jsonify(view)
    answer.status_code = 201
    return answer


def _steps(fate: Fate) -> tuple[str, ...]:
    # The first status, "queued", is in the answer; Twilio sends no callback for it.
    return ("sending", "sent", "undelivered" if fate.arrives == "phone_off" else "delivered")


def _start(world: World, message: Message, fate: Fate) -> None:
    if fate.callbacks == "before":
        return _rush(world, message, fate)
    world.postman.later(world.first_pause(fate), lambda: _move(world, message, fate, _steps(fate)))


def _move(world: World, message: Message, fate: Fate, steps: tuple[str, ...]) -> None:
    now = world.clock.now()
    _advance(world, message, steps[0], now)
    if message.callback:
        report = status_callback(world, message, steps[0], now)
        (world.postman.hold if fate.callbacks == "held" else world.postman.deliver)(report)
    pace = world.settings.pace_seconds
    if steps[1:]:
        world.postman.later(pace, lambda: _move(world, message, fate, steps[1:]))
    elif fate.opens:
        world.postman.later(pace, lambda: world.open_link(first_link(message.body), None))


def _rush(world: World, message: Message, fate: Fate) -> None:
    now = world.clock.now()
    for status in _steps(fate):
        _advance(world, message, status, now)
    reports = [status_callback(world, message, status, now) for status in _steps(fate)]
    for report in [*reversed(reports), *reports] if message.callback else ():
        world.postman.deliver(report)


def _advance(world: World, message: Message, status: str, now: datetime) -> None:
    with world.lock:
        message.advance(status, now, PHONE_OFF if status == "undelivered" else None)
