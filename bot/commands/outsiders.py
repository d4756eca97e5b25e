"""The outsiders of a demonstration: a witness as a process of its own, and the policy of who trusts them."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from bot.anchors.signer import SignerClient, socket_path
from bot.callout import session
from bot.config import Settings
from bot.witness.keyfile import make_key, read_key
from handlers.vouching import SignerFault
from storage.ids import SystemIds

WITNESS = "witness.sandbox"
KEY, STATE, LOG = "witness-key", "witness", "witness.log"
POLICY, ROOT = "policy.txt", "tsa-root.pem"


def witness_vkey(data: Path) -> str:
    """Return the vkey of the demonstration's witness; its key is made at the first time."""
    path = data / KEY
    key = read_key(path) if path.exists() else make_key(path, WITNESS, SystemIds().bytes(32))
    return key.public.vkey


@contextmanager
def witness_process(data: Path, settings: Settings) -> Iterator[None]:
    """Serve as the witness whose address the settings name; a log that nobody signs needs none."""
    log = log_vkey(settings)
    if log is None:
        yield
        return
    paths = ["--key", str(data / KEY), "--state", str(data / STATE), "--log", log]
    bind = settings.evidence.witness_urls[0].removeprefix("http://")
    time_url = f"{settings.server.public_url}/sandbox/now"
    words = [*paths, "--bind", bind, "--time-url", time_url]
    with (data / LOG).open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "bot", "witness", *words], stdout=output, stderr=output, env=os.environ
        )
        try:
            yield
        finally:
            child.terminate()
            child.wait(30)


def log_vkey(settings: Settings) -> str | None:
    """Return the key with which the log is signed; None while no signer answers."""
    try:
        return SignerClient(socket_path(settings.evidence)).status().vkey
    except SignerFault:
        return None


def write_policy(settings: Settings, folder: Path) -> Path | None:
    """Write down, as a reader would, whom to trust: the log, the witness, the time-stamp service's root.

    Returns None for a log that nobody signs.
    """
    log = log_vkey(settings)
    if log is None:
        return None
    url = settings.evidence.tsa_urls[0]
    with session(url) as http:
        pem = http.get(f"{url}/root.pem").content
    pin = sha256(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)).hexdigest()
    witness = settings.evidence.witness_keys[0]
    (folder / ROOT).write_bytes(pem)
    (folder / POLICY).write_text(
        "# 演示用的信任策略：真实使用时，这三行由核验人自己从各方取得，不从证据包里抄。\n"
        f"log {log}\nwitness {WITNESS} {witness}\ntsa sandbox {pin} {ROOT}\nquorum {WITNESS}\n",
        "utf-8",
    )
    return folder / POLICY
