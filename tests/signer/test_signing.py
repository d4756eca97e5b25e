"""The signer signs what continues what it has read itself, and nothing else."""

import pytest

from evidence import export_note, merkle, note
from scheduler.signer.files import Refusal
from scheduler.signer.memory import BLOCK, Memory
from tests.signer.office import ON_ONE, ORIGIN, Office, checkpoint_of, holds, plain_root


def test_it_signs_the_root_over_the_leaves_own_bytes(office: Office):
    size = office.grow(3)
    with office.signer() as signer:
        signed = signer.sign(size)
        vkey = signer.status()["vkey"]

    assert checkpoint_of(signed).origin == ORIGIN
    assert checkpoint_of(signed).size == size
    assert checkpoint_of(signed).root == office.root(size)
    assert holds(signed, vkey)


def test_any_size_from_the_last_signed_one_to_the_end_can_be_asked_for(office: Office):
    size = office.grow(20)
    with office.signer() as signer:
        for wanted in (size - 9, size - 8, size - 1, size):
            signed = checkpoint_of(signer.sign(wanted))
            assert (signed.size, signed.root) == (wanted, office.root(wanted))


def test_a_size_below_the_last_signed_one_is_refused(office: Office):
    size = office.grow(5)
    with office.signer() as signer:
        signer.sign(size)
        for smaller in (size - 1, 1, 0, -1):
            with pytest.raises(Refusal, match="signed already"):
                signer.sign(smaller)


@ON_ONE
def test_more_than_the_database_shows_is_refused_after_a_while(office: Office):
    with office.signer() as signer, pytest.raises(Refusal, match="so far, not"):
        signer.sign(office.head().size + 1)


@ON_ONE
def test_the_same_size_always_gets_the_same_note(office: Office):
    size = office.grow()
    with office.signer() as signer:
        first = signer.sign(size)
        assert signer.sign(size) == first
    with office.signer() as again:
        assert again.sign(size) == first


@ON_ONE
def test_it_remembers_over_a_restart_what_it_has_seen_and_signed(office: Office):
    with office.signer() as signer:
        signer.sign(office.grow(2))
        office.grow(2)
        signer.follow()
        before = signer.status()
    with office.signer() as again:
        assert again.status() == before


def test_it_knows_no_more_of_the_head_row_than_that_it_may_lie(office: Office):
    size = office.grow(4)
    office.run("UPDATE log_head SET frontier = :new, size = size + 3", new=b"\0" * 96)
    with office.signer() as signer:
        assert checkpoint_of(signer.sign(size)).root == office.root(size)


def test_it_hashes_new_records_itself(office: Office):
    size = office.grow(3)
    office.run("UPDATE record SET leaf_hash = :new WHERE position = 2", new=b"\1" * 32)
    with office.signer() as signer:
        assert checkpoint_of(signer.sign(size)).root == office.root(size)


def test_stored_hashes_and_nodes_deceive_it_in_nothing(office: Office):
    size = office.grow(9)
    with office.signer() as signer:
        signer.follow()
        office.run("UPDATE log_node SET hash = :new", new=b"\1" * 32)
        office.run("UPDATE record SET leaf_hash = :new", new=b"\1" * 32)
        assert checkpoint_of(signer.sign(size)).root == office.root(size)


def test_a_new_leaf_without_bytes_is_not_taken_over(office: Office):
    with office.signer() as signer:
        signer.follow()
        office.grow()
        office.run(
            "UPDATE record SET leaf = :none WHERE position = (SELECT max(position) FROM record)", none=b""
        )
        signer.follow()
        assert signer.status()["trouble"] == "changed"


def test_a_leaf_that_was_erased_after_it_was_seen_is_no_trouble(office: Office):
    size = office.grow(6)
    root = office.root(size)
    with office.signer() as signer:
        signer.follow()
        office.run("UPDATE record SET leaf = :none WHERE position IN (3, :last)", none=b"", last=size - 1)
        assert checkpoint_of(signer.sign(size)).root == root
    with office.signer() as again:
        again.follow()
        assert again.status()["trouble"] is None


@ON_ONE
def test_only_the_six_lines_of_an_export_at_a_signed_size_are_signed_on_request(office: Office):
    size = office.grow(3)
    with office.signer() as signer:
        point = checkpoint_of(signer.sign(size))
        text = export_note.text("AAAA-BBBB-CCCC-DDDD", point, b"tag", b"tag").decode()

        assert holds(signer.sign_export(text), signer.status()["vkey"])
        assert note.parse(signer.sign_export(text).encode()).text.decode() == text
        for other in (
            text.replace(f"\n{size}\n", f"\n{size - 1}\n"),
            text.replace(ORIGIN, "huizheng.other222/log/1"),
            text + "more\n",
            point.body().decode(),
            "",
        ):
            with pytest.raises(Refusal):
                signer.sign_export(other)


@ON_ONE
def test_an_export_of_an_earlier_signed_size_is_signed_too(office: Office):
    with office.signer() as signer:
        earlier = checkpoint_of(signer.sign(office.grow()))
        signer.sign(office.grow())
    with office.signer() as again:
        again.follow()
        text = export_note.text("AAAA-BBBB-CCCC-DDDD", earlier, b"tag", b"tag").decode()
        assert holds(again.sign_export(text), again.status()["vkey"])


@pytest.mark.parametrize("size", [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 2 * BLOCK + 3])
def test_what_is_kept_of_many_leaves_is_enough_for_each_earlier_root(size: int):
    hashes = [merkle.leaf_hash(str(number).encode()) for number in range(size)]
    memory = Memory()
    for start in range(0, size, 700):
        memory = memory.taking(hashes[start : start + 700])

    assert memory.root == plain_root(hashes)
    for earlier in {1, size // 2 or 1, max(size - 1, 1), size}:
        assert memory.root_at(earlier, node_of(hashes)) == plain_root(hashes[:earlier])


def test_every_single_leaf_that_changes_is_noticed_in_its_block():
    hashes = [merkle.leaf_hash(str(number).encode()) for number in range(BLOCK + 5)]
    memory = Memory().taking(hashes)
    for piece in range(memory.pieces):
        start, end = memory.span(piece)
        assert memory.knows(piece, node_of(hashes))
        for at in (start, (start + end) // 2, end - 1):
            other = [*hashes[:at], merkle.leaf_hash(b"other"), *hashes[at + 1 :]]
            assert not memory.knows(piece, node_of(other))


def node_of(hashes: list[bytes]) -> merkle.Node:
    return lambda level, index: plain_root(hashes[index << level : index + 1 << level])


def test_subtrees_whose_hashes_were_forgotten_are_known_by_their_roots(office: Office, small_blocks: None):
    """Erasure at its third level keeps the root of a subtree alone (docs/evidence-format.md §4.1)."""
    size = office.grow(40 - office.head().size)
    root = office.root(size)
    with office.signer(choose=lambda below: below - 1) as signer:
        signer.sign(size)
        for level, index in ((1, 1), (2, 2), (4, 1)):  # within a block, a block, several blocks
            forget(office, level, index)
    with office.signer() as again:
        assert checkpoint_of(again.sign(size)).root == root
        assert checkpoint_of(again.sign(office.grow())).root
        again.follow()
        assert again.status()["trouble"] is None
        office.run("UPDATE log_node SET hash = :new WHERE level = 4 AND position = 1", new=b"\1" * 32)
    with office.signer() as last:
        last.follow()
        assert last.status()["trouble"] == "changed"


def forget(office: Office, level: int, index: int) -> None:
    first, after = index << level, index + 1 << level
    office.run(
        "UPDATE record SET leaf = :none, leaf_hash = :none WHERE position >= :first AND position < :after",
        none=b"", first=first, after=after,
    )  # fmt: skip
    for below in range(1, level):
        office.run(
            "DELETE FROM log_node WHERE level = :below AND position >= :first AND position < :after",
            below=below, first=first >> below, after=after >> below,
        )  # fmt: skip
