"""The signer's own folder: its key, its state, and every size that it signed; each survives a crash whole."""

import fcntl
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evidence.fields import HEX64, ORIGIN
from scheduler.signer.files import Refusal, durably_add, durably_write
from scheduler.signer.keys import KeyFile
from scheduler.signer.memory import BLOCK, Memory

VERSION = 1
_SIGNED = re.compile(rf"({ORIGIN}) ([1-9][0-9]{{0,15}}) ({HEX64})")


@dataclass(frozen=True)
class State:
    """All that the signer must not forget; ``signed`` is the size that it signed last, 0 for none."""

    origin: str
    vkey: str
    memory: Memory = field(default_factory=Memory)
    signed: int = 0
    note: str = ""
    rotation: str = ""  # the newest note that bears the signatures of two of our keys
    earlier: tuple[Mapping[str, Any], ...] = ()  # epochs that ended: origin, seen, root, signed, note


class Folder:
    """The folder, for one process at a time."""

    def __init__(self, path: Path) -> None:
        """Open or make it. Raises Refusal when others may enter it or another signer is in it."""
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = path
        self.key, self.next_key = KeyFile(path / "key.json"), KeyFile(path / "key.next.json")
        self._lock = os.open(path / "lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise Refusal(
                f"another signer works in {path}: stop it, or give this one its own folder"
            ) from None
        try:
            self.roots = self._read_signed()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let another signer in."""
        os.close(self._lock)

    def read(self) -> State | None:
        """Return the state; None in a folder that nobody has used yet. Raises Refusal for a damaged one."""
        try:
            held = json.loads((self.path / "state.json").read_text())
            return _state(held)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            raise Refusal(
                f"{self.path / 'state.json'} cannot be read: put it back from its backup. If there is none,"
                " move the whole folder away and run `huizheng epoch start`"
            ) from None

    def write(self, state: State) -> None:
        """Replace the state; it is on the disk when this returns."""
        durably_write(self.path / "state.json", json.dumps(_held(state)).encode())

    def has_signed(self, origin: str, size: int) -> bool:
        """Whether this size was ever signed."""
        return (origin, size) in self.roots

    def note_signed(self, origin: str, size: int, root: bytes) -> None:
        """Write down that this size is about to be signed with this root; another root is refused."""
        if self.roots.get((origin, size), root) != root:
            raise Refusal(f"size {size} was signed with another root before: the log was changed")
        durably_add(self.path / "signed.txt", f"{origin} {size} {root.hex()}\n")
        self.roots[origin, size] = root

    def signed_above(self, origin: str, size: int) -> list[int]:
        """Return the signed sizes of an epoch above this one, smallest first."""
        return sorted(signed for name, signed in self.roots if name == origin and signed > size)

    def _read_signed(self) -> dict[tuple[str, int], bytes]:
        """Read what was signed; a last line that a crash cut short was never answered for."""
        path, found = self.path / "signed.txt", dict[tuple[str, int], bytes]()
        whole = path.read_bytes() if path.exists() else b""
        complete = whole[: whole.rfind(b"\n") + 1]
        if complete != whole:
            durably_write(path, complete)
        for number, line in enumerate(complete.decode(errors="replace").split("\n")[:-1], start=1):
            read = _SIGNED.fullmatch(line)
            if read is None:
                raise Refusal(
                    f"line {number} of {path} is damaged: put it back from its backup. If there is none, move"
                    " the whole folder away and run `huizheng epoch start`"
                )
            found[read[1], int(read[2])] = bytes.fromhex(read[3])
        return found


def _held(state: State) -> dict[str, Any]:
    return {
        "v": VERSION, "origin": state.origin, "vkey": state.vkey, "seen": state.memory.seen,
        "frontier": [one.hex() for one in state.memory.frontier],
        "blocks": [one.hex() for one in state.memory.blocks], "last": state.memory.last.hex(),
        "signed": state.signed, "note": state.note, "rotation": state.rotation,
        "earlier": [dict(one) for one in state.earlier],
    }  # fmt: skip


def _state(held: Mapping[str, Any]) -> State:
    if held["v"] != VERSION:
        raise ValueError("state of another version")
    memory = Memory(
        int(held["seen"]), _hashes(held["frontier"]), _hashes(held["blocks"]), bytes.fromhex(held["last"])
    )
    if len(memory.frontier) != memory.seen.bit_count() or len(memory.blocks) != memory.seen // BLOCK:
        raise ValueError("hashes that are not those of so many leaves")
    return State(
        str(held["origin"]), str(held["vkey"]), memory, int(held["signed"]), str(held["note"]),
        str(held["rotation"]), tuple(held["earlier"]),
    )  # fmt: skip


def _hashes(values: list[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(one) for one in values)
