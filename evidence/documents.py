"""Files of a bundle that repeat what its records hold, for the convenience of readers (§7.1)."""

from collections.abc import Iterator, Mapping

from evidence import bundle, compose, index, merkle, names, policy, tlog_proof
from evidence.anchors import Seen
from evidence.archive import Members
from evidence.checkpoint import Checkpoint
from evidence.checks import Walk
from evidence.contents import Contents
from evidence.disclosed import Disclosed
from evidence.errors import NoteError, PolicyError, ProofError
from evidence.report import Finding
from evidence.signed import Signatures, Signed

_CUSTODY = frozenset({"custody.exported", "custody.handed_over"})


def check(
    walk: Walk,
    found: Contents,
    disclosed: Disclosed,
    signatures: Signatures,
    seen: list[Seen],
    notes: list[Signed],
) -> Iterator[Finding]:
    """Yield each such file that differs from the records."""
    wrong = [
        *_custody(walk, found),
        *_keys(found.members, signatures),
        *_anchors(found.members, seen),
        *_proofs(walk, found.members, notes),
        *_files(found.members, disclosed),
    ]
    for name in wrong:
        yield Finding("document", None, "document", {"name": name})


def _custody(walk: Walk, found: Contents) -> Iterator[str]:
    ids = [walk.index.ids[number] for number in walk.case if walk.index.kinds[number] in _CUSTODY]
    lines = [compose.custody_line(walk.index.kept[id], walk.index.told.get(id, {})) for id in ids]
    if found.members.read("data/custody.jsonl") != b"".join(lines):
        yield "data/custody.jsonl"


def _keys(members: Members, signatures: Signatures) -> Iterator[str]:
    vkeys = signatures.vkeys
    name = "data/log/keys.txt"
    if name in members and members.read(name) != compose.keys_document(vkeys):
        yield name
    name = "data/log/policy.txt"
    if name in members and _log_keys(members.read(name)) != vkeys:
        yield name


def _log_keys(data: bytes) -> list[str] | None:
    try:
        return [key.vkey for key in policy.parse(data.decode(), None).log_keys]
    except (PolicyError, UnicodeDecodeError):
        return None


def _anchors(members: Members, seen: list[Seen]) -> Iterator[str]:
    tokens = {
        compose.anchor_name(one.place >> index.BITS, index.index_of(one.place), one.kind): one.token
        for one in seen
    }
    for name in members.names(names.ANCHORS):
        if tokens.get(name) != members.read(name):
            yield name


def _proofs(walk: Walk, members: Members, notes: list[Signed]) -> Iterator[str]:
    # Read backwards, so that of several the first one is kept.
    numbers = {walk.index.cseqs[one]: one for one in reversed(walk.case)}
    points = {one.data: one.point for one in reversed(notes)}
    for name in filter(names.is_allowed, members.names(names.PROOFS)):
        number = numbers.get(int(name.removesuffix(".tlog-proof").rpartition("-")[2]))
        if number is None or not _holds(members.read(name), walk.index.hash(number), points):
            yield name


def _holds(data: bytes, leaf_hash: bytes, points: Mapping[bytes, Checkpoint]) -> bool:
    try:
        read = tlog_proof.read(data)
        point = points.get(read.note)
        if point is None:
            return False
        merkle.verify_inclusion(leaf_hash, read.index, point.size, read.path, point.root)
    except (NoteError, ProofError):
        return False
    return True


def _files(members: Members, disclosed: Disclosed) -> Iterator[str]:
    wanted = {_look(members, name): name for name in members.names(names.FILES)}
    if not wanted:
        return
    right = set()
    for number, name in members.numbered(names.PARTS):
        if disclosed.used[number] and _look(members, name) in wanted:
            right.add(bundle.digest(members, name))
    yield from (name for name in members.names(names.FILES) if bundle.digest(members, name) not in right)


def _look(members: Members, name: str) -> tuple[int, int]:
    # Size and CRC stand in the header: hashing every part again would take as long as all the rest.
    entry = members.entry(members.number(name))
    return entry.size, entry.crc
