"""The Merkle trees of all epochs as an audit recomputes them, and the nodes and notes held against them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence import checkpoint as bodies
from evidence import merkle, note
from evidence.checkpoint import Checkpoint
from evidence.errors import CheckpointError, NoteError, ProofError
from evidence.report import Finding
from storage import checkpoints, source
from storage.cells import octets
from storage.epochs import epochs
from storage.log import EPOCH_BITS, base
from storage.schema import checkpoint, log_node

_MANY = 4096  # nodes that are held against the database at once


@dataclass(frozen=True)
class Subtree:
    """A perfect subtree of which only the root is known."""

    level: int
    root: bytes


@dataclass
class Tree:
    """One epoch's tree so far; ``next`` counts leaves met, ``size`` those that the root covers."""

    number: int
    origin: str
    next: int = 0
    size: int = 0
    frontier: tuple[bytes, ...] = ()
    nodes: int = 0  # interior nodes that must be stored
    pending: list[merkle.Completed] = field(default_factory=list)  # not yet held against the stored ones

    @property
    def root(self) -> bytes:
        """Root of the tree of this size."""
        return merkle.root_of(self.frontier)

    @property
    def pending_is_long(self) -> bool:
        """Whether it is time to look at the stored nodes."""
        return len(self.pending) >= _MANY

    def add(self, root: bytes, level: int = 0) -> None:
        """Add a leaf hash, or a whole subtree by its root (RFC 6962 §2.1)."""
        peaks, index = list(self.frontier), self.size >> level
        if level:
            self._complete(level, index, root)
        self.size += 1 << level
        while index & 1:
            root, level, index = merkle.node_hash(peaks.pop(), root), level + 1, index >> 1
            self._complete(level, index, root)
        self.frontier = (*peaks, root)

    def _complete(self, level: int, index: int, value: bytes) -> None:
        self.nodes += 1
        self.pending.append((level, base(self.number, level) + index, value))


def known_trees(connection: Connection) -> dict[int, Tree]:
    """Return an empty tree for each epoch; one nameless where the database does not tell."""
    try:
        return {one.number: Tree(one.number, one.origin) for one in epochs(connection)}
    except source.UNREADABLE:
        return {1: Tree(1, source.origin(connection))}


def find_subtree(connection: Connection, position: int) -> Subtree | None:
    """Return the forgotten subtree that begins with this leaf: its root is the lowest node still there."""
    for level in range(1, EPOCH_BITS + 1):
        if position & ((1 << level) - 1):
            return None
        at = sa.and_(log_node.c.level == level, log_node.c.position == position >> level)
        root = octets(connection.execute(sa.select(log_node.c.hash).where(at)).scalar())
        if root:
            return Subtree(level, root)
    return None


def check_heads(connection: Connection, trees: dict[int, Tree]) -> Iterator[Finding]:
    """Hold size and frontier of every epoch against what its records give."""
    for known in epochs(connection):
        tree = trees[known.number]
        if known.size != tree.next:
            yield Finding("checkpoint", None, "audit.head", {"what": f"{known.size} / {tree.next}"})
        if known.frontier != tree.frontier:
            yield Finding("checkpoint", None, "audit.head", {"what": "root"})


def check_nodes(connection: Connection, tree: Tree) -> Iterator[Finding]:
    """Hold the nodes completed lately against the stored ones, and forget them."""
    pending, tree.pending = tree.pending, []
    for level in sorted({one[0] for one in pending}):
        wanted = {position: value for at, position, value in pending if at == level}
        between = log_node.c.position.between(min(wanted), max(wanted))
        chosen = sa.select(log_node.c.position, log_node.c.hash).where(log_node.c.level == level, between)
        stored = {row.position: octets(row.hash) for row in connection.execute(chosen)}
        for position in sorted(stored.keys() | wanted.keys(), key=str):
            if stored.get(position) != wanted.get(position):
                yield Finding("proof", None, "audit.node", {"level": level, "index": position})


def check_last_nodes(connection: Connection, trees: dict[int, Tree]) -> Iterator[Finding]:
    """Hold what is left against the stored nodes, and their number."""
    for tree in trees.values():
        yield from check_nodes(connection, tree)
    stored = connection.execute(sa.select(sa.func.count()).select_from(log_node)).scalar()
    computed = sum(tree.nodes for tree in trees.values())
    if stored != computed:
        yield Finding("proof", None, "audit.nodes", {"stored": stored, "computed": computed})


def wanted_sizes(connection: Connection, trees: dict[int, Tree]) -> set[tuple[int, int]]:
    """Return epoch and size of every signed note that we keep."""
    numbers = {tree.origin: tree.number for tree in trees.values()}
    rows = connection.execute(sa.select(checkpoint.c.origin, checkpoint.c.size))
    return {(numbers[row.origin], row.size) for row in rows if row.origin in numbers}


def check_notes(
    connection: Connection, trees: dict[int, Tree], roots: dict[tuple[int, int], bytes]
) -> Iterator[Finding]:
    """Find signed notes that tell of another history than the records give."""
    numbers = {tree.origin: tree.number for tree in trees.values()}
    for origin in connection.execute(sa.select(checkpoint.c.origin).distinct()).scalars():
        for kept in checkpoints.all_of(connection, origin):
            stated = Checkpoint(kept.origin, kept.size, roots.get((numbers.get(origin, 0), kept.size), b""))
            if told_by(kept.note) != stated:
                yield _fork(None, kept.origin, kept.size)


def check_anchored(
    connection: Connection, trees: dict[int, Tree], anchored: list[tuple[str, bytes]]
) -> Iterator[Finding]:
    """Find anchors over a note that tells of another history."""
    numbers = {tree.origin: tree.number for tree in trees.values()}
    for record_id, data in anchored:
        told = told_by(data)
        if told is None:
            yield Finding("unreadable", record_id, "audit.unreadable", {"what": "note", "why": "NoteError"})
        elif _root(connection, told, numbers.get(told.origin)) != told.root:
            yield _fork(record_id, told.origin, told.size)


def told_by(signed: bytes) -> Checkpoint | None:
    """Return what a note says of the log, whoever signed it; None when it is none."""
    try:
        return bodies.parse(note.parse(signed).text)
    except (NoteError, CheckpointError):
        return None


def _root(connection: Connection, told: Checkpoint, number: int | None) -> bytes | None:
    try:
        return source.checkpoint_at(connection, told.size, number).root if number else None
    except (ProofError, LookupError):
        return None


def _fork(record_id: str | None, origin: str, size: int) -> Finding:
    return Finding("fork", record_id, "fork.note", {"origin": origin, "size": size})
