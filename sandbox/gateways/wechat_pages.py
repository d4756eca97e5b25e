"""The platform's pages and codes: silent OAuth for a page opened inside WeChat, and parametric QR codes."""

import io
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import segno
from flask import Blueprint, Response, jsonify, render_template, request

from sandbox.gateways.wechat_api import check_client, json_object, refuse, with_token
from sandbox.wechat_oa.errors import Refusal
from sandbox.wechat_oa.memory import CODE_LIFE, OAuthCode, QrCode
from sandbox.world import COOKIE, World, here

pages = Blueprint("wechat_pages", __name__)
pages.register_error_handler(Refusal, refuse)
LONGEST_QR = 2_592_000  # seconds, 30 days
USUAL_QR = 60


@pages.get("/connect/oauth2/authorize")
def authorize() -> Response | tuple[str, int]:
    """Send the browser back with a code, if it is a WeChat browser and the request is in order."""
    world, asked = here(), request.args
    target = urlsplit(asked.get("redirect_uri", ""))
    if asked.get("appid") != world.settings.wechat_app_id:
        return _stopped("AppID 参数错误", 40013)
    if target.netloc != urlsplit(world.settings.web_url).netloc:
        return _stopped("redirect_uri 域名与后台配置不一致", 10003)
    if asked.get("response_type") != "code" or asked.get("scope") != "snsapi_base":
        return _stopped("scope 参数错误或没有 scope 权限", 10005)
    openid = request.cookies.get(COOKIE)
    if not openid:
        return _stopped("请在微信客户端打开链接", 10012)
    code = _issue_code(world, openid)
    back = urlencode({"code": code, "state": asked.get("state", "")})
    joint = "&" if target.query else "?"
    return _away(f"{asked['redirect_uri']}{joint}{back}")


@pages.get("/sns/oauth2/access_token")
def exchange() -> Response:
    """Exchange a code for the openid behind it, once."""
    world, asked = here(), request.args
    check_client(world, asked.get("appid"), asked.get("secret"))
    if asked.get("grant_type") != "authorization_code":
        raise Refusal(40002)
    now = world.clock.now()
    with world.lock:
        openid = world.wechat.exchange(asked.get("code", ""), now)
    person = world.people.find(openid)
    answer: dict[str, Any] = {
        "access_token": secrets.token_urlsafe(48),
        "expires_in": 7200,
        "refresh_token": secrets.token_urlsafe(48),
        "openid": openid,
        "scope": "snsapi_base",
    }
    return jsonify(answer | ({"is_snapshotuser": 1} if person and person.snapshot else {}))


@pages.post("/cgi-bin/qrcode/create")
@with_token
def create_qr_code() -> Response:
    """Create a parametric code; when the scene is missing the platform quietly uses 0."""
    world, asked = here(), json_object()
    lasting = _is_lasting(asked.get("action_name"))
    seconds = _seconds(asked.get("expire_seconds"))
    code = _new_code(world, _scene(asked), None if lasting else seconds)
    answer = {"ticket": code.ticket, "url": code.url}
    return jsonify(answer if lasting else answer | {"expire_seconds": seconds})


@pages.get("/cgi-bin/showqrcode")
def show_qr_code() -> Response | tuple[str, int]:
    """Draw a code, as PNG or with `format=svg` as SVG; an unknown ticket is 404."""
    code = here().wechat.qr_codes.get(request.args.get("ticket", ""))
    if code is None:
        return "", 404
    kind = "svg" if request.args.get("format") == "svg" else "png"
    out = io.BytesIO()
    segno.make(code.url).save(out, kind=kind, scale=8)
    return Response(out.getvalue(), mimetype="image/svg+xml" if kind == "svg" else "image/png")


def _away(url: str) -> Response:
    return Response(status=302, headers={"Location": url, "Cache-Control": "no-store"})


def _stopped(words: str, code: int) -> tuple[str, int]:
    return render_template("stopped.html", words=words, code=code), 200


def _issue_code(world: World, openid: str) -> str:
    code, until = secrets.token_urlsafe(24), world.clock.now() + CODE_LIFE
    with world.lock:
        world.wechat.codes[code] = OAuthCode(openid, until)
    return code


def _is_lasting(action: object) -> bool:
    if action not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
        raise Refusal(40053)
    return str(action).startswith("QR_LIMIT")


def _seconds(asked: object) -> int:
    if asked is None:
        return USUAL_QR
    if not isinstance(asked, int) or not 1 <= asked <= LONGEST_QR:
        raise Refusal(40053)
    return asked


def _scene(asked: dict[str, Any]) -> str:
    info = asked.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(scene, dict):
        return "0"
    text = str(scene.get("scene_str") or scene.get("scene_id") or "0")
    if len(text) > 64:
        raise Refusal(40053)
    return text


def _new_code(world: World, scene: str, seconds: int | None) -> QrCode:
    ticket = "gQ" + secrets.token_urlsafe(64)
    until = world.clock.now() + timedelta(seconds=seconds) if seconds else None
    code = QrCode(ticket, scene, f"http://weixin.qq.com/q/{quote(secrets.token_urlsafe(16))}", until)
    with world.lock:
        world.wechat.qr_codes[ticket] = code
    return code
