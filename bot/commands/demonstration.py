"""A whole deployment on loopback: data folder, settings, pretend gateways, web server, one worker."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from waitress.server import create_server

from bot.app import LARGEST_REQUEST, WEB_WAIT_MS, create_app
from bot.commands.outsiders import witness_process, witness_vkey
from bot.commands.signer_child import signer_process
from bot.config import Settings, load
from bot.desk import build_desk
from handlers.desk import Desk
from sandbox.server import Settings as GatewaySettings
from sandbox.server import Template
from sandbox.server import serve as serve_gateways
from storage.ids import SystemIds
from storage.start import ready_database, ready_keys

PACE = 0.1  # every real wait of the worker is a tenth; its gateways answer within 4 s (see timeouts below)
PORTS_TRIED = 50
TEMPLATE = Template("TPL_NOTICE", "办事提醒", {"thing1": "事项", "thing2": "说明", "phrase3": "状态"})


@dataclass(frozen=True)
class Demonstration:
    """A running demonstration."""

    desk: Desk
    settings: Settings
    web_url: str
    gateways_url: str
    data: Path
    fresh: bool  # False: an earlier demonstration in the same folder goes on


@contextmanager
def demonstration(
    data: Path, port: int, database: str | None = None, *, worker: bool = True
) -> Iterator[Demonstration]:
    """Start everything and stop it in order at the end.

    ``database`` is another database than an SQLite file in ``data``; without
    ``worker`` nothing is sent until the caller starts one.
    """
    data.mkdir(parents=True, exist_ok=True)
    fresh = not (data / "config.toml").exists()
    with ExitStack() as running:
        web_port = free_port(port)
        gateways = running.enter_context(serve_gateways(_gateways(data, web_port, free_port(web_port + 1))))
        database = database or f"sqlite:///{data / 'huizheng.db'}"
        config = _write_config(data, web_port, gateways.url, database)
        settings = load(config, {})
        ready_keys(settings.keys.file, SystemIds().bytes(32))
        links = {"张伟的手机": f"{gateways.url}/phone"}
        desk = build_desk(settings, WEB_WAIT_MS, links)
        running.callback(desk.archive.engine.dispose)
        ready_database(settings.database.url.get_secret_value(), desk.archive, settings.evidence.origin)
        running.enter_context(signer_process(settings, data / "signer.log"))
        running.enter_context(_web(desk, settings))
        running.enter_context(witness_process(data, settings))
        if worker:
            running.enter_context(worker_process(config, data / "worker.log"))
        yield Demonstration(desk, settings, settings.server.public_url, gateways.url, data, fresh)


def free_port(wanted: int) -> int:
    """Return the wanted port, or the next one that nobody listens on."""
    for port in range(wanted, wanted + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {wanted} to {wanted + PORTS_TRIED - 1}: give another with --port")


def _gateways(data: Path, web_port: int, port: int) -> GatewaySettings:
    web_url = f"http://127.0.0.1:{web_port}"
    return GatewaySettings(
        web_url=web_url,
        port=port,
        data=data / "gateways.jsonl",
        time_url=f"{web_url}/sandbox/now",
        wechat_templates=(TEMPLATE,),
    )


def _write_config(data: Path, web_port: int, gateways: str, database: str) -> Path:
    """Write the demonstration's settings; its secrets are those of the pretend gateways."""
    path, held = data / "config.toml", GatewaySettings(web_url="")
    witness_port = free_port(web_port + 2)
    origin = f"huizheng.{SystemIds().token(8)}/log/1"
    if path.exists():
        origin = load(path, {}).evidence.origin
    text = f"""# Settings of a demonstration; its gateways are pretended and on this machine only.
[server]
public_url = "http://127.0.0.1:{web_port}"
bind = "127.0.0.1:{web_port}"
sandbox = true
[database]
url = "{database}"
[keys]
file = "{data / "keys.json"}"
[evidence]
origin = "{origin}"
data_dir = "{data}"
tsa_urls = ["{gateways}/tsa"]
witness_urls = ["http://127.0.0.1:{witness_port}"]
witness_keys = ["{witness_vkey(data)}"]
[channels.wechat_oa.main]
app_id = "{held.wechat_app_id}"
app_secret = "{held.wechat_secret}"
token = "{held.wechat_token}"
encoding_aes_key = "{held.wechat_aes_key}"
api_base = "{gateways}"
oauth_base = "{gateways}"
connect_timeout = 1
read_timeout = 3
[channels.wechat_oa.main.templates.default]
id = "TPL_NOTICE"
fields = {{ thing1 = "title", thing2 = "line1", phrase3 = "=待确认" }}
[channels.sms_twilio.hk]
account_sid = "{held.twilio_sid}"
auth_token = "{held.twilio_token}"
from_number = "{held.twilio_number}"
api_base = "{gateways}"
connect_timeout = 1
read_timeout = 3
"""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    return path


@contextmanager
def _web(desk: Desk, settings: Settings) -> Iterator[None]:
    app, arrivals = create_app(desk, settings)
    host, _, port = settings.server.bind.rpartition(":")
    server = create_server(
        app, host=host, port=int(port), threads=16, ident=None, max_request_body_size=LARGEST_REQUEST
    )
    thread = threading.Thread(target=server.run, name="web", daemon=True)
    thread.start()
    try:
        yield
    finally:
        arrivals.close()
        server.close()


@contextmanager
def worker_process(config: Path, log: Path, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker as a process of its own; SIGTERM lets it finish what it began."""
    command = [sys.executable, "-m", "bot", "worker", "--config", str(config), "--pace", str(PACE)]
    with log.open("ab") as output:
        child = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **env})
        try:
            yield child
        finally:
            child.terminate()
            child.wait(30)
