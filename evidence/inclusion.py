"""Where the records of a bundle stand in the log, and the proofs that show it (§2, §7.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from evidence import index, merkle, paths
from evidence.checks import Walk
from evidence.contents import Contents, Proof
from evidence.errors import ProofError
from evidence.index import UNPLACED
from evidence.paths import Paths
from evidence.report import Finding

PROOFS, _EPOCH = "data/log/proofs.json", "data/log/epoch-"


@dataclass(frozen=True)
class Tree:
    """The tree of one epoch, as the checkpoint or a file of proofs states it."""

    name: str  # of the file of proofs
    origin: str
    size: int
    root: bytes
    started: str | None  # id of the epoch.started that came after it; None for the present epoch
    paths: Paths


def trees(found: Contents) -> list[Tree]:
    """Return the trees in which this bundle proves records: the ended epochs', then the present one."""
    read = [_ended(found, name) for name in found.members.names(_EPOCH)]
    present = _present(found)
    return sorted(
        (tree for tree in (*read, present) if tree is not None), key=lambda tree: index.epoch(tree.origin)
    )


def check(walk: Walk, found: Contents, trees: list[Tree]) -> Iterator[Finding]:
    """Yield what is wrong with sizes, origins and proofs; set each record's place."""
    yield from _origins(walk, found, trees)
    for tree in trees:
        yield from _proved(walk, tree)
    for group in walk.groups:
        for number in group:
            if walk.index.places[number] == UNPLACED and any(tree.name == PROOFS for tree in trees):
                yield Finding("proof", walk.index.ids[number], "proof.missing")
    for group in walk.groups:
        placed = [walk.index.places[number] for number in group if walk.index.places[number] != UNPLACED]
        if any(later <= earlier for earlier, later in pairwise(placed)):
            yield Finding("proof", None, "proof.order")
            break


def _present(found: Contents) -> Tree | None:
    read = paths.read(found, PROOFS, ended=False)
    point = found.checkpoint
    if read is None or point is None:
        return None
    return Tree(PROOFS, point.origin, point.size, point.root, None, read)


def _ended(found: Contents, name: str) -> Tree | None:
    read = paths.read(found, name, ended=True)
    if read is None:
        return None
    if name != f"{_EPOCH}{index.epoch(read.fields['origin'])}.json":
        found.malformed(name, "the file of another epoch")
    stated = read.fields
    return Tree(
        name, stated["origin"], stated["size"], bytes.fromhex(stated["root"]), stated["started"], read
    )


def _origins(walk: Walk, found: Contents, trees: list[Tree]) -> Iterator[Finding]:
    point = found.checkpoint
    if point is None:
        return
    known = {point.origin, "", *(tree.origin for tree in trees)}
    for group in walk.groups:
        for number in group:
            if walk.index.logs[number] not in known:
                values = {"log": walk.index.logs[number]}
                yield Finding("checkpoint", walk.index.ids[number], "checkpoint.origin", values)
    stated = [tree.paths.fields["size"] for tree in trees if tree.started is None]
    if found.case is not None:
        stated.append(found.case["checkpoint"])
        if found.case["origin"] != point.origin:
            yield Finding("checkpoint", None, "checkpoint.origin", {"log": found.case["origin"]})
    if any(size != point.size for size in stated):
        yield Finding("checkpoint", None, "checkpoint.size", {"size": point.size})


def _proved(walk: Walk, tree: Tree) -> Iterator[Finding]:
    before, spare = -1, False
    for proof in tree.paths:
        number = walk.index.numbers.get(proof.record)
        taken = number is not None and _take(walk, number, tree, proof)
        spare = spare or not taken or proof.index <= before
        if number is not None:
            yield from _stands(walk, number, tree, proof)
        before = proof.index
    if not tree.paths.lean:
        yield Finding("proof", None, "proof.hashes")
    if spare:
        yield Finding("proof", None, "proof.spare")


def _take(walk: Walk, number: int, tree: Tree, proof: Proof) -> bool:
    """Note where a record stands; False when it has a place already or belongs to another tree."""
    known = walk.index
    free = known.places[number] == UNPLACED and known.logs[number] in ("", tree.origin)
    if free:
        known.places[number] = index.place(tree.origin, proof.index)
        known.logs[number] = tree.origin
    return free


def _stands(walk: Walk, number: int, tree: Tree, proof: Proof) -> Iterator[Finding]:
    try:
        merkle.verify_inclusion(walk.index.hash(number), proof.index, tree.size, proof.path, tree.root)
    except ProofError as error:
        yield Finding("proof", proof.record, "proof", {"index": proof.index, "why": str(error)})
