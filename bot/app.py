"""Build the desk and the web application from settings; nothing starts on import."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, redirect, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from werkzeug.middleware.proxy_fix import ProxyFix

from bot.addresses import is_loopback
from bot.anchors.build import build_anchors, witness_keys
from bot.anchors.signer import SignerClient, socket_path
from bot.api.web import mount as mount_api
from bot.config import ConfigError, Settings
from bot.console.web import console
from bot.console.web import init_app as init_console
from bot.conversation import propose
from bot.pages.check import public_check
from bot.pages.web import pages
from bot.registry import build_channels
from bot.webhooks.queue import IntakeQueue
from bot.webhooks.web import webhooks
from bot.witness.offer import offer
from casework.escalation import load_policy, policy_names
from casework.workdays import load_calendar
from handlers.desk import Desk
from handlers.ports import Clock, Ladders
from handlers.selfcheck import SelfCheck, last_selfcheck
from storage import clock as clocks
from storage import health, inbox
from storage.anchors import unanswered
from storage.book import Archive
from storage.engine import open_engine
from storage.ids import SystemIds
from storage.keys import KeyFault, read_keys
from storage.log import read_head

WEB_WAIT_MS = 4_000
LARGEST_REQUEST = 26 * 1024 * 1024  # bytes: an employee's photos; every room sets its own, lower limit
WORKER_WAIT_MS = 30_000
STALE = timedelta(minutes=2)  # readiness: no worker has finished a sweep for this long


def build_desk(
    settings: Settings, wait_ms: int = WORKER_WAIT_MS, sandbox_links: Mapping[str, str] | None = None
) -> Desk:
    """Open the database with its keys and make the channels. Raises ConfigError."""
    _keep_sandbox_at_home(settings)
    try:
        keys = read_keys(settings.keys.file)
    except KeyFault as fault:
        raise ConfigError(f"{fault}.") from None
    engine = open_engine(settings.database.url.get_secret_value(), keys, wait_ms)
    sandbox = settings.server.sandbox
    clock: Clock = clocks.SandboxClock(engine) if sandbox else clocks.SystemClock()
    channels, ids = build_channels(settings), SystemIds()
    return Desk(
        archive=Archive(engine, keys, clock, ids, sandbox=sandbox),
        channels=channels,
        rules=load_rules(frozenset(name for name, _ in channels)),
        propose=propose,
        public_url=settings.server.public_url,
        sandbox=sandbox,
        signer=SignerClient(socket_path(settings.evidence)),
        checkpoint_minutes=settings.evidence.checkpoint_minutes,
        anchors=build_anchors(settings, clock, ids),
        anchor_hour=settings.evidence.anchor_hour,
        data_dir=settings.evidence.data_dir,
        sandbox_links=sandbox_links or {},
    )


def _keep_sandbox_at_home(settings: Settings) -> None:
    """A clock that anybody can move must never drive messages to real people."""
    hosts = (
        urlsplit(settings.server.public_url).hostname,
        settings.server.bind.rpartition(":")[0].strip("[]"),
    )
    if settings.server.sandbox and not all(is_loopback(host) for host in hosts):
        raise ConfigError(
            "server.sandbox must be false unless server.public_url and server.bind are on this machine:"
            " a demonstration's clock can be moved by anybody."
        )


def load_rules(channel_names: frozenset[str]) -> Ladders:
    """Return the packaged calendar and ladders."""
    policies = {name: load_policy(name) for name in policy_names()}
    return Ladders(calendar=load_calendar(), policies=policies, channel_names=channel_names)


def create_app(desk: Desk, settings: Settings) -> tuple[Flask, IntakeQueue]:
    """Return the web application and the queue that must be closed when it stops."""
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
    hooks, arrivals = webhooks(desk)
    page = pages(desk)
    log = offer(desk, witness_keys(settings.evidence))
    for blueprint in (hooks, page, log):
        csrf.exempt(blueprint)  # gateways and witnesses sign, pages carry their own token
    for blueprint in (hooks, page, log, public_check(desk), console(desk)):
        app.register_blueprint(blueprint)
    _health(app, desk)
    if desk.sandbox:
        _sandbox_clock(app, desk, csrf)
    mount_api(app, desk)
    if settings.server.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    return app, arrivals


def _health(app: Flask, desk: Desk) -> None:
    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        with desk.archive.reading() as view:
            halted = read_head(view.connection).halted
            beat = health.last_beat(view.connection)
        if halted is not None:
            return jsonify(status=f"the evidence log is halted: {halted}"), 503
        alive = beat is not None and desk.archive.clock.real() - beat < STALE
        return jsonify(
            status="ok" if alive else "no worker has finished a sweep lately"
        ), 200 if alive else 503

    @app.get("/metrics")
    def metrics() -> Response:
        with desk.archive.reading() as view:
            head = read_head(view.connection)
            waiting = {
                (one.kind, one.service): (view.now - one.since).total_seconds()
                for one in unanswered(view.connection, head.origin)
            }
            counts, last = inbox.counts(view.connection), last_selfcheck(view)
        figures = _figures(counts, head.size, head.halted is not None, waiting, last)
        return Response(figures, content_type=CONTENT_TYPE_LATEST)


def _figures(
    counts: Mapping[str, int], size: int, halted: bool, waiting: Mapping[tuple[str, str], float],
    last: SelfCheck | None,
) -> bytes:  # fmt: skip
    registry = CollectorRegistry()
    Gauge("huizheng_log_records", "Records in the evidence log", registry=registry).set(size)
    stopped = Gauge("huizheng_log_halted", "1 while nothing may be recorded or sent", registry=registry)
    stopped.set(halted)
    silent = Gauge(
        "huizheng_anchor_unanswered_seconds", "How long an outside service owes us an answer",
        ["kind", "service"], registry=registry,
    )  # fmt: skip
    for service, seconds in waiting.items():
        silent.labels(*service).set(seconds)
    if last is not None:
        found = Gauge("huizheng_selfcheck_findings", "Findings of the last self-check", registry=registry)
        found.set(last.findings)
    events = Gauge("huizheng_events", "Counted events", ["what", "source"], registry=registry)
    for name, times in counts.items():
        what, _, source = name.partition("/")
        events.labels(what, source).set(times)
    return generate_latest(registry)


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
