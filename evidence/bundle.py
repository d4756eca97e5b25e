"""Reading a bundle: the file, its names and its manifests (docs/evidence-format.md §7.1)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evidence import archive, names, repacked
from evidence.archive import Members
from evidence.bag import DECLARATION, is_info
from evidence.errors import ContainerError, UnreadableBundle
from evidence.report import Finding


@dataclass(frozen=True)
class Bundle:
    """The members of a bundle and what was wrong with their wrapping."""

    members: Members
    findings: tuple[Finding, ...] = ()


def read(path: str | Path) -> Bundle:
    """Read a bundle and check its wrapping: ZIP bytes, names, manifests.

    Raises UnreadableBundle when the file is not there, not a ZIP, or not one of ours.
    """
    members, findings = _members(Path(path))
    if "data/records.jsonl" not in members:
        raise UnreadableBundle("a ZIP file, but not a Huizheng bundle: it holds no data/records.jsonl")
    return Bundle(members, (*findings, *_misnamed(members), *_miscounted(members)))


def digest(members: Members, name: str, algorithm: str = "sha256") -> bytes:
    """Return the hash of a member, of nothing when it is not there."""
    made, number = hashlib.new(algorithm), members.find(name)
    for piece in () if number is None else members.pieces(number):
        made.update(piece)
    return made.digest()


def _members(path: Path) -> tuple[Members, list[Finding]]:
    with archive.opened(path) as file:
        try:
            return archive.read_exactly(file), []
        except ContainerError as error:
            # Somebody may only have packed it again: go on, so that the report can tell that from forgery.
            found = Finding("container", None, "container", {"why": str(error)})
            return repacked.read_loosely(file), [found]


def _misnamed(members: Members) -> Iterator[Finding]:
    for name in members.names():
        if not names.is_allowed(name):
            yield Finding("unlisted-file", None, "unlisted-file", {"name": name})
    for name in sorted(names.REQUIRED):
        if name not in members:
            yield Finding("container", None, "container.missing", {"name": name})


def _miscounted(members: Members) -> Iterator[Finding]:
    expected = {"bagit.txt": hashlib.sha256(DECLARATION).digest(), **_manifests(members)}
    for name in sorted(expected):
        if name in members and digest(members, name) != expected[name]:
            yield Finding("manifest", None, "manifest", {"name": name})
    if not is_info(members.read("bag-info.txt"), _oxum(members)):
        yield Finding("manifest", None, "manifest", {"name": "bag-info.txt"})


def _manifests(members: Members) -> dict[str, bytes]:
    """Return the SHA-256 that each manifest would have, were it right."""
    right = {name: hashlib.sha256() for name in names.MANIFESTS}
    for number in range(len(members)):
        name = members.name(number)
        if name in names.TAG_MANIFESTS or name == "export.note":
            continue  # export.note signs the tag manifests, so it cannot stand in them (RFC 8493 §2.2.1)
        list_name = "manifest" if names.is_payload(name) else "tagmanifest"
        for algorithm, text in _digests(members, number):
            right[f"{list_name}-{algorithm}.txt"].update(f"{text}  {name}\n".encode())
    return {name: made.digest() for name, made in right.items()}


def _digests(members: Members, number: int) -> Iterator[tuple[str, str]]:
    made = [hashlib.new(algorithm) for algorithm in names.ALGORITHMS]
    for piece in members.pieces(number):
        for one in made:
            one.update(piece)
    for algorithm, one in zip(names.ALGORITHMS, made, strict=True):
        yield algorithm, one.hexdigest()


def _oxum(members: Members) -> str:
    count = size = 0
    for number in range(len(members)):
        if names.is_payload(members.name(number)):
            count, size = count + 1, size + members.entry(number).size
    return f"Payload-Oxum: {size}.{count}"
