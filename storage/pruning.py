"""Level 3 of an erasure: a perfect subtree forgets its hashes, its root stays (evidence-format.md §4.1)."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.epochs import epochs
from storage.erasure import chunks
from storage.log import base
from storage.schema import checkpoint, log_node, record

Block = tuple[int, int]  # level and position of a subtree's root (storage/log.py)


def prune(connection: Connection, record_ids: Sequence[str]) -> int:
    """Forget the hashes below each subtree all of whose leaves are erased, among them one of these.

    A subtree in which a signed checkpoint ends keeps them: that note must stay
    provable. Returns how many subtrees were forgotten.
    """
    ours = {place for ids in chunks(record_ids) for place in _places(connection, record.c.id.in_(ids))}
    bare = set(_places(connection, sa.func.length(record.c.leaf) == 0))
    found = [one for one in blocks(bare, _ends(connection)) if _touches(one, ours)]
    for level, position in found:
        _forget(connection, level, position)
    return len(found)


def blocks(bare: Iterable[int], ends: Iterable[int]) -> list[Block]:
    """Return the largest perfect subtrees over these leaf positions inside which no checkpoint ends."""
    here, level, found = set(bare), 0, []
    barred = set(ends)
    while here:
        wide = 1 << level
        whole = {at >> 1 for at in here if at % 2 == 0 and at + 1 in here and (at + 1) * wide not in barred}
        found += [(level, at) for at in sorted(here) if level and at >> 1 not in whole]
        here, level = whole, level + 1
    return found


def _places(connection: Connection, where: sa.ColumnElement[bool]) -> list[int]:
    return list(connection.execute(sa.select(record.c.position).where(where)).scalars())


def _ends(connection: Connection) -> list[int]:
    """The position right after the last leaf of each signed checkpoint."""
    starts = {one.origin: base(one.number) for one in epochs(connection)}
    rows = connection.execute(sa.select(checkpoint.c.origin, checkpoint.c.size))
    return [starts[row.origin] + row.size for row in rows if row.origin in starts]


def _touches(block: Block, places: set[int]) -> bool:
    level, at = block
    return any(one in places for one in range(at << level, (at + 1) << level))


def _forget(connection: Connection, level: int, at: int) -> None:
    first, after = at << level, (at + 1) << level
    leaves = sa.and_(record.c.position >= first, record.c.position < after)
    connection.execute(sa.update(record).where(leaves).values(leaf_hash=b""))
    for below in range(1, level):
        inside = sa.and_(
            log_node.c.level == below,
            log_node.c.position >= first >> below,
            log_node.c.position < after >> below,
        )
        connection.execute(sa.delete(log_node).where(inside))
