"""The signer's Unix socket: one line of JSON asks, one line of JSON answers, one caller after the other."""

import json
import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from scheduler.signer.files import Refusal
from scheduler.signer.host import host_mark
from scheduler.signer.signing import Signer

log = logging.getLogger(__name__)

LONGEST = 64 * 1024  # bytes of a question
PATIENCE = 3.0  # seconds for a caller to finish its question


def listen(path: Path, group: int | None = None) -> socket.socket:
    """Open the socket for its owner alone, or for a group too. Raises Refusal."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    owners = {path.parent.stat().st_uid, path.parent.lstat().st_uid}  # of a link, both ends
    if not owners <= {0, os.geteuid()}:
        raise Refusal(f"{path.parent} belongs to another user, who could listen there: set signer_socket")
    path.unlink(missing_ok=True)  # the folder's lock says that no other signer answers there
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _bind(server, path, group)
    except OSError as error:
        server.close()
        raise Refusal(
            f"the signer cannot listen at {path} ({error}): correct evidence.signer_socket"
        ) from None
    return server


def _bind(server: socket.socket, path: Path, group: int | None) -> None:
    before = os.umask(0o177)
    try:
        server.bind(str(path))
    finally:
        os.umask(before)
    if group is not None:
        os.chown(path, -1, group)
        path.chmod(0o660)
    server.listen(32)


def serve(server: socket.socket, signer: Signer, every: float, stopped: Callable[[], bool]) -> None:
    """Answer, and follow the log every so many seconds, until told to stop."""
    signer.follow()
    due = time.monotonic() + every
    while not stopped():
        server.settimeout(max(0.0, min(due - time.monotonic(), 0.5)) or 0.001)
        try:
            caller, _ = server.accept()
        except TimeoutError:
            pass
        else:
            with caller:
                _attend(caller, signer)
        if time.monotonic() >= due:
            signer.follow()
            due = time.monotonic() + every


def _attend(caller: socket.socket, signer: Signer) -> None:
    """One caller that stops in the middle, or asks nonsense, must not stop the signer."""
    try:
        answer = answered(signer, _question(caller))
        caller.sendall(json.dumps(answer).encode() + b"\n")
    except OSError as error:
        log.warning("A caller of the signer went away: %s", error)


def _question(caller: socket.socket) -> bytes:
    deadline, held = time.monotonic() + PATIENCE, b""
    while not held.endswith(b"\n") and len(held) <= LONGEST:
        caller.settimeout(max(0.001, deadline - time.monotonic()))
        more = caller.recv(LONGEST)
        if not more:
            break
        held += more
    return held


def answered(signer: Signer, question: bytes) -> dict[str, Any]:
    """Return the answer to a line; ``error`` in it says why there is none."""
    try:
        asked = json.loads(question)
        act = _ACTS[asked["do"]]
        return {"ok": act(signer, asked)}
    except Refusal as refusal:
        return {"error": str(refusal)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {"error": "not a question that the signer knows: use the same version on both sides"}
    except Exception as error:  # a full disk, say; the next question may fare better
        log.exception("The signer could not answer")
        return {"error": f"the signer failed ({type(error).__name__}): look at its log"}


def _status(signer: Signer, _: Mapping[str, Any]) -> dict[str, Any]:
    return {**signer.status(), "host": host_mark()}


def _size(asked: Mapping[str, Any]) -> int:
    size = asked["size"]
    if type(size) is not int:
        raise ValueError("a size is a whole number")
    return size


_ACTS: Mapping[str, Callable[[Signer, Mapping[str, Any]], Any]] = {
    "status": _status,
    "sign": lambda signer, asked: signer.sign(_size(asked)),
    "sign_export": lambda signer, asked: signer.sign_export(str(asked["text"])),
    "rotate": lambda signer, _: signer.rotate(),
    "finish_rotation": lambda signer, asked: signer.finish_rotation(str(asked["vkey"]), _size(asked)),
    "begin_epoch": lambda signer, asked: signer.begin_epoch(str(asked["origin"])),
}
