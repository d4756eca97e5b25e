"""Whoever changes what the signer has seen is found: it stops, says why, and signs nothing more."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from evidence import merkle, records
from scheduler.signer import signing
from scheduler.signer.files import Refusal
from scheduler.signer.signing import Signer
from storage.schema import log_head, log_node, record, stream_head
from tests.signer.office import Office, checkpoint_of

SEEN = 12

# What somebody with the database's password does to records that were seen; {at} is one of them.
CHANGES = {
    "a leaf is edited": "UPDATE record SET leaf = :junk WHERE position = {at}",
    "a leaf and its hash are edited": (
        "UPDATE record SET leaf = :junk, leaf_hash = :hash WHERE position = {at}"
    ),
    "a leaf is erased and another hash put in its place": (
        "UPDATE record SET leaf = :none, leaf_hash = :hash WHERE position = {at}"
    ),
    "a record is deleted": "DELETE FROM record WHERE position = {at}",
    "a record is moved to the end": "UPDATE record SET position = 1000 WHERE position = {at}",
}


@pytest.fixture
def seen(office: Office) -> Iterator[tuple[Office, Signer]]:
    """An office whose signer has seen twelve records and signed eleven."""
    office.grow(SEEN - office.head().size)
    with office.signer() as signer:
        signer.sign(SEEN - 1)
        yield office, signer


def change(office: Office, statement: str, at: int) -> None:
    values = {"junk": b"{}", "hash": merkle.leaf_hash(b"{}"), "none": b""}
    used = {name: value for name, value in values.items() if f":{name}" in statement}
    office.run(statement.format(at=at), **used)


@pytest.mark.parametrize("at", [5, SEEN - 1], ids=["one in the middle", "the newest"])
@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
def test_it_stops_when_a_record_that_it_saw_is_another_one(
    seen: tuple[Office, Signer], statement: str, at: int
):
    office, signer = seen
    note = signer.status()["note"]
    change(office, statement, at)
    signer.follow()

    status = signer.status()
    assert status["trouble"] in ("changed", "behind")
    assert "huizheng.a1b2c3d4/log/1" in status["why"]
    office.grow(0 if status["trouble"] == "behind" else 1)
    for size in (SEEN - 1, SEEN, SEEN + 1):
        with pytest.raises(Refusal, match="has stopped"):
            signer.sign(size)
    assert signer.status()["note"] == note


def test_it_stops_when_the_last_records_are_dropped(seen: tuple[Office, Signer]):
    office, signer = seen
    office.run(f"DELETE FROM record WHERE position >= {SEEN - 3}")
    signer.follow()

    assert signer.status()["trouble"] == "behind"
    assert "holds 9 records" in signer.status()["why"]
    assert "has read 12" in signer.status()["why"]
    with pytest.raises(Refusal, match="has stopped"):
        signer.sign(9)


@pytest.mark.parametrize("restarted", [False, True], ids=["while it runs", "while it is stopped"])
@pytest.mark.parametrize("grown", [0, 4], ids=["as long as before", "longer than before"])
def test_it_stops_when_the_whole_log_is_made_anew(office: Office, grown: int, restarted: bool):
    office.grow(SEEN - office.head().size)
    with office.signer() as signer:
        signer.sign(SEEN)
        if not restarted:
            office.grow(grown)
            make_anew(office, forged=3)
            signer.follow()
            assert signer.status()["trouble"] == "changed"
            return
    office.grow(grown)
    make_anew(office, forged=3)
    with office.signer() as again:
        with pytest.raises(Refusal, match="has stopped"):
            again.sign(SEEN + grown)
        assert again.status()["trouble"] == "changed"


def test_a_log_made_anew_before_the_block_that_is_looked_at_is_found_by_its_root(
    office: Office, small_blocks: None
):
    """Only the head row says that something old was changed: that is enough to look at everything."""
    office.grow(17 - office.head().size)
    with office.signer(choose=lambda below: below - 1) as signer:
        signer.sign(17)
        make_anew(office, forged=1, relink=False)
        signer.follow()
        assert signer.status()["trouble"] == "changed"


def test_every_block_is_looked_at_within_a_round(office: Office, small_blocks: None):
    """Chance never picks the changed block here, and no hash in the database betrays it."""
    office.grow(17 - office.head().size)
    with office.signer(choose=lambda below: below - 1) as signer:
        signer.sign(17)
        office.run("UPDATE record SET leaf = :junk WHERE position = 1", junk=b"{}")
        for _ in range(5):
            signer.follow()
        assert signer.status()["trouble"] == "changed"


def test_a_forged_head_row_alone_changes_nothing(seen: tuple[Office, Signer]):
    office, signer = seen
    office.run("UPDATE log_head SET frontier = :other", other=b"\7" * 64)
    signer.follow()
    assert signer.status()["trouble"] is None
    assert checkpoint_of(signer.sign(SEEN)).root == office.root(SEEN)


def test_it_signs_again_once_the_record_is_back(office: Office, monkeypatch: pytest.MonkeyPatch):
    office.grow(SEEN - office.head().size)
    leaf = office.leaves()[5].leaf
    with office.signer() as signer:
        signer.follow()
        office.run("UPDATE record SET leaf = :junk WHERE position = 5", junk=b"{}")
        signer.follow()
        office.run("UPDATE record SET leaf = :leaf WHERE position = 5", leaf=leaf)
        signer.follow()
        assert signer.status()["trouble"] == "changed"  # it looks at everything again half a minute later
        monkeypatch.setattr(signing, "TROUBLED", 0.0)
        assert checkpoint_of(signer.sign(SEEN)).root == office.root(SEEN)
        assert signer.status()["trouble"] is None


def test_a_record_of_another_log_is_not_taken_over(office: Office):
    with office.signer() as signer:
        signer.follow()
        office.grow()
        last = office.leaves()[-1]
        moved = last.leaf.replace(b"huizheng.a1b2c3d4", b"huizheng.other222")
        office.run("UPDATE record SET leaf = :leaf WHERE position = :at", leaf=moved, at=last.position)
        signer.follow()
        assert signer.status()["trouble"] == "changed"
        assert "no record of the log" in signer.status()["why"]


def test_a_database_that_is_away_is_no_proof_of_anything(office: Office, caplog: pytest.LogCaptureFixture):
    office.grow(2)
    with office.signer() as signer:
        signer.follow()
        office.run("ALTER TABLE record RENAME TO elsewhere")
        signer.follow()
        assert signer.status()["trouble"] is None
        assert "cannot read the database" in caplog.text
        office.run("ALTER TABLE elsewhere RENAME TO record")
        assert signer.sign(office.head().size)


def make_anew(office: Office, forged: int, *, relink: bool = True) -> None:
    """Rewrite every record, node and head after changing one, as a dishonest administrator would."""
    with office.world.desk.archive.engine.begin() as connection:
        rows = connection.execute(sa.select(record).order_by(record.c.position)).mappings().all()
        frontier: tuple[bytes, ...] = ()
        nodes, streams, made = [], {}, []
        for at, row in enumerate(rows):
            fields = records.parse_leaf(bytes(row["leaf"]))
            if at == forged:
                fields["salt"] = "0" * 32
            if relink:
                fields["cprev"] = streams.get(row["stream"], (0, fields["cprev"]))[1]
            leaf = records.make_leaf(fields)
            leaf_hash = merkle.leaf_hash(leaf)
            frontier, completed = merkle.append(frontier, at, leaf_hash)
            nodes += [{"level": level, "position": index, "hash": one} for level, index, one in completed]
            streams[row["stream"]] = (row["cseq"], leaf_hash.hex())
            made.append({**row, "leaf": leaf, "leaf_hash": leaf_hash})
        for table in (record, log_node, stream_head):
            connection.execute(sa.delete(table))
        connection.execute(sa.insert(record), made)
        connection.execute(sa.insert(log_node), nodes)
        heads = [
            {"stream": name, "cseq": cseq, "leaf_hash": bytes.fromhex(value)}
            for name, (cseq, value) in streams.items()
        ]
        connection.execute(sa.insert(stream_head), heads)
        connection.execute(sa.update(log_head).values(size=len(made), frontier=b"".join(frontier)))
