"""The signer as the application reaches it: a Unix socket, here or forwarded from another machine."""

import hashlib
import json
import os
import socket
import stat
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.config import Evidence
from handlers.vouching import SignerFault, SignerStatus
from scheduler.signer.host import host_mark

SHARED = Path("/tmp")
LONGEST_PATH = 107  # bytes of a Unix socket's path, sys/un.h
WAIT = 25.0  # seconds; the signer itself waits ten for records that it cannot see yet
LONGEST_ANSWER = 16 * 1024 * 1024
NONSENSE = "the signer's answer makes no sense: is it of the same version?"


def socket_path(settings: Evidence) -> Path:
    """Return where the signer listens; a data folder whose path is too long gets a short place of its own."""
    wanted = (settings.signer_socket or settings.data_dir / "signer.sock").absolute()
    if settings.signer_socket is not None or len(os.fsencode(wanted)) <= LONGEST_PATH:
        return wanted
    mark = hashlib.sha256(os.fsencode(settings.data_dir.absolute())).hexdigest()[:16]
    return SHARED / f"{_short_name()}{mark}" / "signer.sock"


def _short_name() -> str:
    return f"huizheng-{os.geteuid()}-"


def _must_be_ours(path: Path) -> None:
    """In a folder where anybody may make folders, ask nobody but ourselves. Raises SignerFault."""
    if path.parent.parent != SHARED or not path.parent.name.startswith(_short_name()):
        return
    found = path.parent.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise SignerFault(
            f"{path.parent} was made by another user, or others may write there: whoever listens in it is not"
            " asked. Set evidence.signer_socket to a path in a folder of your own"
        )


class SignerClient:
    """Asks one question over one connection; implements handlers.vouching.Signer."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def status(self) -> SignerStatus:
        """Say how it stands. Raises SignerFault."""
        said, user = self._asked({"do": "status"})
        try:
            return _status(said, user)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise SignerFault(NONSENSE) from None

    def sign(self, size: int) -> bytes:
        """Return the signed note over the log at this size. Raises SignerFault."""
        return self._note({"do": "sign", "size": size})

    def sign_export(self, text: bytes) -> bytes:
        """Return the signed note over an export's text. Raises SignerFault."""
        return self._note({"do": "sign_export", "text": text.decode()})

    def rotate(self) -> str:
        """Make the next key and return its vkey. Raises SignerFault."""
        return self._note({"do": "rotate"}).decode()

    def finish_rotation(self, vkey: str, size: int) -> bytes:
        """Return the note by both keys. Raises SignerFault."""
        return self._note({"do": "finish_rotation", "vkey": vkey, "size": size})

    def begin_epoch(self, origin: str) -> None:
        """Follow the next epoch. Raises SignerFault."""
        self._asked({"do": "begin_epoch", "origin": origin})

    def _note(self, question: Mapping[str, Any]) -> bytes:
        said, _ = self._asked(question)
        if not isinstance(said, str):
            raise SignerFault(NONSENSE)
        return said.encode()

    def _asked(self, question: Mapping[str, Any]) -> tuple[Any, int]:
        """Return the answer and the user id behind the socket."""
        try:
            _must_be_ours(self.path)
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
                asking.settimeout(WAIT)
                asking.connect(str(self.path))
                user = _user_behind(asking)
                asking.sendall(json.dumps(question).encode() + b"\n")
                answer = json.loads(_line(asking))
        except (OSError, ValueError) as error:
            raise SignerFault(
                f"the signer does not answer at {self.path} ({type(error).__name__}): `huizheng serve` runs"
                " one, or start `huizheng signer`"
            ) from None
        if not isinstance(answer, dict) or not {"ok", "error"} & answer.keys():
            raise SignerFault(NONSENSE)
        if "error" in answer:
            raise SignerFault(str(answer["error"]))
        return answer["ok"], user


def _line(asking: socket.socket) -> bytes:
    held = b""
    while not held.endswith(b"\n"):
        more = asking.recv(1 << 16)
        if not more or len(held) > LONGEST_ANSWER:
            raise ValueError("an answer without an end")
        held += more
    return held


def _user_behind(asking: socket.socket) -> int:
    """Return the user id of whoever opened the other end, as the kernel says; our own where it cannot say."""
    if not hasattr(socket, "SO_PEERCRED"):
        return os.geteuid()
    raw = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", raw)[1])


def _status(said: Mapping[str, Any], user: int) -> SignerStatus:
    return SignerStatus(
        origin=str(said["origin"]),
        vkey=str(said["vkey"]),
        isolation=isolation(str(said["host"]), user),
        seen=int(said["seen"]),
        signed=int(said["signed"]),
        note=str(said["note"]).encode() or None,
        trouble=said["trouble"],
        why=str(said["why"]),
        next=said["next"],
        earlier={str(origin): str(note).encode() for origin, note in said["earlier"].items() if note},
    )


def isolation(host: str, user: int) -> str:
    """Say how far the signer stands from us: another machine's mark, or another user behind the socket."""
    here = host_mark()
    if host and here and host != here:
        return "separate-host"
    return "same-user" if user == os.geteuid() else "separate-user"
