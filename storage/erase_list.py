"""The list of erasures outside the database, so that a backup put back loses the same things again.

One JSON line for each step of an erasure, ids only: ``begun`` with everything
that goes, on disk before the database commits, then how it ended.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from storage.erasure import Target

NAME = "erased.jsonl"
BEGUN, DONE, VOID = "begun", "done", "void"
WIPED = "wiped"  # destroyed again after a restore, its record still to come


class EraseListDamaged(Exception):  # noqa: N818
    """The list cannot be read: what was erased might come back after a restore."""


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
        """Return every erasure in order, each in its last state. Raises EraseListDamaged."""
        found: dict[str, Listed] = {}
        for line in self._lines():
            name = line["erasure"]
            if line["state"] == BEGUN:
                found[name] = _listed(line)
            else:
                found[name] = Listed(
                    **{**vars(found[name]), "record": line["record"], "state": line["state"]}
                )
        return list(found.values())

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        if not self._path.exists():
            return
        *whole, _ = self._path.read_bytes().split(b"\n")  # an unended last line was never relied on
        for number, line in enumerate(whole, start=1):
            try:
                yield _must_be_line(json.loads(line))
            except (ValueError, KeyError, TypeError) as error:
                said = f"line {number} of {self._path} cannot be read: restore the file from its backup"
                raise EraseListDamaged(f"{said}; what was erased might come back without it") from error

    def _append(self, line: Mapping[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        whole = json.dumps(line, sort_keys=True).encode() + b"\n"
        with os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "rb+") as file:
            _cut_tail(file)
            file.write(whole)
            file.flush()
            os.fsync(file.fileno())


def _cut_tail(file: BinaryIO) -> None:
    """Remove a last line that does not end: its process died before anything was erased."""
    end = file.seek(0, os.SEEK_END)
    while end and os.pread(file.fileno(), 1, end - 1) != b"\n":
        end -= 1
    file.truncate(end)


def _must_be_line(line: Any) -> Mapping[str, Any]:
    if line["state"] == BEGUN:
        _listed(line)
    elif line["state"] not in (DONE, VOID, WIPED) or not isinstance(line["record"], str):
        raise ValueError("no such state")
    return dict(line)


def _listed(line: Mapping[str, Any]) -> Listed:
    fields = {name: line[name] for name in Listed.__dataclass_fields__}
    return Listed(**{**fields, "target": Target(**line["target"])})
