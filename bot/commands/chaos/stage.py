"""The stage of a crash test: folder, database, pretend gateways, web server and signer, all real."""

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import requests

from bot.callout import session
from bot.commands.chaos.settings import gateway_settings, write_config
from bot.commands.demonstration import free_port
from bot.commands.signer_child import signer_process
from bot.config import load
from bot.desk import build_desk
from handlers.desk import Desk
from storage import clock
from storage.ids import SystemIds
from storage.start import ready_database, ready_keys

PATIENCE = 60.0  # seconds for a process to come up on a busy machine
PORTS = (10_000, 28_000)  # below those that outgoing connections use; several runs may go on at once
BEIJING = ZoneInfo("Asia/Shanghai")
START_HOUR = 9  # of a working day: messages may leave from 8:00 to 20:00


@dataclass(frozen=True)
class Stage:
    """Everything that runs apart from the workers."""

    folder: Path
    config: Path
    desk: Desk
    gateways_url: str
    pace: float  # multiplies every wait of the workers

    @property
    def ledger(self) -> Path:
        """The gateways' own book of what they accepted."""
        return self.folder / "gateways.jsonl"

    def gateway(self, act: str, **body: object) -> dict[str, object]:
        """Tell the gateways something, and return what they say."""
        with session(self.gateways_url) as http:
            answer = http.post(f"{self.gateways_url}/admin/{act}", json=body, timeout=PATIENCE)
        answer.raise_for_status()
        told: dict[str, object] = answer.json()
        return told

    def pass_time(self, by: timedelta) -> None:
        """Set everybody's business time forward, the gateways' first: they are never behind ours."""
        self.gateway("clock", seconds=by.total_seconds())
        with self.desk.archive.engine.begin() as connection:
            clock.move(connection, by)


@contextmanager
def staged(folder: Path, database: str, pace: float, *, blind: bool) -> Iterator[Stage]:
    """Start everything in order and stop it in order at the end."""
    with ExitStack() as running:
        port = free_port(random.randrange(*PORTS))
        ahead = to_morning(datetime.now(UTC))
        ordered = gateway_settings(folder, port, ahead, pace, blind=blind)
        gateways = running.enter_context(_gateways(folder, ordered))
        config = write_config(folder, port, gateways, database, pace, blind=blind)
        settings = load(config, {})
        ready_keys(settings.keys.file, SystemIds().bytes(32))
        desk = build_desk(settings)
        running.callback(desk.archive.engine.dispose)
        ready_database(database, desk.archive, settings.evidence.origin)
        with desk.archive.engine.begin() as connection:
            clock.move(connection, ahead)
        running.enter_context(signer_process(settings, folder / "signer.log"))
        running.enter_context(_web(folder, config, settings.server.public_url))
        yield Stage(folder, config, desk, gateways, pace)


def to_morning(now: datetime) -> timedelta:
    """Return how far business time must be set forward to begin at nine on a Monday in Beijing."""
    there = now.astimezone(BEIJING)
    start = there.replace(hour=START_HOUR, minute=0, second=0, microsecond=0)
    return start + timedelta(days=(7 - start.weekday()) % 7 or 7) - there


@contextmanager
def _gateways(folder: Path, ordered: dict[str, object]) -> Iterator[str]:
    file = folder / "gateways.json"
    file.write_text(json.dumps(ordered), "utf-8")
    with (folder / "gateways.log").open("ab") as log:
        command = [sys.executable, "-m", "sandbox", "--settings", str(file)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        try:
            with child.stdout as said:  # type: ignore[union-attr]  # it is a pipe
                yield str(json.loads(said.readline())["url"])
        finally:
            child.terminate()
            child.wait(PATIENCE)


@contextmanager
def _web(folder: Path, config: Path, url: str) -> Iterator[None]:
    with (folder / "web.log").open("ab") as log:
        command = [sys.executable, "-m", "bot", "web", "--config", str(config)]
        child = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            _await_web(child, url, folder / "web.log")
            yield
        finally:
            child.terminate()
            child.wait(PATIENCE)


def _await_web(child: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    with session(url) as http:
        while time.monotonic() < deadline and child.poll() is None:
            try:
                if http.get(f"{url}/healthz", timeout=2).status_code == requests.codes.ok:
                    return
            except requests.RequestException:
                time.sleep(0.1)
    raise OSError(f"the web server did not start: read {log}")
