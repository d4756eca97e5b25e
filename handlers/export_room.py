"""Where exports are made: a room that nobody else reads, and few at a time."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

AT_ONCE = 2  # of one process: each one keeps a processor and some hundred megabytes busy
LEFT_AFTER = timedelta(days=1)

_turns = threading.BoundedSemaphore(AT_ONCE)


class Crowded(Exception):  # noqa: N818
    """As many exports as may be are being made in this process."""

    def __init__(self) -> None:
        super().__init__("正在导出，请稍后再试")


@contextmanager
def turn() -> Iterator[None]:
    """Take one of the few places. Raises Crowded at once when there is none."""
    if not _turns.acquire(blocking=False):
        raise Crowded
    try:
        yield
    finally:
        _turns.release()


def new_room(data_dir: Path) -> TemporaryDirectory[str]:
    """Make a folder of its own below ``data_dir``/exports, for the owner only."""
    return TemporaryDirectory(dir=_folder(data_dir), prefix="export-")


def sweep(data_dir: Path, now: datetime) -> None:
    """Remove what exports left behind that were killed; ``now`` is real time."""
    before = (now - LEFT_AFTER).timestamp()
    for left in _folder(data_dir).iterdir():
        if left.lstat().st_mtime < before:
            if left.is_dir() and not left.is_symlink():
                rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def _folder(data_dir: Path) -> Path:
    folder = data_dir / "exports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chmod(folder, 0o700)  # it may have been there before
    return folder
