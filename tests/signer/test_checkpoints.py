"""The application has the log signed: keys by records, notes checked against its own tree, in time."""

import threading
from datetime import timedelta

import pytest

from evidence import export_note, note
from handlers.checkpoints import rotate_key, sign_at, sign_now
from handlers.vouching import SignerFault
from scheduler.checkpoints import is_due, sign_checkpoints
from scheduler.who import Worker
from storage import checkpoints, source
from storage.book import SYSTEM, Entry
from storage.log_keys import log_keys
from tests.signer.office import ON_ONE, ORIGIN, Died, Office, checkpoint_of, holds


def keys(office: Office):
    with office.desk.archive.reading() as view:
        return log_keys(view)


def kept(office: Office) -> list[checkpoints.Kept]:
    with office.desk.archive.reading() as view:
        return list(checkpoints.all_of(view.connection, ORIGIN))


def test_the_first_key_is_introduced_by_a_record_that_its_first_note_covers(office: Office):
    with office.running() as signer:
        signed = sign_now(office.desk)
        vkey = signer.status()["vkey"]

    (introduced,) = keys(office)
    assert (introduced.key.vkey, introduced.old, introduced.isolation) == (vkey, None, "same-user")
    assert checkpoint_of(signed).size == introduced.position + 1
    assert checkpoint_of(signed).root == office.root(introduced.position + 1)
    assert holds(signed, vkey)
    assert [one.note for one in kept(office)] == [signed]


@ON_ONE
def test_a_log_that_nothing_was_added_to_keeps_its_note(office: Office):
    with office.running():
        assert sign_now(office.desk) == sign_now(office.desk)
    assert len(kept(office)) == 1


@ON_ONE
def test_a_kept_note_is_given_without_asking_the_signer(office: Office):
    with office.running():
        signed = sign_now(office.desk)
    assert sign_at(office.desk, checkpoint_of(signed).size) == signed


def test_of_several_processes_one_introduces_the_key(office: Office):
    with office.running():
        asking = [threading.Thread(target=sign_now, args=(office.desk,)) for _ in range(6)]
        for one in asking:
            one.start()
        for one in asking:
            one.join()
    assert len(keys(office)) == 1


@ON_ONE
def test_a_log_without_a_signer_stays_unsigned(office: Office):
    assert sign_now(office.world.desk) is None  # none is configured
    assert sign_now(office.desk) is None  # none ever answered
    assert keys(office) == []


@ON_ONE
def test_a_signed_log_whose_signer_does_not_answer_says_so(office: Office):
    with office.running():
        sign_now(office.desk)
    office.grow()
    with pytest.raises(SignerFault, match="does not answer"):
        sign_now(office.desk)


@ON_ONE
def test_a_signer_with_another_key_than_the_records_name_is_not_believed(office: Office):
    with office.running():
        sign_now(office.desk)
    for path in (office.room / "signer").iterdir():
        path.unlink()
    office.grow()
    with office.running(), pytest.raises(SignerFault, match="another key"):
        sign_now(office.desk)
    assert len(keys(office)) == 1


def test_a_note_over_another_root_than_our_own_is_not_kept(office: Office):
    with office.running():
        before = sign_now(office.desk)
        office.grow()
        office.run("UPDATE log_node SET hash = :new", new=b"\1" * 32)
        with pytest.raises(SignerFault, match="huizheng audit"):
            sign_now(office.desk)
    assert [one.note for one in kept(office)] == [before]


@ON_ONE
def test_it_is_due_when_the_log_grew_and_minutes_went_by(office: Office):
    with office.running():
        assert is_due(office.desk)
        sign_now(office.desk)
        office.world.clock.pass_by(minutes=60)
        assert not is_due(office.desk)  # nothing is new
        office.grow()
        assert is_due(office.desk)
        sign_now(office.desk)
        office.grow()
        assert not is_due(office.desk)
        office.world.clock.pass_by(minutes=5)
        assert is_due(office.desk)


def test_a_notice_does_not_wait_for_its_checkpoint(office: Office):
    with office.running():
        sign_now(office.desk)
        office.world.notify()
        assert is_due(office.desk)
        sign_checkpoints(Worker(office.desk, "test"))
        assert not is_due(office.desk)
        assert checkpoint_of(kept(office)[-1].note).size == office.head().size


@ON_ONE
def test_a_signer_that_is_down_keeps_no_sweep_from_ending(office: Office):
    with office.running():
        sign_now(office.desk)
    office.grow()
    assert sign_checkpoints(Worker(office.desk, "test")) == 0


def test_the_kept_notes_are_found_by_size(office: Office):
    with office.running():
        sizes = []
        for _ in range(3):
            office.grow(2)
            sizes.append(checkpoint_of(sign_now(office.desk)).size)
    with office.desk.archive.reading() as view:
        connection = view.connection
        assert [one.size for one in checkpoints.all_of(connection, ORIGIN)] == sizes
        assert checkpoints.newest(connection, ORIGIN).size == sizes[-1]
        assert checkpoints.at(connection, ORIGIN, sizes[1]).size == sizes[1]
        assert checkpoints.at(connection, ORIGIN, sizes[1] - 1) is None
        assert checkpoints.first_from(connection, ORIGIN, sizes[0] + 1).size == sizes[1]
        assert checkpoints.first_from(connection, ORIGIN, sizes[2] + 1) is None
        assert checkpoints.last_to(connection, ORIGIN, sizes[2] - 1).size == sizes[1]
        assert checkpoints.last_to(connection, ORIGIN, sizes[0] - 1) is None
        assert source.consistency_of(connection, sizes[0], sizes[2])


@ON_ONE
def test_an_export_text_is_signed_over_the_socket(office: Office):
    with office.running():
        point = checkpoint_of(sign_now(office.desk))
        text = export_note.text("AAAA-BBBB-CCCC-DDDD", point, b"", b"")
        signed = office.desk.signer.sign_export(text)
        assert note.parse(signed).text == text
        with pytest.raises(SignerFault, match="nothing else is signed"):
            office.desk.signer.sign_export(b"anything\n")


# --- rotation


def test_at_a_rotation_one_checkpoint_bears_both_signatures_and_the_old_key_is_gone(office: Office):
    with office.running() as signer:
        sign_now(office.desk)
        old, new, signed = rotate_key(office.desk)

        assert holds(signed, old, new)
        assert [(one.key.vkey, one.old) for one in keys(office)] == [(old, None), (new, old)]
        assert checkpoint_of(signed).size == keys(office)[-1].position + 1  # it covers the record
        assert signer.status()["vkey"] == new
        assert not (office.room / "signer" / "key.next.json").exists()
        office.grow()
        assert holds(sign_now(office.desk), new)
        assert old not in (office.room / "signer" / "key.json").read_text()
    with office.desk.archive.reading() as view:
        assert [one.note for one in checkpoints.with_two_keys(view.connection, ORIGIN)] == [signed]


@ON_ONE
def test_an_unsigned_log_gets_its_first_key_before_the_second(office: Office):
    with office.running():
        old, new, _ = rotate_key(office.desk)
    assert [(one.key.vkey, one.old) for one in keys(office)] == [(old, None), (new, old)]


@ON_ONE
@pytest.mark.parametrize("point", ["signed", "rotated"])
def test_a_rotation_whose_signer_is_killed_goes_on_where_it_stopped(office: Office, point: str):
    with office.running():
        sign_now(office.desk)
    with office.signer() as signer:
        signer.follow()
        new, old = signer.rotate(), signer.status()["vkey"]
    with office.running():
        pass  # a restart in between changes nothing
    record_by_hand(office, old, new)
    size = office.head().size
    with pytest.raises(Died), office.signer(dies_at=point) as signer:
        signer.finish_rotation(new, size)
    with office.running() as signer:
        assert signer.status()["vkey"] == new
        signed = signer.finish_rotation(new, size)
        assert holds(signed, old, new)
        assert holds(sign_now(office.desk), new)
    assert len(keys(office)) == 2


@ON_ONE
def test_a_rotation_whose_application_is_killed_is_finished_by_the_next_checkpoint(office: Office):
    with office.running():
        sign_now(office.desk)
        new = office.desk.signer.rotate()  # killed before the record
        with pytest.raises(SignerFault, match="change of keys"):
            office.desk.signer.sign(office.grow())
        old, again, _ = rotate_key(office.desk)
        assert again == new
        office.desk.signer.rotate()
        third = office.desk.signer.status().next
        record_by_hand(office, new, third)  # killed after the record
        signed = sign_now(office.desk)
        assert holds(signed, new, third)
    assert [one.key.vkey for one in keys(office)] == [old, new, third]


def record_by_hand(office: Office, old: str, new: str) -> None:
    told = {"isolation": "same-user", "new": new, "old": old}
    with office.desk.archive.writing() as book:
        book.add(Entry("key.rotated", SYSTEM, "system:signer", told=told))


@ON_ONE
def test_business_time_stands_in_the_kept_note(office: Office):
    with office.running():
        sign_now(office.desk)
    assert abs(kept(office)[0].made_at - office.world.clock.now()) < timedelta(seconds=1)
