"""The list of erasures outside the database, so that a backup put back loses the same things again.

One JSON line for each step of an erasure, ids only: ``begun`` with everything
that goes, on disk before the database commits, then how it ended.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from storage.erasure import Target

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

NAME = "erased.jsonl"
BEGUN, DONE, VOID = "begun", "done", "void"
WIPED = "wiped"  # destroyed again after a restore, its record still to come


class EraseListFault(Exception):  # noqa: N818
    """The list cannot be read or written; the text says why and what to do."""


class EraseListDamaged(EraseListFault):
    """The list holds what it cannot mean: what was erased might come back after a restore."""


@dataclass(frozen=True)
class Listed:
    """One erasure as the list knows it: under which record, by whom, from which size of which epoch on."""

    erasure: str
    record: str
    target: Target
    case_id: str | None
    ground: str
    asked_by: str
    approved_by: str
    asked_at: str
    epoch: int
    size: int
    state: str = BEGUN


class EraseList:
    """The file ``erased.jsonl`` of a data folder; several processes may add to it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def begin(self, listed: Listed) -> None:
        """Write down what will be erased; it is on disk when this returns."""
        self._append({**vars(listed), "target": listed.target.to_json(), "v": 1})

    def end(self, erasure: str, record: str, state: str = DONE) -> None:
        """Say under which record the erasure is done, or that it came to nothing (``void``)."""
        self._append({"erasure": erasure, "record": record, "state": state})

    def read(self) -> list[Listed]:
        """Return every erasure in order, each in its last state. Raises EraseListFault."""
        found: dict[str, Listed] = {}
        for number, line in enumerate(self._lines(), start=1):
            try:
                _add(found, json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                said = f"line {number} of {self._path} cannot be read: restore the file from its backup"
                raise EraseListDamaged(f"{said}; what was erased might come back without it") from error
        return list(found.values())

    def find(self, erasure: str) -> Listed | None:
        """Return one erasure as the list knows it now. Raises EraseListFault."""
        return next((one for one in self.read() if one.erasure == erasure), None)

    def _lines(self) -> list[bytes]:
        try:
            return self._path.read_bytes().split(b"\n")[:-1]  # an unended last line was never relied on
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._fault("read", error) from error

    def _append(self, line: Mapping[str, Any]) -> None:
        whole = json.dumps(line, sort_keys=True).encode() + b"\n"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with _alone_in(self._path) as file:
                _cut_tail(file)
                if os.write(file, whole) != len(whole):
                    raise OSError("the disk took only a part of it")
                os.fsync(file)
        except OSError as error:
            raise self._fault("written", error) from error

    def _fault(self, what: str, error: OSError) -> EraseListFault:
        said = f"{self._path} cannot be {what} ({error.strerror or error})"
        return EraseListFault(f"{said}: let the service's user own the file and its folder, and make room")


@contextmanager
def _alone_in(path: Path) -> Iterator[int]:
    """Open a file for appending; no other process adds to it until the block is left."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    file = os.open(path, flags, 0o600)
    try:
        _lock(file)
        _give_to_owner_of(path.parent, file)
        yield file
    finally:
        os.close(file)  # gives the lock back


def _lock(file: int) -> None:
    if sys.platform == "win32":
        os.lseek(file, 1 << 30, os.SEEK_SET)  # far behind the text, which others may read meanwhile
        msvcrt.locking(file, msvcrt.LK_LOCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX)


def _give_to_owner_of(folder: Path, file: int) -> None:
    """Where root runs a command, the service must still be able to add to the list."""
    if sys.platform != "win32" and os.geteuid() == 0:
        owner, now = folder.stat(), os.fstat(file)
        if (now.st_uid, now.st_gid) != (owner.st_uid, owner.st_gid):
            os.fchown(file, owner.st_uid, owner.st_gid)


def _cut_tail(file: int) -> None:
    """Remove a last line that does not end: its process died before anything was erased."""
    size = end = os.lseek(file, 0, os.SEEK_END)
    while end and _byte(file, end - 1) != b"\n":
        end -= 1
    if end < size:
        os.ftruncate(file, end)


def _byte(file: int, at: int) -> bytes:
    os.lseek(file, at, os.SEEK_SET)
    return os.read(file, 1)


def _add(found: dict[str, Listed], line: Any) -> None:
    name, state = line["erasure"], line["state"]
    if state == BEGUN:
        found[name] = _listed(line)
    elif state not in (DONE, VOID, WIPED) or not isinstance(line["record"], str):
        raise ValueError("no such state")
    elif name in found or state != VOID:  # that what never began came to nothing is no loss
        found[name] = replace(found[name], record=line["record"], state=state)


def _listed(line: Mapping[str, Any]) -> Listed:
    fields = {name: line[name] for name in Listed.__dataclass_fields__}
    return Listed(**{**fields, "target": Target(**line["target"])})
