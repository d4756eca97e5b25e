"""The RFC 6962 Merkle tree: hashing, appending, proofs and their verification."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

from evidence.errors import ProofError

HASH_LENGTH = 32
EMPTY_ROOT = sha256(b"").digest()

Node = Callable[[int, int], bytes]  # (level, index) -> hash of a complete subtree; level 0 holds leaf hashes
Completed = tuple[int, int, bytes]  # (level, index, hash)


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962 §2.1)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an interior node (RFC 6962 §2.1)."""
    return sha256(b"\x01" + left + right).digest()


def append(
    frontier: tuple[bytes, ...], size: int, leaf_hash: bytes
) -> tuple[tuple[bytes, ...], list[Completed]]:
    """Add one leaf hash to a tree of ``size`` leaves whose perfect subtrees have these roots, largest first.

    Returns the new frontier and the interior nodes that this leaf completed, lowest first.
    Raises ValueError when the frontier is not one of that size.
    """
    if size.bit_count() != len(frontier):
        raise ValueError(
            f"a tree of {size} leaves has {size.bit_count()} perfect subtrees, not {len(frontier)}"
        )
    peaks, completed, root, level = list(frontier), [], leaf_hash, 0
    while size >> level & 1:
        root, level = node_hash(peaks.pop(), root), level + 1
        completed.append((level, size >> level, root))
    return (*peaks, root), completed


def root_of(frontier: Sequence[bytes]) -> bytes:
    """Return the root of the tree whose perfect subtrees have these roots, largest first."""
    if not frontier:
        return EMPTY_ROOT
    *peaks, root = frontier
    for peak in reversed(peaks):
        root = node_hash(peak, root)
    return root


def tree_root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over these leaf hashes, holding only a frontier in memory."""
    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(leaf_hashes):
        frontier, _ = append(frontier, size, leaf)
    return root_of(frontier)


def range_root(start: int, end: int, node: Node) -> bytes:
    """Return the hash over leaves ``start`` up to but without ``end``.

    ``start`` must be a multiple of the smallest power of two that is not below ``end - start``.
    """
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(count)
    return node_hash(range_root(start, middle, node), range_root(middle, end, node))


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Return the audit path of one leaf in the tree of ``size`` leaves, lowest first (RFC 6962 §2.1.1).

    Raises ValueError when there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(size1: int, size2: int, node: Node) -> list[bytes]:
    """Return the proof that the tree of ``size1`` leaves is the beginning of that of ``size2`` (§2.1.2).

    Raises ValueError unless 0 < size1 <= size2.
    """
    if not 0 < size1 <= size2:
        raise ValueError(f"a tree of {size1} leaves is not the beginning of one of {size2}")
    path, start, end, whole = [], 0, size2, True
    while size1 != end:
        middle = start + _split(end - start)
        if size1 <= middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start, whole = middle, False
    return ([] if whole else [range_root(start, end, node)]) + path[::-1]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that this leaf stands at this index of the tree with this root; raises ProofError."""
    _must_be_hashes(leaf_hash, root, *proof)
    if not 0 <= index < size:
        raise ProofError(f"no leaf {index} in a tree of {size}")
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        raise ProofError(f"{len(proof)} hashes are not a path to leaf {index} of {size}")
    found = leaf_hash
    for level, sibling in enumerate(proof):
        left = level >= inner or index >> level & 1
        found = node_hash(sibling, found) if left else node_hash(found, sibling)
    if found != root:
        raise ProofError("the path leads to another root")


def verify_consistency(size1: int, root1: bytes, size2: int, root2: bytes, proof: Sequence[bytes]) -> None:
    """Check that the first tree is the beginning of the second (RFC 9162 §2.1.4.2); raises ProofError.

    An empty first tree is refused, since it would be consistent with anything.
    """
    if not 0 < size1 <= size2:
        raise ProofError(f"sizes {size1} and {size2} cannot be compared")
    if size1 < size2:
        _must_be_hashes(root1, root2, *proof)
    # A perfect first tree is itself the start of the path and is left out of the proof.
    path = [root1, *proof] if size1 & (size1 - 1) == 0 or size1 == size2 else list(proof)
    if not path or _both_roots(size1, size2, path) != (root1, root2):
        raise ProofError("the proof leads to other roots")


def earlier_root(size1: int, size2: int, root2: bytes, proof: Sequence[bytes]) -> bytes:
    """Return the root that the second tree itself has at the first size, as a proof shows; raises ProofError.

    Of a first size that is a power of two a proof shows nothing: it leaves that root out.
    """
    _must_be_hashes(root2, *proof)
    if not 0 < size1 < size2 or size1 & (size1 - 1) == 0 or not proof:
        raise ProofError("the proof shows no earlier root")
    found, reached = _both_roots(size1, size2, proof)
    if reached != root2:
        raise ProofError("the proof leads to another root")
    return found


def _both_roots(size1: int, size2: int, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    shift = _trailing_ones(size1 - 1) if size1 < size2 else size2.bit_length()
    first, last = (size1 - 1) >> shift, (size2 - 1) >> shift
    found1 = found2 = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if first & 1 or first == last:
            found1, found2 = node_hash(sibling, found1), node_hash(sibling, found2)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            found2 = node_hash(found2, sibling)
        first, last = first >> 1, last >> 1
    if last:
        raise ProofError("the proof is too short")
    return found1, found2


def _must_be_hashes(*values: bytes) -> None:
    if any(len(value) != HASH_LENGTH for value in values):
        raise ProofError("a hash is not 32 bytes long")


def _split(count: int) -> int:
    # RFC 6962 §2.1: the largest power of two smaller than the number of leaves.
    return int(1 << (count - 1).bit_length() - 1)


def _trailing_ones(number: int) -> int:
    return (number ^ (number + 1)).bit_length() - 1
