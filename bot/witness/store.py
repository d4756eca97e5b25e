"""What the witness remembers: one cosigned checkpoint per log, and notes that contradict each other."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from evidence.checkpoint import Checkpoint
from evidence.checkpoint import parse as parse_checkpoint
from evidence.note import parse as parse_note

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_MOST_CONFLICTS = 100  # folders; each holds a note that only the log's own key can make


class Store:
    """A folder of the witness's own. What ``keep`` was given survives a crash or is not there at all."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._mutex = folder, threading.Lock()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Let nobody else look and keep meanwhile: no thread, and no second process on this folder."""
        with self._mutex, (self._folder / "lock").open("ab") as file:
            _lock(file.fileno())
            yield

    def seen(self, origin: str) -> bytes | None:
        """Return the note that was cosigned last for a log, with our line."""
        try:
            return self._page(origin_hash(origin)).read_bytes()
        except FileNotFoundError:
            return None

    def by_hash(self, name: str) -> bytes | None:
        """Return the same by the SHA-256 of the origin in hex, as the protocol's address names it."""
        known = {origin_hash(origin): origin for origin in self.origins()}
        return self.seen(known[name]) if name in known else None

    def origins(self) -> list[str]:
        """Return every log of which a checkpoint was cosigned."""
        pages = sorted(self._folder.glob("*/checkpoint"))
        return [checkpoint_in(page.read_bytes()).origin for page in pages]

    def keep(self, origin: str, note: bytes) -> None:
        """Remember this note as the last one, durably, before anybody hears of it."""
        page = self._page(origin_hash(origin))
        page.parent.mkdir(exist_ok=True, mode=0o700)
        durably_write(page, note)

    def keep_conflict(self, ours: bytes, theirs: bytes, proof: bytes) -> tuple[Path | None, bool]:
        """Keep two notes that contradict each other, and what was said to prove them one.

        ``theirs`` bears the log's signature and nobody else's: strangers' lines make no other conflict
        of it. Returns the folder, None when there are too many, and whether it was kept before.
        """
        mark = sha256(checkpoint_in(ours).body() + theirs).hexdigest()[:16]
        folder = self._folder / "conflicts" / mark
        if (folder / "as-it-came").exists():
            return folder, True
        if not folder.exists() and len(list(self._folder.glob("conflicts/*"))) >= _MOST_CONFLICTS:
            return None, False
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, data in (("seen-before", ours), ("shown-now", theirs), ("as-it-came", proof)):
            durably_write(folder / name, data)
        return folder, False

    def _page(self, name: str) -> Path:
        return self._folder / name / "checkpoint"


def origin_hash(origin: str) -> str:
    """Return under which name a log's page stands (C2SP tlog-witness)."""
    return sha256(origin.encode()).hexdigest()


def checkpoint_in(note: bytes) -> Checkpoint:
    """Return the checkpoint of a note that was verified before."""
    return parse_checkpoint(parse_note(note).text)


def durably_write(path: Path, data: bytes) -> None:
    """Put a whole file in place: after a crash it holds the old bytes or the new ones."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    if sys.platform != "win32":  # there a folder cannot be opened, and the rename is journalled
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _lock(descriptor: int) -> None:
    """Wait for the file's lock; closing the file gives it back."""
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
