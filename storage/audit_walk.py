"""One pass over the log for the audit: every record in its place, its parts, what it vouches for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

import sqlalchemy as sa

from evidence import canonical, merkle, records
from evidence.errors import CanonicalError, FactsError, RecordError, SealError
from evidence.records import FIRST, Record
from evidence.report import Finding
from evidence.rows import Key, parse_facts
from storage.audit_trees import Tree, check_nodes, find_subtree
from storage.book import Reader
from storage.cells import text
from storage.erasure import HASHES_TOO, LEAF_TOO
from storage.log import base
from storage.rows import timestamp
from storage.schema import record_part
from storage.source import Leaf
from storage.vault import Erased, Opening

Named = Mapping[str, Mapping[str, int]]  # erased record -> the erase.done that name it -> their levels

_ANCHORS = ("anchor.received",)


@dataclass
class Walk:
    """The log recomputed so far from the records' own bytes; it grows with the tables, not with the texts."""

    trees: dict[int, Tree]  # by epoch
    erased: Named
    wanted: set[tuple[int, int]] = field(default_factory=set)  # epoch and size whose root is asked for
    roots: dict[tuple[int, int], bytes] = field(default_factory=dict)
    streams: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    vouched: dict[Key, tuple[str, bytes]] = field(default_factory=dict)  # record, digest of the columns
    received: dict[str, dict[str, str]] = field(default_factory=dict)  # channel and time of intake records
    anchored: list[tuple[str, bytes]] = field(default_factory=list)  # record and the note that it holds

    def over(self, view: Reader, leaf: Leaf) -> Iterator[Finding]:
        """Check one record in its place and take it into the walk."""
        number = leaf.epoch if leaf.epoch in self.trees else next(iter(self.trees))
        tree, index = self.trees[number], self.trees[number].next
        tree.next += 1
        yield from self._hash(view, tree, leaf, index)
        if (number, tree.size) in self.wanted:
            self.roots[number, tree.size] = tree.root
        if tree.pending_is_long:
            yield from check_nodes(view.connection, tree)
        if not leaf.leaf and self.level_of(leaf.id) >= LEAF_TOO:
            yield from self._bare(leaf)
            return
        try:
            read = records.read(leaf.leaf)
        except RecordError as error:
            values = {"name": "record", "line": leaf.position, "why": str(error)}
            yield Finding("leaf-form", leaf.id, "leaf-form", values)
            return
        yield from self._place(leaf, read, tree, base(number) + index)
        yield from self._parts(view, read)

    def level_of(self, record_id: str) -> int:
        """Return how far a record was erased by what the log says; 0 when it says nothing."""
        return max(self.erased.get(record_id, {}).values(), default=0)

    def _hash(self, view: Reader, tree: Tree, leaf: Leaf, index: int) -> Iterator[Finding]:
        level, bare = self.level_of(leaf.id), not leaf.leaf
        if bare and not leaf.leaf_hash and level >= HASHES_TOO:
            yield from self._forgotten(view, tree, leaf, index)
            return
        known = bare and level >= LEAF_TOO and len(leaf.leaf_hash) == merkle.HASH_LENGTH
        leaf_hash = leaf.leaf_hash if known else merkle.leaf_hash(leaf.leaf)
        if leaf_hash != leaf.leaf_hash or index < tree.size:
            yield Finding("leaf-hash", leaf.id, "audit.hash")
        if index >= tree.size:
            tree.add(leaf_hash)

    def _forgotten(self, view: Reader, tree: Tree, leaf: Leaf, index: int) -> Iterator[Finding]:
        """A leaf without a hash: it must lie in a subtree that was forgotten and whose root is kept."""
        if index < tree.size:
            return
        found = find_subtree(view.connection, leaf.position)
        if found is None:
            yield Finding("leaf-hash", leaf.id, "audit.hash")
            tree.add(merkle.leaf_hash(b""))
        else:
            tree.add(found.root, found.level)

    def _bare(self, leaf: Leaf) -> Iterator[Finding]:
        cseq, _ = self.streams.get(leaf.stream, (0, FIRST))
        if leaf.cseq != cseq + 1:
            yield Finding("sequence", leaf.id, "sequence", {"expected": cseq + 1, "cseq": leaf.cseq})
        self.streams[leaf.stream] = (leaf.cseq, leaf.leaf_hash.hex() or None)

    def _place(self, leaf: Leaf, read: Record, tree: Tree, position: int) -> Iterator[Finding]:
        if read.fields["log"] != tree.origin:
            yield Finding("checkpoint", read.id, "checkpoint.origin", {"log": read.fields["log"]})
        own = {"position": position, "id": read.id, "kind": read.kind}
        own |= {name: read.fields[name] for name in ("stream", "cseq", "at")}
        stored = {**vars(leaf), "at": leaf.at and timestamp(leaf.at)}
        for name, value in own.items():
            if stored[name] != value:
                yield Finding("leaf-hash", read.id, "audit.place", {"name": name})
        cseq, cprev = self.streams.get(read.fields["stream"], (0, FIRST))
        if read.fields["cseq"] != cseq + 1:
            values = {"expected": cseq + 1, "cseq": read.fields["cseq"]}
            yield Finding("sequence", read.id, "sequence", values)
        if cprev is not None and read.fields["cprev"] != cprev:
            yield Finding("back-link", read.id, "back-link", {"cseq": read.fields["cseq"]})
        self.streams[read.fields["stream"]] = (read.fields["cseq"], read.hash.hex())
        if read.kind == "intake.received":
            at = read.fields.get("src_at", read.fields["at"])  # what waited on disk says when it came
            self.received[read.id] = {"channel": read.fields.get("channel", ""), "at": at}

    def _parts(self, view: Reader, read: Record) -> Iterator[Finding]:
        openings = _openings(view, read.id)
        for name in sorted(read.parts.keys() - openings.keys()):
            yield Finding("part-missing", read.id, "part-missing", {"name": name})
        for name in sorted(openings.keys() - read.parts.keys()):
            yield Finding("part-unlisted", read.id, "part-unlisted", {"name": name})
        media = {part["name"]: part["media"] for part in read.fields["parts"]}
        for name, opening in sorted(openings.items()):
            if isinstance(opening, Opening):
                yield from self._opened(read, name, opening, media.get(name))
            else:
                yield from self._unopened(read, name, opening)

    def _unopened(self, read: Record, name: str, why: SealError) -> Iterator[Finding]:
        if not isinstance(why, Erased):
            yield Finding("commitment", read.id, "audit.part", {"name": name, "why": str(why)})
        elif why.by not in self.erased.get(read.id, {}):
            yield Finding("part-missing", read.id, "audit.erased", {"name": name, "by": why.by})

    def _opened(self, read: Record, name: str, opening: Opening, media: str | None) -> Iterator[Finding]:
        if media not in (None, opening.media):
            yield Finding("commitment", read.id, "audit.media", {"name": name})
        if read.parts.get(name) not in (None, opening.commitment.hex()):
            yield Finding("commitment", read.id, "commitment", {"name": name})
        elif name == "facts":
            yield from self._facts(read, opening.data)
        elif name == "note" and read.kind in _ANCHORS:
            self.anchored.append((read.id, opening.data))

    def _facts(self, read: Record, data: bytes) -> Iterator[Finding]:
        try:
            rows = parse_facts(data, read.id).rows
        except FactsError as error:
            yield Finding("leaf-form", read.id, "leaf-form.facts", {"why": str(error)})
            return
        for row in rows:
            self.vouched[row.key] = (read.id, digest(row.columns))


def _openings(view: Reader, record_id: str) -> dict[str, Opening | SealError]:
    """Open every part of one record at once: an audit asks for all there are."""
    chosen = sa.select(record_part.c.name, record_part.c.blob_id).where(record_part.c.record_id == record_id)
    places = {text(row.name): row.blob_id for row in view.connection.execute(chosen)}
    found = view.open_all(set(places.values()))
    return {name: found[blob_id] for name, blob_id in places.items()}


def digest(columns: Mapping[str, object]) -> bytes:
    """Return a hash that stands for a row's columns; nothing for what has no canonical form."""
    try:
        return sha256(canonical.dumps(dict(columns))).digest()
    except CanonicalError:
        return b""
