"""A bundle: a BagIt 1.0 bag (RFC 8493) in one ZIP, with exactly the names of docs/evidence-format.md §7."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import new
from pathlib import Path
from typing import BinaryIO

from evidence import container
from evidence.errors import BundleError, ContainerError, UnreadableBundle
from evidence.report import Finding

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
ALGORITHMS = ("sha256", "sha512")
MANIFESTS = frozenset(f"{tag}manifest-{algorithm}.txt" for tag in ("", "tag") for algorithm in ALGORITHMS)
PAYLOAD = frozenset(
    {
        "data/case.json",
        "data/cited.jsonl",
        "data/completeness.json",
        "data/log/checkpoint.txt",
        "data/log/proofs.json",
        "data/openings.jsonl",
        "data/records.jsonl",
        "data/tables.jsonl",
        "data/timeline.txt",
    }
)
REQUIRED = PAYLOAD | MANIFESTS | {"bagit.txt", "bag-info.txt"}

_PART = re.compile(r"data/parts/[0-9a-f]{64}")
_FILE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
# Names of later parts of version 1: allowed, counted by the manifests, not looked into yet.
_LATER = re.compile(
    r"README\.txt|verify\.html|export\.note|data/custody\.jsonl|data/log/(keys\.json|policy\.txt)"
    rf"|data/(log/checkpoints|heads|anchors|files)/{_FILE}|data/proofs/{_FILE}\.tlog-proof|data/{_FILE}\.pdf"
)
_INFO_LINE = re.compile(r"[A-Za-z][A-Za-z0-9-]*: [^\r\n\x00-\x1f]+")


@dataclass(frozen=True)
class Bundle:
    """The members of a bundle and what was wrong with their wrapping."""

    members: Mapping[str, bytes]
    findings: tuple[Finding, ...] = ()

    @property
    def unexamined(self) -> list[str]:
        """Names of members that this version allows but does not look into."""
        return sorted(name for name in self.members if _LATER.fullmatch(name))


def write(target: BinaryIO, members: Mapping[str, bytes], info: Mapping[str, str]) -> None:
    """Write a bundle from its members, adding bagit.txt, bag-info.txt and all four manifests.

    The same members and info always give the same bytes. Raises BundleError for a name that §7 does
    not list, for a missing one, and for info that does not fit on one line.
    """
    _must_be_named(members)
    tags = {"bagit.txt": DECLARATION, "bag-info.txt": _bag_info(members, info)}
    whole = {**members, **tags}
    container.write(target, {**whole, **manifests(whole)})


def read(path: str | Path) -> Bundle:
    """Read a bundle and check its wrapping: ZIP bytes, names, manifests.

    Raises UnreadableBundle when the file is not there, not a ZIP, or not one of ours.
    """
    data = _bytes(Path(path))
    members, findings = _members(data)
    if "data/records.jsonl" not in members:
        raise UnreadableBundle("a ZIP file, but not a Huizheng bundle: it holds no data/records.jsonl")
    return Bundle(members, (*findings, *_misnamed(members), *_miscounted(members)))


def manifests(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the four manifests of a bag, one sorted line ``<hex>  <name>`` for each file."""
    payload = sorted(name for name in members if name.startswith("data/"))
    # export.note signs the tag manifests, so it cannot stand in them (RFC 8493 §2.2.1 lets it out).
    tags = sorted(members.keys() - payload - MANIFESTS - {"export.note"})
    lines = _digests(members, [*payload, *tags])
    made = {f"manifest-{name}.txt": _lines(lines[name], payload) for name in ALGORITHMS}
    lines = {name: {**lines[name], **_digests(made, made)[name]} for name in ALGORITHMS}
    return made | {
        f"tagmanifest-{name}.txt": _lines(lines[name], sorted([*tags, *made])) for name in ALGORITHMS
    }


def _digests(members: Mapping[str, bytes], names: Iterable[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {algorithm: {} for algorithm in ALGORITHMS}
    for name in names:
        data = members[name]
        for algorithm in ALGORITHMS:
            found[algorithm][name] = new(algorithm, data).hexdigest()
    return found


def _lines(digests: Mapping[str, str], names: list[str]) -> bytes:
    return "".join(f"{digests[name]}  {name}\n" for name in names).encode()


def _must_be_named(members: Mapping[str, bytes]) -> None:
    missing = PAYLOAD - members.keys()
    added = [name for name in members if name in REQUIRED - PAYLOAD or not _is_allowed(name)]
    if missing or added:
        raise BundleError(
            f"not the members of a bundle: missing {sorted(missing)}, not allowed {sorted(added)}"
        )


def _is_allowed(name: str) -> bool:
    return name in REQUIRED or any(pattern.fullmatch(name) for pattern in (_PART, _LATER))


def _bag_info(members: Mapping[str, bytes], info: Mapping[str, str]) -> bytes:
    lines = [f"{label}: {value}" for label, value in info.items()] + [_oxum(members)]
    if not all(_INFO_LINE.fullmatch(line) for line in lines):
        raise BundleError("a label or value of bag-info.txt does not fit on one line")
    return "".join(f"{line}\n" for line in lines).encode()


def _oxum(members: Mapping[str, bytes]) -> str:
    sizes = [len(members[name]) for name in members if name.startswith("data/")]
    return f"Payload-Oxum: {sum(sizes)}.{len(sizes)}"


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > container.LARGEST:
            raise UnreadableBundle(f"{path} is larger than a bundle can be (4 GiB)")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableBundle(f"{path} cannot be read: {error.strerror}") from error


def _members(data: bytes) -> tuple[dict[str, bytes], list[Finding]]:
    try:
        return container.read_exactly(data), []
    except ContainerError as error:
        # Somebody may only have packed it again: go on, so that the report can tell that from forgery.
        return container.read_loosely(data), [Finding("container", None, "container", {"why": str(error)})]


def _misnamed(members: Mapping[str, bytes]) -> Iterator[Finding]:
    for name in sorted(members):
        if not _is_allowed(name):
            yield Finding("unlisted-file", None, "unlisted-file", {"name": name})
    for name in sorted(REQUIRED - members.keys()):
        yield Finding("container", None, "container.missing", {"name": name})


def _miscounted(members: Mapping[str, bytes]) -> Iterator[Finding]:
    expected = {"bagit.txt": DECLARATION, **manifests(members)}
    for name in sorted(expected.keys() & members.keys()):
        if members[name] != expected[name]:
            yield Finding("manifest", None, "manifest", {"name": name})
    if not _is_info(members.get("bag-info.txt", b""), _oxum(members)):
        yield Finding("manifest", None, "manifest", {"name": "bag-info.txt"})


def _is_info(data: bytes, oxum: str) -> bool:
    *lines, last = data.decode("utf-8", "replace").split("\n")
    return not last and lines[-1:] == [oxum] and all(_INFO_LINE.fullmatch(line) for line in lines)
