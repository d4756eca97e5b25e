"""Check the whole database against its own log: every leaf, node, part, row, and an old bundle."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from evidence import bundle, contents, merkle, records
from evidence.errors import FactsError, RecordError, SealError
from evidence.records import FIRST, Record
from evidence.report import Finding
from evidence.rows import Facts, compare_rows, newest, parse_facts
from storage import source
from storage.book import Reader
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


def audit(view: Reader, against: Path | None = None) -> Audit:
    """Check everything that this database vouches for; ``against`` an older bundle as well."""
    head = read_head(view.connection)
    walk = _Walk()
    findings = [
        finding
        for leaf in source.all_leaves(view.connection)
        for finding in _leaf(view, walk, leaf, head.origin)
    ]
    findings += _tree(view, walk, head.size, head.frontier)
    findings += _streams(view, walk)
    findings += compare_rows(source.vouched_rows(view.connection), newest(walk.facts))
    if against is not None:
        findings += _older(view, against, head.origin)
    return Audit(head.origin, head.size, head.root.hex(), tuple(findings))


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
    stored = {**vars(leaf), "at": timestamp(leaf.at)}
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
    for name, opening in sorted(openings.items()):
        if isinstance(opening, SealError):
            yield Finding("commitment", read.id, "audit.part", {"name": name, "why": str(opening)})
        elif read.parts.get(name) not in (None, opening.commitment.hex()):
            yield Finding("commitment", read.id, "commitment", {"name": name})
        elif name == "facts":
            yield from _facts(walk, read, opening.data)


def _facts(walk: _Walk, read: Record, data: bytes) -> Iterator[Finding]:
    try:
        walk.facts.append(parse_facts(data, read.id))
    except FactsError as error:
        yield Finding("leaf-form", read.id, "leaf-form.facts", {"why": str(error)})


def _tree(view: Reader, walk: _Walk, size: int, frontier: tuple[bytes, ...]) -> Iterator[Finding]:
    if size != walk.size:
        yield Finding("checkpoint", None, "audit.head", {"what": f"{size} / {walk.size}"})
    if frontier != walk.frontier:
        yield Finding("checkpoint", None, "audit.head", {"what": "root"})
    stored = {
        (row.level, row.position): bytes(row.hash) for row in view.connection.execute(sa.select(log_node))
    }
    for level, index in sorted(stored.keys() | walk.nodes.keys()):
        if stored.get((level, index)) != walk.nodes.get((level, index)):
            yield Finding("proof", None, "audit.node", {"level": level, "index": index})


def _streams(view: Reader, walk: _Walk) -> Iterator[Finding]:
    rows = view.connection.execute(sa.select(stream_head))
    stored = {row.stream: (row.cseq, bytes(row.leaf_hash).hex()) for row in rows}
    for stream in sorted(stored.keys() | walk.streams.keys()):
        if stored.get(stream) != walk.streams.get(stream):
            yield Finding("sequence", None, "audit.stream", {"stream": stream})


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
