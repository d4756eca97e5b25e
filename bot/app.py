"""Build the web application from settings; nothing starts on import."""

from datetime import timedelta
from typing import Any

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.anchors.build import witness_keys
from bot.api.web import mount as mount_api
from bot.config import Settings
from bot.console.web import console
from bot.console.web import init_app as init_console
from bot.monitoring import monitoring
from bot.pages.check import public_check
from bot.pages.web import pages
from bot.webhooks.queue import IntakeQueue
from bot.webhooks.spool import Intake
from bot.webhooks.web import webhooks
from bot.witness.offer import offer
from handlers.desk import Desk
from storage import clock as clocks
from storage.spool import Spool

WEB_WAIT_MS = 4_000
LARGEST_REQUEST = 26 * 1024 * 1024  # bytes: an employee's photos; every room sets its own, lower limit


def create_app(desk: Desk, settings: Settings) -> tuple[Flask, Intake]:
    """Return the web application and its intake of webhooks, which must be closed when it stops."""
    app = Flask("bot", static_folder=None)
    app.config.update(
        SECRET_KEY=desk.archive.keys.web_secret(),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        SESSION_COOKIE_NAME="huizheng",
        SESSION_COOKIE_SECURE=settings.server.public_url.startswith("https://"),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,  # twelve hours from the sign-in, not from the last click
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
        BABEL_DEFAULT_TIMEZONE="Asia/Shanghai",
    )
    csrf = init_console(app, desk)
    intake = _intake(desk, settings)
    hooks, page = webhooks(desk, intake), pages(desk)
    log = offer(desk, witness_keys(settings.evidence))
    for blueprint in (hooks, page, log):
        csrf.exempt(blueprint)  # gateways and witnesses sign, pages carry their own token
    for blueprint in (hooks, page, log, public_check(desk), console(desk), monitoring(desk)):
        app.register_blueprint(blueprint)
    if desk.sandbox:
        _sandbox_clock(app, desk, csrf)
    mount_api(app, desk)
    if settings.server.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app, intake


def _intake(desk: Desk, settings: Settings) -> Intake:
    archive, limits = desk.archive, settings.ops
    spool = Spool(desk.data_dir / "spool", archive.keys, limits.spool_files, limits.spool_mib * 1024**2)
    return Intake(IntakeQueue(archive), spool, archive.ids)


def _sandbox_clock(app: Flask, desk: Desk, csrf: Any) -> None:
    """Demonstrations only: read and move business time (the pretend phone posts here)."""

    @app.get("/sandbox/now")
    def sandbox_now() -> Response:
        return jsonify(now=desk.archive.clock.now().isoformat().replace("+00:00", "Z"))

    @app.post("/sandbox/clock")
    def sandbox_clock() -> Any:
        hours = request.form.get("hours", type=float)
        if hours is None or not 0 < hours <= 24 * 60:
            return jsonify(error="hours must be a number between 0 and 1440"), 400
        with desk.archive.engine.begin() as connection:
            clocks.move(connection, timedelta(hours=hours))
        back = request.form.get("next", "")
        known = any(back.startswith(f"{link}/") or back == link for link in desk.sandbox_links.values())
        return redirect(back if known else request.referrer or "/", 303)

    csrf.exempt(sandbox_clock)  # the pretend phone posts from another origin
