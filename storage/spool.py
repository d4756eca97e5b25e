"""Files that wait on this host's disk, encrypted, until the database can be written again."""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage.keys import Keys

FILES, BYTES = 10_000, 256 * 1024**2
GRACE = 60.0  # seconds after which a file that is not whole has no living writer any more
ASIDE = "aside"  # folder of what cannot be replayed: kept for a person, never touched again
_NAME = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\.spool")


class SpoolFault(Exception):  # noqa: N818
    """The spool is full or its disk fails: nothing was kept, and whoever brought it must come again."""


@dataclass(frozen=True)
class Figures:
    """How much waits in a spool, since when, and how many files lie aside for a person."""

    files: int
    bytes: int
    aside: int
    oldest: datetime | None


class Spool:
    """A folder of whole files, oldest first; each is on disk when ``keep`` returns.

    It belongs to one host. Several web processes there may share it: whoever
    replays a file second finds everything known already.
    """

    def __init__(self, folder: Path, keys: Keys, files: int = FILES, size: int = BYTES) -> None:
        self._folder, self._keys, self._files, self._size = folder, keys, files, size

    def keep(self, uuid: str, plain: bytes) -> None:
        """Keep bytes under a version 7 UUID, which says when. Raises SpoolFault."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._must_fit(len(plain))
            self._write(f"{uuid}.spool", plain)
        except OSError as error:
            remedy = "make room on the disk of evidence.data_dir and let the service's user own it"
            raise SpoolFault(
                f"{self._folder} cannot be written ({error.strerror or error}): {remedy}"
            ) from error

    def waiting(self) -> list[str]:
        """Return the names of the files that wait, oldest first."""
        return sorted(name for name in self._names() if _NAME.fullmatch(name))

    def read(self, name: str) -> bytes:
        """Return what a file holds. Raises KeyFault where it was changed or sealed under another key."""
        return self._keys.open_file(name, (self._folder / name).read_bytes())

    def drop(self, name: str) -> None:
        """Delete a file whose content is in the database."""
        (self._folder / name).unlink(missing_ok=True)

    def put_aside(self, name: str) -> None:
        """Move a file out of the way, for a person to look at."""
        (self._folder / ASIDE).mkdir(exist_ok=True, mode=0o700)
        os.replace(self._folder / name, self._folder / ASIDE / name)
        _sync(self._folder)

    def tidy(self, now: float) -> int:
        """Move aside what nobody finished writing and what is not ours; return how many files."""
        strange = (name for name in self._names() if not _NAME.fullmatch(name) and name != ASIDE)
        dead = [name for name in strange if now - (self._folder / name).lstat().st_mtime > GRACE]
        for name in dead:
            self.put_aside(name)
        return len(dead)

    def figures(self) -> Figures:
        """Say how much waits."""
        names = self.waiting()
        aside = self._folder / ASIDE
        return Figures(
            len(names), self._held(), len(list(aside.iterdir())) if aside.is_dir() else 0,
            _moment(names[0]) if names else None,
        )  # fmt: skip

    def _names(self) -> list[str]:
        return os.listdir(self._folder) if self._folder.is_dir() else []

    def _held(self) -> int:
        return sum(_size(self._folder / name) for name in self._names())

    def _must_fit(self, size: int) -> None:
        if len(self.waiting()) >= self._files or self._held() + size > self._size:
            raise SpoolFault(
                f"{self._folder} is full: bring the database back, or raise ops.spool_files and ops.spool_mib"
            )

    def _write(self, name: str, plain: bytes) -> None:
        """Write under another name, then rename: a file of ours is whole or is not there."""
        half = self._folder / f".{name}.half"
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(self._keys.seal_file(name, plain))
            file.flush()
            os.fsync(file.fileno())
        os.replace(half, self._folder / name)
        _sync(self._folder)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:  # another process has replayed it meanwhile
        return 0


def _moment(name: str) -> datetime:
    """Return when a file was kept: a version 7 UUID begins with the milliseconds since 1970."""
    return datetime.fromtimestamp(int(name[:8] + name[9:13], 16) / 1000, UTC)


def _sync(folder: Path) -> None:
    """Make a rename last: on POSIX the folder is a file of its own."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
