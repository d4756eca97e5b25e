"""How the signer writes: whole files for its own eyes, on the disk before anybody is told."""

import errno
import os
from contextlib import suppress
from pathlib import Path


class Refusal(Exception):  # noqa: N818
    """The signer does not sign, or does not start; the message says why and what to do."""


def durably_write(path: Path, data: bytes) -> None:
    """Put a file in place as a whole: a crash leaves the old one or the new one."""
    partial = path.with_name(f".{path.name}.part")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    durably_move(partial, path)


def durably_add(path: Path, line: str) -> None:
    """Add a line to a file, or nothing: what a failure has written of it is cut off again."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(number, "ab", buffering=0) as file:
        before, data = os.fstat(number).st_size, line.encode()
        try:
            if file.write(data) != len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(number)
        except OSError:
            with suppress(OSError):
                os.ftruncate(number, before)
                os.fsync(number)
            raise


def durably_move(source: Path, target: Path) -> None:
    """Give a file the name of another, which is gone then."""
    source.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
