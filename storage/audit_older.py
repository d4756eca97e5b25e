"""Hold the live log against what an older bundle of it committed to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from evidence import bundle, contents, merkle
from evidence.checkpoint import Checkpoint
from evidence.report import Finding
from storage.audit_walk import Walk
from storage.cells import octets
from storage.erasure import HASHES_TOO, LEAF_TOO
from storage.schema import record


@dataclass(frozen=True)
class Older:
    """What an older bundle shows of the log."""

    checkpoint: Checkpoint | None
    leaves: Mapping[str, bytes]  # leaf hashes by record id


def read_older(path: Path) -> Older:
    """Read a bundle. Raises UnreadableBundle."""
    found, _ = contents.read(bundle.read(path).members)
    return Older(found.checkpoint, {one.id: one.hash for one in found.all_records})


def check_older(connection: Connection, older: Older, walk: Walk) -> Iterator[Finding]:
    """Find a log that is shorter, is another one, or lacks a record of the bundle."""
    old = older.checkpoint
    if old is None:
        yield Finding("checkpoint", None, "container.missing", {"name": "data/log/checkpoint.txt"})
        return
    present = walk.trees[max(walk.trees)]
    tree = next((one for one in walk.trees.values() if one.origin == old.origin), None)
    if tree is None:
        yield Finding("fork", None, "fork.origin", {"now": present.origin, "origin": old.origin})
        tree = present
    if tree.next < old.size:
        yield Finding("fork", None, "fork.shorter", {"now": tree.next, "size": old.size})
    elif old.size and walk.roots.get((tree.number, old.size)) != old.root:
        yield Finding("fork", None, "fork", {"size": old.size})
    for record_id, leaf_hash in older.leaves.items():
        if not _is_there(connection, record_id, leaf_hash, walk):
            yield Finding("leaf-changed", record_id, "leaf-changed")


def _is_there(connection: Connection, record_id: str, old: bytes, walk: Walk) -> bool:
    """Whether the log still holds this record, or what its erasure leaves of it."""
    chosen = sa.select(record.c.leaf, record.c.leaf_hash).where(record.c.id == record_id)
    row = connection.execute(chosen).first()
    if row is None:
        return False
    level, leaf_hash = walk.level_of(record_id), octets(row.leaf_hash)
    if not octets(row.leaf) and level >= LEAF_TOO:
        return leaf_hash == old or (not leaf_hash and level >= HASHES_TOO)
    return merkle.leaf_hash(octets(row.leaf)) == old
