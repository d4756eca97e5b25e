"""Check the whole database against its own log: every leaf, node, part, row, note, and an old bundle."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from evidence.errors import FactsError, RecordError, UnreadableBundle
from evidence.records import parse_leaf
from evidence.report import Finding
from evidence.rows import Row, compare_row, parse_facts
from storage import audit_trees, source, unvouched
from storage.audit_older import Older, check_older, read_older
from storage.audit_trees import Tree
from storage.audit_walk import Named, Walk, digest
from storage.book import Reader
from storage.cells import octets, text
from storage.erasure import HASHES_TOO
from storage.schema import record, stream_head
from storage.vault import Opening


@dataclass(frozen=True)
class Audit:
    """What an audit looked at and what it found; size and root are the present epoch's."""

    origin: str
    size: int
    root: str
    records: int  # of all epochs
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def audit(view: Reader, against: Path | None = None) -> Audit:
    """Check everything that this database vouches for; ``against`` an older bundle as well.

    Whatever somebody wrote into the database ends as a finding. Raises
    UnreadableBundle for an ``against`` that is none.
    """
    connection = view.connection
    trees = audit_trees.known_trees(connection)
    older = read_older(against) if against else None
    walk = Walk(trees, _named(view), _wanted(view, trees, older))
    checks = {
        "record": _log(view, walk),
        "log_head": audit_trees.check_heads(connection, trees),
        "log_node": audit_trees.check_last_nodes(connection, trees),
        "checkpoint": audit_trees.check_notes(connection, trees, walk.roots),
        "anchor": audit_trees.check_anchored(connection, trees, walk.anchored),
        "stream_head": _streams(view, walk),
        "rows": _rows(view, walk),
        "blob": unvouched.check_blobs(connection),
        "erased": unvouched.check_erased(connection),
        "contact_point": unvouched.check_addresses(view),
        "intake": unvouched.check_intake(connection, walk.received),
        "plan_step": unvouched.check_waiting(view),
    }
    if older is not None:
        checks["--against"] = check_older(connection, older, walk)
    findings = tuple(finding for what, found in checks.items() for finding in _guarded(what, found))
    present, records = trees[max(trees)], sum(tree.next for tree in trees.values())
    return Audit(source.origin(connection), present.next, present.root.hex(), records, findings)


def _guarded(what: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield what a check finds; one that stumbles over what cannot be read says so and ends."""
    try:
        yield from findings
    except UnreadableBundle:
        raise
    except source.UNREADABLE as error:
        # Only the error's name: its text may hold what stands in the cell.
        yield Finding("unreadable", None, "audit.unreadable", {"what": what, "why": type(error).__name__})


def _named(view: Reader) -> Named:
    """Return which records the log itself says were erased; they come later in it than what they name."""
    named: dict[str, dict[str, int]] = {}
    chosen = sa.select(record.c.leaf).where(record.c.kind == "erase.done").order_by(record.c.position)
    for leaf in view.connection.execute(chosen).scalars().all():
        try:
            fields = parse_leaf(octets(leaf))
        except RecordError:
            continue  # the walk tells of it
        level = _level(view, fields["id"]) if fields["kind"] == "erase.done" else 0
        for ref in (ref for ref in fields["refs"] if level and ref.startswith("erases ")):
            named.setdefault(ref.removeprefix("erases "), {})[fields["id"]] = level
    return named


def _level(view: Reader, record_id: str) -> int:
    """Return how far an ``erase.done`` went; the farthest when its own facts were erased since."""
    try:
        facts = source.openings_of(view, record_id).get("facts")
        told = parse_facts(facts.data, record_id).told if isinstance(facts, Opening) else {}
        return int(told.get("level", HASHES_TOO))
    except (FactsError, *source.UNREADABLE):
        return HASHES_TOO


def _wanted(view: Reader, trees: dict[int, Tree], older: Older | None) -> set[tuple[int, int]]:
    try:
        found = audit_trees.wanted_sizes(view.connection, trees)
    except source.UNREADABLE:
        found = set()
    numbers = {tree.origin: tree.number for tree in trees.values()}
    if older is not None and older.checkpoint is not None:
        found.add((numbers.get(older.checkpoint.origin, 0), older.checkpoint.size))
    return found


def _log(view: Reader, walk: Walk) -> Iterator[Finding]:
    for leaf in source.all_leaves(view.connection):
        yield from _guarded(f"record {leaf.id}", walk.over(view, leaf))


def _streams(view: Reader, walk: Walk) -> Iterator[Finding]:
    rows = view.connection.execute(sa.select(stream_head))
    stored = {text(row.stream): (row.cseq, octets(row.leaf_hash).hex()) for row in rows}
    for stream in sorted(stored.keys() | walk.streams.keys()):
        known = walk.streams.get(stream)
        if known is not None and known[1] is None:
            known = (known[0], stored.get(stream, (0, ""))[1])  # the hash was forgotten at level 3
        if stored.get(stream) != known:
            yield Finding("sequence", None, "audit.stream", {"stream": stream})


def _rows(view: Reader, walk: Walk) -> Iterator[Finding]:
    missing = dict(walk.vouched)
    for row in source.vouched_rows(view.connection):
        missing.pop(row.key, None)
        yield from compare_row(row, _vouched(view, walk, row))
    for (table, id), (record_id, _) in sorted(missing.items()):
        yield Finding("row-missing", record_id, "row-missing", {"table": table, "id": id})


def _vouched(view: Reader, walk: Walk, row: Row) -> Row | None:
    """Return the row as its newest record states it; opened again only where the columns differ."""
    record_id, stated = walk.vouched.get(row.key, ("", b""))
    if not record_id:
        return None
    if stated == digest(row.columns):
        return Row(row.table, row.id, record_id, row.columns)
    facts = source.openings_of(view, record_id).get("facts")
    named = parse_facts(facts.data, record_id).rows if isinstance(facts, Opening) else ()
    return next((one for one in named if one.key == row.key), None)
