"""What the platform tells the application: messages and events, encrypted and signed, three tries each."""

import secrets
from datetime import datetime, timedelta

from sandbox.people import Bubble, Person
from sandbox.pictures import Picture
from sandbox.postman import Callback, Heard, Manner, Outgoing
from sandbox.wechat_oa.envelope import encrypt, query, xml
from sandbox.world import World

REPLY_WINDOW = (timedelta(hours=48), 5)  # after a message of the person's own
FOLLOW_WINDOW = (timedelta(minutes=1), 3)
SCAN_WINDOW = (timedelta(minutes=1), 3)
OUT_OF_ORDER = "该公众号提供的服务出现故障，请稍后再试"
Field = tuple[str, str | int]


def _satisfied(heard: Heard) -> bool:
    return heard.status == 200 and heard.body.strip() in (b"", b"success")


MANNER = Manner(tries=3, connect_seconds=5, read_seconds=5, satisfied=_satisfied)


def enveloped(world: World, openid: str, inner: bytes) -> Outgoing:
    """Wrap a message into a signed safe-mode request with a fresh nonce."""
    settings = world.settings
    sealed = encrypt(settings.wechat_aes_key, settings.wechat_app_id, inner, secrets.token_bytes(16))
    timestamp, nonce = str(int(world.clock.now().timestamp())), str(secrets.randbelow(10**10))
    asked = query(settings.wechat_token, timestamp, nonce, openid, sealed)
    body = xml(("ToUserName", settings.wechat_gh_id), ("Encrypt", sealed))
    return Outgoing(f"{settings.wechat_hook}?{asked}", {"Content-Type": "text/xml"}, body)


def finished(world: World, openid: str, msgid: int, status: str) -> Callback:
    """Return the event that ends a template message."""
    fields: tuple[Field, ...] = (("MsgID", msgid), ("Status", status))
    return _event(world, openid, world.clock.now(), "TEMPLATESENDJOBFINISH", *fields)


def says(world: World, person: Person, text: str, menu_id: str | None = None) -> Callback:
    """Let a person write to the account; `menu_id` is set when a menu message was tapped."""
    extra: tuple[Field, ...] = (("bizmsgmenuid", menu_id),) if menu_id else ()
    fields: tuple[Field, ...] = (("Content", text), *extra)
    return _message(world, person, Bubble(world.clock.now(), "text", text, mine=True), "text", *fields)


def shows(world: World, person: Person, picture: Picture) -> Callback:
    """Let a person send a picture, or a voice recording when the file is AMR."""
    voice = picture.kind == "audio/amr"
    bubble = Bubble(world.clock.now(), "picture", "[语音]" if voice else "", mine=True, picture=picture.id)
    if voice:
        return _message(world, person, bubble, "voice", ("MediaId", picture.id), ("Format", "amr"))
    where = f"{world.url}/pictures/{picture.id}"
    return _message(world, person, bubble, "image", ("PicUrl", where), ("MediaId", picture.id))


def follows(world: World, person: Person) -> Callback:
    """Let a person follow the account without any code."""
    return _joins(world, person, FOLLOW_WINDOW, ("EventKey", ""))


def scans(world: World, person: Person, scene: str) -> Callback:
    """Let a person scan the code of a scene: a newcomer subscribes by it, a follower only scans."""
    with world.lock:
        known = next((one for one in world.wechat.qr_codes.values() if one.scene == scene), None)
    ticket: Field = ("Ticket", known.ticket if known else secrets.token_urlsafe(48))
    if not person.following:
        return _joins(world, person, SCAN_WINDOW, ("EventKey", f"qrscene_{scene}"), ticket)
    now = world.clock.now()
    _grant(world, person, now, SCAN_WINDOW)
    return _event(world, person.key, now, "SCAN", ("EventKey", scene), ticket)


def leaves(world: World, person: Person) -> Callback:
    """Let a person unfollow the account; nothing can be sent to him from now on."""
    now = world.clock.now()
    with world.lock:
        person.following = False
        world.wechat.windows.pop(person.key, None)
        person.chat.append(Bubble(now, "note", "已取消关注"))
    return _event(world, person.key, now, "unsubscribe", ("EventKey", ""))


def _joins(world: World, person: Person, window: tuple[timedelta, int], *fields: Field) -> Callback:
    now = world.clock.now()
    with world.lock:
        person.following = True
        person.chat.append(Bubble(now, "note", f"已关注“{world.settings.wechat_name}”"))
    _grant(world, person, now, window)
    return _event(world, person.key, now, "subscribe", *fields)


def _grant(
    world: World, person: Person, now: datetime, window: tuple[timedelta, int], anew: bool = False
) -> None:
    with world.lock:
        world.wechat.open_window(person.key, now + window[0], window[1], anew)


def _message(world: World, person: Person, bubble: Bubble, kind: str, *fields: Field) -> Callback:
    _grant(world, person, bubble.at, REPLY_WINDOW, anew=True)
    with world.lock:
        person.chat.append(bubble)
        number = world.wechat.next_id()

    def complain() -> None:
        note = Bubble(world.clock.now(), "note", OUT_OF_ORDER)
        with world.lock:
            person.chat.append(note)

    inner = _written(world, person.key, bubble.at, kind, *fields, ("MsgId", number))
    return Callback("wechat", kind, person.key, lambda: enveloped(world, person.key, inner), MANNER, complain)


def _event(world: World, openid: str, now: datetime, event: str, *fields: Field) -> Callback:
    inner = _written(world, openid, now, "event", ("Event", event), *fields)
    return Callback("wechat", event, openid, lambda: enveloped(world, openid, inner), MANNER)


def _written(world: World, openid: str, now: datetime, kind: str, *fields: Field) -> bytes:
    return xml(
        ("ToUserName", world.settings.wechat_gh_id),
        ("FromUserName", openid),
        ("CreateTime", int(now.timestamp())),
        ("MsgType", kind),
        *fields,
    )
