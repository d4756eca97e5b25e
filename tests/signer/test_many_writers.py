"""Sixteen processes append at once: one tree, no gap, no fork, and the signer computes the same root."""

import multiprocessing

import pytest

from evidence import merkle, records
from handlers.people import save_user
from storage.audit import audit
from storage.book import Archive
from storage.engine import open_engine
from storage.ids import SystemIds
from storage.keys import Keys
from tests.signer.office import Office, checkpoint_of, plain_root
from tests.world import HandClock

PROCESSES, EACH = 16, 6


def append(url: str, number: int) -> None:
    keys = Keys("test", bytes(range(32)))
    engine = open_engine(url, keys)
    archive = Archive(engine, keys, HandClock(), SystemIds())
    for turn in range(EACH):
        with archive.writing() as book:
            for one in range(2):  # of two records in one transaction neither may be parted from the other
                save_user(book, f"u{number}.{turn}.{one}", "同时写入的人", "auditor", "system:test")
    engine.dispose()


@pytest.mark.long
def test_many_processes_make_one_tree(office: Office):
    before = office.grow()
    office.away()
    # Forked before any connection is open; each opens its own.
    forking = multiprocessing.get_context("fork")
    writers = [forking.Process(target=append, args=(office.url, number)) for number in range(PROCESSES)]
    with office.signer() as signer:
        for one in writers:
            one.start()
        while any(one.is_alive() for one in writers):
            signer.follow()  # it reads along while they write
            assert signer.status()["trouble"] is None
            writers[-1].join(0.02)
        for one in writers:
            one.join()
        size = before + PROCESSES * EACH * 2
        assert [one.exitcode for one in writers] == [0] * PROCESSES
        signed = checkpoint_of(signer.sign(size))

    leaves = office.leaves()
    assert [one.index for one in leaves] == list(range(size))
    assert len({one.leaf_hash for one in leaves}) == size
    made = [records.read(one.leaf) for one in leaves]
    system = [one for one in made if one.fields["stream"] == "system"]
    assert [one.fields["cseq"] for one in system] == list(range(1, len(system) + 1))
    assert [one.fields["cprev"] for one in system[1:]] == [one.hash.hex() for one in system[:-1]]
    assert signed.root == office.head().root == plain_root([merkle.leaf_hash(one.leaf) for one in leaves])
    with office.desk.archive.reading() as view:
        assert audit(view).findings == ()
