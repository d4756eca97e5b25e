"""`serve`, `web` and `worker`: everything in one place, or each part as its own process."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click
from waitress.server import create_server

from bot.app import LARGEST_REQUEST, WEB_WAIT_MS, create_app
from bot.commands.common import config_option, open_desk, read_settings
from bot.commands.signer_child import signer_process
from bot.config import Settings
from handlers.desk import Desk
from handlers.export_room import sweep
from handlers.restored import notice_restore
from handlers.vouching import SignerFault
from scheduler.who import Worker
from scheduler.worker import Heart, run_until_told

THREADS = 16


@click.command("serve")
@config_option
def serve_command(config: Path | None) -> None:
    """Run the web server, one worker and the signer (child processes).

    Ctrl-C or SIGTERM stops all of them in order.
    """
    settings = read_settings(config)
    desk = open_desk(settings, wait_ms=WEB_WAIT_MS)
    command = [sys.executable, "-m", "bot", "worker", *(["--config", str(config)] if config else [])]
    with signer_process(settings):
        look_back(desk)
        child = subprocess.Popen(command)
        try:
            run_web(desk, settings)
        finally:
            child.terminate()
            child.wait(60)


def look_back(desk: Desk) -> None:
    """Halt the log at once where the signer has seen more of it; one that is not there yet is asked later."""
    try:
        why = notice_restore(desk)
    except SignerFault:
        return
    if why is not None:
        click.echo(f"The evidence log is halted: {why}", err=True)


@click.command("web")
@config_option
def web_command(config: Path | None) -> None:
    """Run only the web server: webhooks, console, employee pages and API."""
    settings = read_settings(config)
    desk = open_desk(settings, wait_ms=WEB_WAIT_MS)
    look_back(desk)
    run_web(desk, settings)


@click.command("worker")
@click.option("--pace", default=1.0, hidden=True, help="Multiplies every interval; for demonstrations.")
@config_option
def worker_command(config: Path | None, pace: float) -> None:
    """Run only a worker. Any number may run against one PostgreSQL."""
    desk = open_desk(read_settings(config))
    look_back(desk)
    name = f"{socket.gethostname()}/{os.getpid()}"
    worker = Worker(desk, name, fail_point(os.environ.get("HUIZHENG_FAIL", "")), pace)
    run_until_told(Heart(worker))


def fail_point(wanted: str) -> Callable[[str], None]:
    """Return a fail-point that kills this process the hard way where HUIZHENG_FAIL says; for crash tests."""

    def reached(name: str) -> None:
        if name == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


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
