"""A new record that does not continue its stream is found when it is read: one place is used once."""

import pytest

from evidence import records
from storage.log import ZEROS
from tests.signer.office import Office


def rewrite(office: Office, back: int, filed: int | None = None, **fields: object) -> None:
    """Change the record that stands so many places before the end, and under which number it is filed."""
    leaf = office.leaves()[-back]
    changed = {**records.parse_leaf(leaf.leaf), **fields}
    office.run(
        "UPDATE record SET leaf = :leaf, cseq = :cseq WHERE position = :at",
        leaf=records.make_leaf(changed), cseq=filed or changed["cseq"], at=leaf.position,
    )  # fmt: skip


def twice(office: Office, filed: int | None = None) -> None:
    """Let the newest record take the place of the one before it, as a second branch of the stream."""
    before = records.read(office.leaves()[-2].leaf).fields
    rewrite(office, 1, filed, cseq=before["cseq"], cprev=before["cprev"])


FORKS = {
    "it takes a place that was used": lambda office: twice(office, 90),
    "it leaves places out": lambda office: rewrite(office, 1, cseq=90),
    "it names another leaf before it": lambda office: rewrite(office, 1, cprev="7" * 64),
    "it begins its stream again": lambda office: rewrite(office, 1, 90, cseq=1, cprev=ZEROS),
    "it is filed elsewhere": lambda office: rewrite(office, 1, 90),
    "it begins a stream in the middle": lambda office: office.run(
        "UPDATE record SET leaf = :leaf, stream = 'case:x' WHERE position = :at",
        at=office.leaves()[-1].position,
        leaf=office.leaves()[-1].leaf.replace(b'"stream":"system"', b'"stream":"case:x"'),
    ),
}


@pytest.mark.parametrize("together", [True, False], ids=["read together", "the one before was read earlier"])
@pytest.mark.parametrize("fork", FORKS.values(), ids=FORKS)
def test_what_does_not_continue_its_stream_stops_the_signer(office: Office, fork, together: bool):
    with office.signer() as signer:
        office.grow(4)
        if not together:
            signer.follow()
        office.grow()
        fork(office)
        signer.follow()
        status = signer.status()
    assert status["trouble"] == "changed"
    assert "its stream" in status["why"]
    with office.signer() as again:  # and it stays found
        again.follow()
        assert again.status()["trouble"] == "changed"


def test_after_a_leaf_that_was_erased_its_stream_goes_on(office: Office):
    size = office.grow(5)
    with office.signer() as signer:
        signer.follow()
    office.run("UPDATE record SET leaf = :none WHERE position = :at", none=b"", at=size - 1)
    office.grow(2)
    with office.signer() as again:
        again.follow()
        assert (again.status()["trouble"], again.status()["seen"]) == (None, size + 2)
