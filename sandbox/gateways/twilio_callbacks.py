"""What Twilio tells the application: the status of a message and what people send to our number."""

import uuid
from datetime import datetime
from urllib.parse import urlencode

from sandbox.people import Bubble, Person
from sandbox.pictures import Picture
from sandbox.postman import Callback, Outgoing
from sandbox.sms_twilio.overrides import read
from sandbox.sms_twilio.segments import segments
from sandbox.sms_twilio.signing import signature
from sandbox.sms_twilio.store import Message, new_sid
from sandbox.world import World

STOP_WORDS = {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "REVOKE", "OPTOUT", "CANCEL"}
START_WORDS = {"START", "UNSTOP"}
STOPPED = "You have successfully been unsubscribed. Reply START to resubscribe."
STARTED = "You have successfully been re-subscribed to messages from this number."


def status_callback(world: World, message: Message, status: str, now: datetime) -> Callback:
    """Return the report that a message reached a status; the URL is the one given when it was sent."""
    fields = [
        ("ApiVersion", "2010-04-01"),
        ("SmsSid", message.sid),
        ("SmsStatus", status),
        ("MessageStatus", status),
        ("MessageSid", message.sid),
        ("AccountSid", message.account),
        ("To", message.to),
        ("From", message.sender),
    ]
    if status in ("delivered", "undelivered"):
        fields.append(("RawDlrDoneDate", now.strftime("%y%m%d%H%M")))
    if message.error and status == "undelivered":
        fields.append(("ErrorCode", str(message.error)))
    return _callback(world, message.callback, status, message.to, fields)


def says(world: World, person: Person, text: str) -> Callback:
    """Let a person send an SMS; Twilio itself honours STOP and START before it passes them on."""
    return _inbound(world, person, text, [])


def shows(world: World, person: Person, picture: Picture, text: str = "") -> Callback:
    """Let a person send a picture by MMS."""
    return _inbound(world, person, text, [picture])


def _inbound(world: World, person: Person, text: str, pictures: list[Picture]) -> Callback:
    now, settings = world.clock.now(), world.settings
    sid = new_sid("MM" if pictures else "SM")
    message = Message(
        sid, settings.twilio_sid, person.phone or "", settings.twilio_number, text, now, "inbound"
    )
    message.media = [picture.id for picture in pictures]
    message.advance("received", now)
    with world.lock:
        world.twilio.add(message)
        if text:
            person.inbox.append(Bubble(now, "text", text, mine=True))
        person.inbox.extend(Bubble(now, "picture", mine=True, picture=one.id) for one in pictures)
        _honour_keyword(person, text, now)
    fields = _inbound_fields(message) + _media_fields(world, message, pictures)
    return _callback(world, settings.twilio_inbound, "inbound", message.sender, fields)


def _honour_keyword(person: Person, text: str, now: datetime) -> None:
    word = text.strip().upper()
    if word in STOP_WORDS | START_WORDS:
        person.stopped = word in STOP_WORDS
        person.inbox.append(Bubble(now, "text", STOPPED if person.stopped else STARTED))


def _inbound_fields(message: Message) -> list[tuple[str, str]]:
    place = [(f"{end}{part}", "") for end in ("From", "To") for part in ("City", "State", "Zip", "Country")]
    return [
        ("MessageSid", message.sid),
        ("SmsMessageSid", message.sid),
        ("SmsSid", message.sid),
        ("AccountSid", message.account),
        ("From", message.sender),
        ("To", message.to),
        ("Body", message.body),
        ("NumMedia", str(len(message.media))),
        ("NumSegments", str(segments(message.body))),
        ("SmsStatus", "received"),
        ("ApiVersion", "2010-04-01"),
        *place,
    ]


def _media_fields(world: World, message: Message, pictures: list[Picture]) -> list[tuple[str, str]]:
    base = f"{world.url}/2010-04-01/Accounts/{message.account}/Messages/{message.sid}/Media"
    return [
        field
        for number, picture in enumerate(pictures)
        for field in (
            (f"MediaUrl{number}", f"{base}/{picture.id}"),
            (f"MediaContentType{number}", picture.kind),
        )
    ]


def _callback(world: World, url: str, kind: str, address: str, fields: list[tuple[str, str]]) -> Callback:
    wanted, same_event = read(url), str(uuid.uuid4())

    def make() -> Outgoing:
        return signed_form(world.settings.twilio_token, wanted.url, fields, same_event)

    return Callback("sms", kind, address, make, wanted.manner)


def signed_form(token: str, url: str, fields: list[tuple[str, str]], same_event: str) -> Outgoing:
    """Return a signed form POST; all tries of one event carry the same idempotency token."""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "X-Twilio-Signature": signature(token, url, fields),
        "I-Twilio-Idempotency-Token": same_event,
        "User-Agent": "TwilioProxy/1.1",
    }
    return Outgoing(url, headers, urlencode(fields).encode())
