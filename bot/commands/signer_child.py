"""The signer beside `serve` and the sandbox: a child process with its own key, unless one answers already."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.anchors.signer import SignerClient, socket_path
from bot.config import Settings
from handlers.vouching import SignerFault

ANSWERS_WITHIN = 20.0  # seconds


@contextmanager
def signer_process(settings: Settings, log: Path | None = None) -> Iterator[subprocess.Popen[bytes] | None]:
    """Run a signer for the time of the block; none where others run one."""
    if has_signer(settings):
        yield None
        return
    child = start_signer(settings, log)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(30)


def has_signer(settings: Settings) -> bool:
    """Whether others run one: evidence.signer_socket names it, or it answers already."""
    client = SignerClient(socket_path(settings.evidence))
    return settings.evidence.signer_socket is not None or _answers(client)


def start_signer(settings: Settings, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Start a signer and wait until it answers."""
    from scheduler.signer.__main__ import URL  # needs a Unix; commands that need no signer run elsewhere too

    evidence = settings.evidence
    command = [
        sys.executable, "-m", "scheduler.signer", "--origin", evidence.origin,
        "--folder", str(signer_dir(settings)), "--socket", str(socket_path(evidence)),
    ]  # fmt: skip
    # It gets the address of the database and none of our other settings, which may be secrets.
    env = {name: value for name, value in os.environ.items() if not name.startswith("HUIZHENG_")}
    env[URL] = settings.database.url.get_secret_value()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if log else None
    child = subprocess.Popen(command, stdout=output, stderr=output, env=env)
    if output is not None:
        os.close(output)  # the child has its own
    _await(SignerClient(socket_path(evidence)), child)
    return child


def signer_dir(settings: Settings) -> Path:
    """Return the folder of the signer's own key and state."""
    return settings.evidence.signer_dir or settings.evidence.data_dir / "signer"


def _await(client: SignerClient, child: subprocess.Popen[bytes]) -> None:
    """Wait until it answers. One that cannot start says why itself; the log then goes on unsigned."""
    deadline = time.monotonic() + ANSWERS_WITHIN
    while child.poll() is None and time.monotonic() < deadline and not _answers(client):
        time.sleep(0.05)


def _answers(client: SignerClient) -> bool:
    try:
        client.status()
    except SignerFault:
        return False
    return True
