"""The pretend phone: what a person sees in WeChat and among the text messages, and what he can do there."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from sandbox.gateways import twilio_callbacks as sms
from sandbox.gateways import wechat_callbacks as wechat
from sandbox.people import Bubble, Person
from sandbox.pictures import Picture, sample
from sandbox.postman import Callback
from sandbox.world import COOKIE, COOKIE_PATH, World, here

phone = Blueprint("phone", __name__)
BEIJING = timezone(timedelta(hours=8))
WEEKDAYS = "一二三四五六日"


@phone.get("/")
def front() -> AnyResponse:
    """Lead to the list of phones."""
    return redirect(url_for("phone.phones"))


@phone.get("/phone")
def phones() -> str:
    """List the people whose phones can be looked at."""
    world = here()
    return render_template("phones.html", people=world.people.everybody(), **_frame(world))


@phone.get("/phone/<who>")
def show(who: str) -> str:
    """Show one phone: the WeChat chat, or with ?app=sms the text messages."""
    world, person = here(), _owner(who)
    app = _app(person)
    with world.lock:
        bubbles = list(person.inbox if app == "sms" else person.chat)
    return render_template(f"{app}.html", person=person, bubbles=_dated(bubbles), app=app, **_frame(world))


@phone.get("/phone/<who>/open")
def open_link(who: str) -> AnyResponse:
    """Open a link that this person was sent; only in WeChat's own browser does OAuth know the person."""
    world, person, url = here(), _owner(who), request.args.get("url", "")
    in_chat, in_inbox = _holds(person.chat, url), _holds(person.inbox, url)
    if not (in_chat or in_inbox):
        abort(404)
    with world.lock:
        person.taps += 1
    answer = redirect(url)
    if in_chat and request.args.get("via") != "sms":
        answer.set_cookie(COOKIE, person.key, path=COOKIE_PATH, httponly=True, samesite="Lax")
    else:
        answer.delete_cookie(COOKIE, path=COOKIE_PATH)
    return answer


@phone.post("/phone/<who>/say")
def say(who: str) -> AnyResponse:
    """Send what the person typed or photographed, through the channel whose page he is on."""
    world, person = here(), _owner(who)
    channel, app = (sms, "sms") if _app(person) == "sms" else (wechat, "wechat")
    if picture := _attached(world):
        return _sent(world, person, app, channel.shows(world, person, picture))
    text = request.form.get("text", "")
    return _sent(world, person, app, channel.says(world, person, text) if text.strip() else None)


@phone.post("/phone/<who>/choose")
def choose(who: str) -> AnyResponse:
    """Tap an entry of a menu message."""
    world, person = here(), _owner(who)
    tapped = wechat.says(world, person, request.form.get("text", ""), request.form.get("id"))
    return _sent(world, person, "wechat", tapped)


@phone.post("/phone/<who>/follow")
def follow(who: str) -> AnyResponse:
    """Follow the account, or leave it when following."""
    world, person = here(), _wechat_owner(who)
    act = wechat.leaves if person.following else wechat.follows
    return _sent(world, person, "wechat", act(world, person))


@phone.post("/phone/<who>/scan")
def scan(who: str) -> AnyResponse:
    """Scan a QR code, given as its scene, its ticket's picture address or the address inside it."""
    world, person = here(), _wechat_owner(who)
    scene = _scene(world, request.form.get("code", "").strip())
    if not scene:
        abort(404, "这个二维码不存在或已过期")
    return _sent(world, person, "wechat", wechat.scans(world, person, scene))


@phone.get("/pictures/<id>")
def picture(id: str) -> Response:
    """Show a picture that somebody sent; WeChat's PicUrl leads here."""
    found = here().pictures.get(id)
    if found is None:
        abort(404)
    return Response(found.content, mimetype=found.kind)


@phone.after_request
def guard(answer: Response) -> Response:
    """Allow nothing but our own style and script, and forms to us and to the application's clock."""
    web = urlsplit(here().settings.web_url)
    answer.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
        f"form-action 'self' {web.scheme}://{web.netloc}; base-uri 'none'; frame-ancestors 'none'"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def clock_words(moment: datetime) -> str:
    """Write a moment in Beijing time the way a phone does."""
    local = moment.astimezone(BEIJING)
    return f"{local.month}月{local.day}日 周{WEEKDAYS[local.weekday()]} {local:%H:%M}"


def _frame(world: World) -> dict[str, object]:
    web = world.settings.web_url.rstrip("/")
    now = world.clock.now()
    return {
        "account": world.settings.wechat_name,
        "number": world.settings.twilio_number,
        "clock_url": f"{web}/sandbox/clock",
        "here_url": world.url + quote(request.path) + (f"?app={request.args['app']}" if _asked_app() else ""),
        "now": clock_words(now),
        "year": now.astimezone(BEIJING).year,
        "hour": f"{now.astimezone(BEIJING):%H:%M}",
    }


def _asked_app() -> str:
    return request.args.get("app", "") if request.args.get("app") in ("wechat", "sms") else ""


def _app(person: Person) -> str:
    usual = "wechat" if person.openid else "sms"
    asked = _asked_app() or usual
    return asked if (person.phone if asked == "sms" else person.openid) else usual


def _dated(bubbles: list[Bubble]) -> list[tuple[str, Bubble]]:
    """Put a time above a bubble that came more than five minutes after the one before it."""
    shown, last = [], None
    for bubble in bubbles:
        quiet = last is None or abs(bubble.at - last) > timedelta(minutes=5)
        shown.append((clock_words(bubble.at) if quiet else "", bubble))
        last = bubble.at
    return shown


def _owner(who: str) -> Person:
    person = here().people.find(who)
    if person is None:
        abort(404)
    return person


def _wechat_owner(who: str) -> Person:
    person = _owner(who)
    if person.openid is None:
        abort(404)
    return person


def _holds(bubbles: list[Bubble], url: str) -> bool:
    return bool(url) and any(url == bubble.link for bubble in list(bubbles))


def _attached(world: World) -> Picture | None:
    file = request.files.get("picture")
    content = file.read() if file and file.filename else b""
    if not content and "sample" in request.form:
        content = sample()
    try:
        return world.pictures.keep(content, world.clock.now()) if content else None
    except ValueError:
        abort(415, "只能发送 PNG、JPEG、GIF 图片或 AMR 录音")


def _scene(world: World, code: str) -> str:
    """Find the scene behind what was pasted; "" when the code has expired or cannot be ours."""
    now = world.clock.now()
    with world.lock:
        known = [
            one
            for one in world.wechat.qr_codes.values()
            if code in (one.scene, one.url) or one.ticket in code
        ]
    if known:
        return known[-1].scene if known[-1].until is None or known[-1].until > now else ""
    return "" if "://" in code else code


def _sent(world: World, person: Person, app: str, callback: Callback | None) -> AnyResponse:
    if callback is not None:
        deliver: Callable[[], object] = lambda: world.postman.deliver(callback)  # noqa: E731
        world.postman.later(0, deliver)
    return redirect(url_for("phone.show", who=person.key, app=app), 303)
