"""`serve` and `web`: everything in one place, or only what faces the world."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from types import FrameType

import click
from waitress.server import create_server

from bot.app import LARGEST_REQUEST, WEB_WAIT_MS, create_app
from bot.commands.children import kept_alive
from bot.commands.common import config_option, open_desk, read_settings
from bot.commands.roles import embedded
from bot.commands.signer_child import has_signer, start_signer
from bot.commands.working import look_back
from bot.config import Settings
from handlers.desk import Desk
from handlers.export_room import sweep

THREADS = 16


@click.command("serve")
@config_option
def serve_command(config: Path | None) -> None:
    """Run the web server, one worker and the signer (child processes).

    A child that dies is started again. Ctrl-C or SIGTERM stops all of them in
    order; the worker finishes the message under way. A second `serve` on the
    same database is refused.
    """
    settings = read_settings(config)
    desk = open_desk(settings, wait_ms=WEB_WAIT_MS)
    with ExitStack() as running:
        running.enter_context(embedded(desk.archive, _end))
        if not has_signer(settings):
            running.enter_context(kept_alive("signer", lambda: start_signer(settings)))
        look_back(desk)
        running.enter_context(kept_alive("worker", lambda: _start_worker(config)))
        run_web(desk, settings)


def _start_worker(config: Path | None) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "bot", "worker", "--child-of", str(os.getpid())]
    return subprocess.Popen([*command, *(["--config", str(config)] if config else [])])


def _end() -> None:
    """Another `serve` has taken over while this one stood still."""
    os.kill(os.getpid(), signal.SIGTERM)


@click.command("web")
@config_option
def web_command(config: Path | None) -> None:
    """Run only the web server: webhooks, console, employee pages and API."""
    settings = read_settings(config)
    desk = open_desk(settings, wait_ms=WEB_WAIT_MS)
    look_back(desk)
    run_web(desk, settings)


def run_web(desk: Desk, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was accepted."""
    sweep(desk.data_dir, desk.archive.clock.real())
    app, arrivals = create_app(desk, settings)
    host, _, port = settings.server.bind.rpartition(":")
    server = create_server(
        app, host=host, port=int(port), threads=THREADS, ident=None, max_request_body_size=LARGEST_REQUEST
    )

    def stop(_: int, __: FrameType | None) -> None:
        raise SystemExit(0)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    click.echo(f"Serving {settings.server.public_url} on {settings.server.bind}")
    try:
        server.run()
    finally:
        server.close()
        arrivals.close()
