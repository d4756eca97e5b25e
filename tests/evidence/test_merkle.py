"""The tree is RFC 6962's, its proofs connect what they should and nothing else."""

import hashlib
import json
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import merkle
from evidence.errors import ProofError
from tests.evidence.worlds import nodes

HASHES = [merkle.leaf_hash(bytes([number])) for number in range(130)]
SIZES = st.integers(1, 130)


def cases(vectors, name):
    return [json.loads(line) for line in (vectors / name).read_text().splitlines()]


def unpacked(case, *names):
    return [b64decode(case[name]) for name in names], [b64decode(one) for one in case["proof"] or []]


def refused(check, *arguments):
    try:
        check(*arguments)
    except ProofError:
        return True
    return False


def naive_root(hashes):
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    pair = naive_root(hashes[:half]) + naive_root(hashes[half:])
    return hashlib.sha256(b"\1" + pair).digest()


def test_the_public_tree_is_hashed_to_its_published_roots(vectors):
    tree = json.loads((vectors / "rfc6962_tree.json").read_text())
    leaves = [merkle.leaf_hash(bytes.fromhex(text)) for text in tree["leaf_inputs_hex"]]
    node = nodes(leaves)

    assert merkle.EMPTY_ROOT.hex() == tree["empty_root"]
    assert [merkle.tree_root(leaves[:size]).hex() for size in range(9)] == tree["root_hash_by_size"]
    for level, expected in enumerate(tree["node_hashes_by_level"]):
        assert [node(level, index).hex() for index in range(len(expected))] == expected
    for one in tree["leaf_hash"]:
        assert merkle.leaf_hash(one["input_utf8"].encode()).hex() == one["hash"]
    for one in tree["node_hash"]:
        assert merkle.node_hash(one["left_utf8"].encode(), one["right_utf8"].encode()).hex() == one["hash"]


def test_every_public_inclusion_probe_is_judged_as_published(vectors):
    probes = cases(vectors, "rfc6962_inclusion.jsonl")
    for case in probes:
        (leaf, root), proof = unpacked(case, "leafHash", "root")
        verdict = refused(merkle.verify_inclusion, leaf, case["leafIdx"], case["treeSize"], proof, root)
        assert verdict == case["wantErr"], case["case"]
    assert len(probes) == 98


def test_every_public_consistency_probe_is_judged_as_published(vectors):
    probes = cases(vectors, "rfc6962_consistency.jsonl")
    for case in probes:
        (root1, root2), proof = unpacked(case, "root1", "root2")
        verdict = refused(merkle.verify_consistency, case["size1"], root1, case["size2"], root2, proof)
        assert verdict == case["wantErr"], case["case"]
    assert len(probes) == 98


def test_a_real_log_grows_through_its_published_checkpoints(vectors):
    log = json.loads((vectors / "tlog_tiles_small_log.json").read_text())
    hashes = [merkle.leaf_hash(entry.encode()) for entry in log["entries_utf8"]]
    roots = [b64decode(note.splitlines()[2]) for note in log["checkpoints"]]

    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(hashes):
        assert merkle.root_of(frontier) == roots[size]
        frontier, _ = merkle.append(frontier, size, leaf)
    assert merkle.root_of(frontier) == roots[15]
    for size in range(1, 16):
        proof = merkle.consistency_proof(size, 15, nodes(hashes))
        merkle.verify_consistency(size, roots[size], 15, roots[15], proof)


def test_a_witnessed_pair_of_checkpoints_is_consistent(vectors):
    for pair in json.loads((vectors / "checkpoint.json").read_text())["consistency"]:
        roots = [b64decode(pair[name].splitlines()[2]) for name in ("checkpoint1", "checkpoint2")]
        proof = [bytes.fromhex(text) for text in pair["proof_hex"]]
        merkle.verify_consistency(pair["size1"], roots[0], pair["size2"], roots[1], proof)


def valid_subtrees():
    for end in range(131):
        for start in range(end):
            if start % (1 << (end - start - 1).bit_length()) == 0:
                yield start, end
        yield end, end


def test_all_subtree_hashes_up_to_130_leaves_roll_up_to_the_published_value(vectors):
    expected = json.loads((vectors / "rfc6962_subtree_accumulated.json").read_text())["rolling_sha256"]
    rolling, node = hashlib.sha256(), nodes(HASHES)
    for start, end in valid_subtrees():
        root = merkle.range_root(start, end, node) if start < end else merkle.EMPTY_ROOT
        rolling.update(f"[{start}, {end}) {root.hex()}\n".encode())
    assert rolling.hexdigest() == expected["SubtreeHash"]


def test_all_subtree_inclusion_proofs_up_to_130_leaves_roll_up_to_the_published_value(vectors):
    expected = json.loads((vectors / "rfc6962_subtree_accumulated.json").read_text())["rolling_sha256"]
    rolling, node = hashlib.sha256(), nodes(HASHES)
    for start, end in valid_subtrees():
        for index in range(start, end):
            proof = merkle.inclusion_proof(
                index - start, end - start, lambda level, at, start=start: node(level, at + (start >> level))
            )
            line = " ".join([f"{index} [{start}, {end})", *(one.hex() for one in proof)])
            rolling.update(f"{line}\n".encode())
    assert rolling.hexdigest() == expected["SubtreeInclusionProof"]


@given(SIZES)
def test_appending_leaf_by_leaf_gives_the_root_of_the_definition(size):
    assert merkle.tree_root(HASHES[:size]) == naive_root(HASHES[:size])


@given(SIZES, st.data())
def test_every_leaf_of_every_tree_is_proved_at_its_place_only(size, data):
    index = data.draw(st.integers(0, size - 1))
    root, proof = naive_root(HASHES[:size]), merkle.inclusion_proof(index, size, nodes(HASHES[:size]))

    merkle.verify_inclusion(HASHES[index], index, size, proof, root)
    for other in {0, index - 1, index + 1, size - 1, size} - {index}:
        assert refused(merkle.verify_inclusion, HASHES[index], other, size, proof, root)
    assert refused(merkle.verify_inclusion, HASHES[index], index, size, [*proof, root], root)


@given(SIZES, SIZES, st.data())
def test_every_earlier_tree_is_proved_to_be_the_beginning_of_a_later_one(one, other, data):
    size1, size2 = sorted((one, other))
    root1, root2 = naive_root(HASHES[:size1]), naive_root(HASHES[:size2])
    proof = merkle.consistency_proof(size1, size2, nodes(HASHES[:size2]))

    merkle.verify_consistency(size1, root1, size2, root2, proof)
    assert refused(merkle.verify_consistency, size1, HASHES[0][::-1], size2, root2, proof)
    assert refused(merkle.verify_consistency, size1, root1, size2, root1[::-1], proof)
    assert refused(merkle.verify_consistency, size1, root1, size2, root2, [*proof, root1])
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        broken = [sibling[::-1] if number == at else sibling for number, sibling in enumerate(proof)]
        assert refused(merkle.verify_consistency, size1, root1, size2, root2, broken)
        assert refused(merkle.verify_consistency, size1, root1, size2, root2, proof[:-1])


def test_a_proof_that_goes_on_or_holds_half_a_hash_is_called_so():
    root = merkle.tree_root(HASHES[:4])
    with pytest.raises(ProofError, match="too long"):
        merkle.verify_consistency(4, root, 4, root, [HASHES[0]])
    with pytest.raises(ProofError, match="32 bytes"):
        merkle.verify_consistency(4, root, 5, merkle.tree_root(HASHES[:5]), [HASHES[4][:16]])


def test_an_empty_tree_is_the_beginning_of_nothing():
    with pytest.raises(ProofError):
        merkle.verify_consistency(0, merkle.EMPTY_ROOT, 1, HASHES[0], [])


@pytest.mark.parametrize(("size", "count"), [(0, 1), (5, 1), (7, 2)])
def test_a_frontier_of_another_size_is_refused(size, count):
    with pytest.raises(ValueError, match="perfect subtrees"):
        merkle.append(tuple(HASHES[:count]), size, HASHES[9])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_is_made_for_a_leaf_outside_the_tree(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, nodes(HASHES[:size]))


@pytest.mark.parametrize(("size1", "size2"), [(0, 3), (4, 3)])
def test_no_proof_is_made_between_trees_that_cannot_be_compared(size1, size2):
    with pytest.raises(ValueError, match="not the beginning"):
        merkle.consistency_proof(size1, size2, nodes(HASHES[:3]))


def test_each_leaf_costs_two_stored_nodes_at_most():
    frontier, stored = (), 0
    for size in range(1000):
        frontier, completed = merkle.append(frontier, size, HASHES[0])
        stored += 1 + len(completed)
    assert stored == 2 * 1000 - (1000).bit_count()
