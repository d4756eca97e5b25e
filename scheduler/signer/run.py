"""Run a signer until it is told to stop."""

import grp
import logging
import secrets
import signal
import threading
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from scheduler.signer.files import Refusal
from scheduler.signer.server import listen, serve
from scheduler.signer.signing import Chance, Signer
from scheduler.signer.state import Folder
from storage.tailing import LeafSource, SourceAway

log = logging.getLogger(__name__)

EVERY = 2.0  # seconds between two looks at the log


@dataclass(frozen=True)
class Place:
    """Where a signer works: the log it follows, its own folder, its socket and who may ask."""

    url: str
    origin: str  # any epoch's
    folder: Path
    socket: Path
    group: str | None = None
    every: float = EVERY


def run(place: Place) -> None:
    """Sign until SIGTERM or SIGINT. Raises Refusal when it cannot or must not start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    try:
        with closing(Folder(place.folder)) as folder:
            _serve(place, folder, told)
    except (SourceAway, OSError) as error:
        raise Refusal(str(error)) from error


def _serve(place: Place, folder: Folder, told: threading.Event) -> None:
    chance = Chance(secrets.token_bytes, secrets.randbelow, lambda _: None)
    signer = Signer(folder, LeafSource(place.url), place.origin.rpartition("/")[0], chance)
    with listen(place.socket, _group_id(place.group)) as server:
        log.info("Signing %s at %s", signer.status()["origin"], place.socket)
        serve(server, signer, place.every, told.is_set)
    place.socket.unlink(missing_ok=True)


def _group_id(name: str | None) -> int | None:
    try:
        return None if name is None else grp.getgrnam(name).gr_gid
    except KeyError:
        raise Refusal(f"there is no group {name}: make it, or name another one") from None
