"""Random trees are those of an independent library and of the definitions in RFC 6962, word by word."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_inclusion

from evidence import merkle
from evidence.errors import ProofError

ENTRIES = st.lists(st.binary(max_size=12), min_size=1, max_size=70)


def grown(entries):
    """The tree of the library, which counts leaves from 1, and our leaf hashes."""
    tree = InmemoryTree.init_from_entries(entries)
    return tree, [merkle.leaf_hash(entry) for entry in entries]


def node_of(leaves):
    return lambda level, index: merkle.tree_root(leaves[index << level : (index + 1) << level])


def split(count):
    """The largest power of two below the count."""
    half = 1
    while 2 * half < count:
        half *= 2
    return half


def defined_root(leaves):
    """MTH of §2.1."""
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return sha256(b"\1" + defined_root(leaves[:half]) + defined_root(leaves[half:])).digest()


def defined_path(index, leaves):
    """PATH of §2.1.1."""
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return [*defined_path(index, leaves[:half]), defined_root(leaves[half:])]
    return [*defined_path(index - half, leaves[half:]), defined_root(leaves[:half])]


def defined_proof(size, leaves, whole=True):
    """SUBPROOF of §2.1.2."""
    if size == len(leaves):
        return [] if whole else [defined_root(leaves)]
    half = split(len(leaves))
    if size <= half:
        return [*defined_proof(size, leaves[:half], whole), defined_root(leaves[half:])]
    return [*defined_proof(size - half, leaves[half:], False), defined_root(leaves[:half])]


@settings(deadline=None)
@given(ENTRIES)
def test_roots_of_every_size_are_those_of_another_library_and_of_the_definition(entries):
    tree, leaves = grown(entries)
    for size in range(1, len(entries) + 1):
        assert merkle.tree_root(leaves[:size]) == tree.get_root(size) == defined_root(leaves[:size])


@settings(deadline=None)
@given(ENTRIES, st.data())
def test_inclusion_proofs_are_those_of_another_library_and_each_accepts_the_others(entries, data):
    tree, leaves = grown(entries)
    size = data.draw(st.integers(1, len(entries)))
    index = data.draw(st.integers(0, size - 1))
    theirs = tree.prove_inclusion(index + 1, size)
    ours = merkle.inclusion_proof(index, size, node_of(leaves[:size]))

    assert set(theirs.path) == {leaves[index], *ours}
    assert ours == defined_path(index, leaves[:size])
    verify_inclusion(leaves[index], tree.get_root(size), theirs, index=index + 1, size=size)
    merkle.verify_inclusion(leaves[index], index, size, ours, tree.get_root(size))


@settings(deadline=None)
@given(ENTRIES, st.data())
def test_consistency_proofs_are_those_of_the_definition(entries, data):
    _, leaves = grown(entries)
    size2 = data.draw(st.integers(1, len(entries)))
    size1 = data.draw(st.integers(1, size2))
    ours = merkle.consistency_proof(size1, size2, node_of(leaves[:size2]))
    roots = defined_root(leaves[:size1]), defined_root(leaves[:size2])

    assert ours == defined_proof(size1, leaves[:size2])
    merkle.verify_consistency(size1, roots[0], size2, roots[1], ours)
    with pytest.raises(ProofError):
        merkle.verify_consistency(size1, merkle.leaf_hash(roots[0]), size2, roots[1], ours)
