"""Check the whole database against its own log: every leaf, node, part, row, and an old bundle."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from evidence import bundle, contents, merkle, records
from evidence.errors import FactsError, RecordError, SealError, UnreadableBundle
from evidence.records import FIRST, Record
from evidence.report import Finding
from evidence.rows import Facts, compare_rows, newest, parse_facts
from storage import source, unvouched
from storage.book import Reader
from storage.cells import octets, text
from storage.log import read_head
from storage.rows import timestamp
from storage.schema import log_node, stream_head
from storage.source import Leaf


@dataclass(frozen=True)
class Audit:
    """What an audit looked at and what it found."""

    origin: str
    size: int
    root: str
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass
class _Walk:
    """The log recomputed so far from the records' own bytes."""

    size: int = 0
    frontier: tuple[bytes, ...] = ()
    streams: dict[str, tuple[int, str]] = field(default_factory=dict)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)
    facts: list[Facts] = field(default_factory=list)
    received: dict[str, Mapping[str, Any]] = field(default_factory=dict)  # fields of intake records


def audit(view: Reader, against: Path | None = None) -> Audit:
    """Check everything that this database vouches for; ``against`` an older bundle as well.

    Whatever somebody wrote into the database ends as a finding. Raises
    UnreadableBundle for an ``against`` that is none.
    """
    walk, origin = _Walk(), source.origin(view.connection)
    checks = {
        "record": _log(view, walk, origin),
        "log_head": _head(view, walk),
        "log_node": _nodes(view, walk),
        "stream_head": _streams(view, walk),
        "rows": _rows(view, walk),
        "blob": unvouched.check_blobs(view.connection),
        "contact_point": unvouched.check_addresses(view),
        "intake": unvouched.check_intake(view.connection, walk.received),
        "plan_step": unvouched.check_waiting(view),
    }
    if against is not None:
        checks["--against"] = _older(view, against, origin)
    findings = [finding for what, found in checks.items() for finding in _guarded(what, found)]
    return Audit(origin, walk.size, merkle.root_of(walk.frontier).hex(), tuple(findings))


def _guarded(what: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield what a check finds; one that stumbles over what cannot be read says so and ends."""
    try:
        yield from findings
    except UnreadableBundle:
        raise
    except source.UNREADABLE as error:
        # Only the error's name: its text may hold what stands in the cell.
        yield Finding("unreadable", None, "audit.unreadable", {"what": what, "why": type(error).__name__})


def _log(view: Reader, walk: _Walk, origin: str) -> Iterator[Finding]:
    for leaf in source.all_leaves(view.connection):
        yield from _guarded(f"record {leaf.id}", _leaf(view, walk, leaf, origin))


def _leaf(view: Reader, walk: _Walk, leaf: Leaf, origin: str) -> Iterator[Finding]:
    """Check one record in its place and take it into the walk."""
    leaf_hash = merkle.leaf_hash(leaf.leaf)
    if leaf_hash != leaf.leaf_hash:
        yield Finding("leaf-hash", leaf.id, "audit.hash")
    walk.frontier, completed = merkle.append(walk.frontier, walk.size, leaf_hash)
    walk.size += 1
    walk.nodes |= {(level, index): value for level, index, value in completed}
    try:
        read = records.read(leaf.leaf)
    except RecordError as error:
        values = {"name": "record", "line": leaf.position, "why": str(error)}
        yield Finding("leaf-form", leaf.id, "leaf-form", values)
        return
    if read.kind == "intake.received":
        walk.received[read.id] = read.fields
    yield from _place(walk, leaf, read, origin)
    yield from _parts(view, walk, read)


def _place(walk: _Walk, leaf: Leaf, read: Record, origin: str) -> Iterator[Finding]:
    if read.fields["log"] != origin:
        yield Finding("checkpoint", read.id, "checkpoint.origin", {"log": read.fields["log"]})
    own = {
        "position": walk.size - 1,
        "id": read.id,
        "stream": read.fields["stream"],
        "cseq": read.fields["cseq"],
        "kind": read.kind,
        "at": read.fields["at"],
    }
    stored = {**vars(leaf), "at": leaf.at and timestamp(leaf.at)}
    for name, value in own.items():
        if stored[name] != value:
            yield Finding("leaf-hash", read.id, "audit.place", {"name": name})
    cseq, cprev = walk.streams.get(read.fields["stream"], (0, FIRST))
    if read.fields["cseq"] != cseq + 1:
        yield Finding("sequence", read.id, "sequence", {"expected": cseq + 1, "cseq": read.fields["cseq"]})
    if read.fields["cprev"] != cprev:
        yield Finding("back-link", read.id, "back-link", {"cseq": read.fields["cseq"]})
    walk.streams[read.fields["stream"]] = (read.fields["cseq"], read.hash.hex())


def _parts(view: Reader, walk: _Walk, read: Record) -> Iterator[Finding]:
    openings = source.openings_of(view, read.id)
    for name in sorted(read.parts.keys() - openings.keys()):
        yield Finding("part-missing", read.id, "part-missing", {"name": name})
    for name in sorted(openings.keys() - read.parts.keys()):
        yield Finding("part-unlisted", read.id, "part-unlisted", {"name": name})
    media = {part["name"]: part["media"] for part in read.fields["parts"]}
    for name, opening in sorted(openings.items()):
        if isinstance(opening, SealError):
            yield Finding("commitment", read.id, "audit.part", {"name": name, "why": str(opening)})
            continue
        if media.get(name) not in (None, opening.media):
            yield Finding("commitment", read.id, "audit.media", {"name": name})
        if read.parts.get(name) not in (None, opening.commitment.hex()):
            yield Finding("commitment", read.id, "commitment", {"name": name})
        elif name == "facts":
            yield from _facts(walk, read, opening.data)


def _facts(walk: _Walk, read: Record, data: bytes) -> Iterator[Finding]:
    try:
        walk.facts.append(parse_facts(data, read.id))
    except FactsError as error:
        yield Finding("leaf-form", read.id, "leaf-form.facts", {"why": str(error)})


def _head(view: Reader, walk: _Walk) -> Iterator[Finding]:
    head = read_head(view.connection)
    if head.size != walk.size:
        yield Finding("checkpoint", None, "audit.head", {"what": f"{head.size} / {walk.size}"})
    if head.frontier != walk.frontier:
        yield Finding("checkpoint", None, "audit.head", {"what": "root"})


def _nodes(view: Reader, walk: _Walk) -> Iterator[Finding]:
    rows = view.connection.execute(sa.select(log_node))
    stored = {(row.level, row.position): octets(row.hash) for row in rows}
    for level, index in sorted(stored.keys() | walk.nodes.keys(), key=str):
        if stored.get((level, index)) != walk.nodes.get((level, index)):
            yield Finding("proof", None, "audit.node", {"level": level, "index": index})


def _streams(view: Reader, walk: _Walk) -> Iterator[Finding]:
    rows = view.connection.execute(sa.select(stream_head))
    stored = {text(row.stream): (row.cseq, octets(row.leaf_hash).hex()) for row in rows}
    for stream in sorted(stored.keys() | walk.streams.keys()):
        if stored.get(stream) != walk.streams.get(stream):
            yield Finding("sequence", None, "audit.stream", {"stream": stream})


def _rows(view: Reader, walk: _Walk) -> Iterator[Finding]:
    yield from compare_rows(source.vouched_rows(view.connection), newest(walk.facts))


def _older(view: Reader, path: Path, origin: str) -> Iterator[Finding]:
    """Hold the live log against what an older bundle committed to. Raises UnreadableBundle."""
    old, _ = contents.read(bundle.read(path).members)
    if old.checkpoint is None:
        yield Finding("checkpoint", None, "container.missing", {"name": "data/log/checkpoint.txt"})
        return
    if old.checkpoint.origin != origin:
        yield Finding("fork", None, "fork.origin", {"now": origin, "origin": old.checkpoint.origin})
    leaves = [one.leaf for one in source.all_leaves(view.connection)]
    size = old.checkpoint.size
    if len(leaves) < size:
        yield Finding("fork", None, "fork.shorter", {"now": len(leaves), "size": size})
    elif merkle.tree_root(merkle.leaf_hash(leaf) for leaf in leaves[:size]) != old.checkpoint.root:
        yield Finding("fork", None, "fork", {"size": size})
    present = set(leaves)
    for kept in old.all_records:
        if kept.leaf not in present:
            yield Finding("leaf-changed", kept.id, "leaf-changed")
