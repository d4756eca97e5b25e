"""The signer's key and state: for its own eyes, for one process, and never guessed when they are damaged."""

import json
import os
from contextlib import closing
from pathlib import Path

import pytest

from scheduler.signer.files import Refusal
from scheduler.signer.state import Folder
from tests.signer.office import ON_ONE, ORIGIN, Died, Office, checkpoint_of

# What lies in the folder does not depend on the database.
pytestmark = ON_ONE


def begun(office: Office) -> Path:
    """A folder that was used, and is closed again."""
    with office.signer() as signer:
        signer.sign(office.grow(2))
    return office.room / "signer"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_can_read_is_refused(office: Office, mode: int):
    folder = begun(office)
    (folder / "key.json").chmod(mode)
    with pytest.raises(Refusal, match="can be read by others"), office.signer():
        pass


def test_everything_in_the_folder_is_for_its_owner_alone(office: Office):
    folder = begun(office)
    assert folder.stat().st_mode & 0o077 == 0
    assert {path.name for path in folder.iterdir()} == {"key.json", "state.json", "signed.txt", "lock"}
    assert [path.name for path in folder.iterdir() if path.stat().st_mode & 0o077] == []


DAMAGES = {
    "the state is cut short": lambda folder: (folder / "state.json").write_text('{"v":1,'),
    "the state is another version's": lambda folder: change(folder, v=2),
    "the state is no object": lambda folder: (folder / "state.json").write_text("[]"),
    "hashes are missing in it": lambda folder: change(folder, frontier=[]),
    "it knows more blocks than it saw": lambda folder: change(folder, blocks=["00" * 32]),
    "the state is gone": lambda folder: (folder / "state.json").unlink(),
    "the key is gone": lambda folder: (folder / "key.json").unlink(),
    "the key is another": lambda folder: (folder / "key.json").write_text(
        json.dumps({"v": 1, "name": "huizheng.a1b2c3d4/log/1", "seed": "11" * 32})
    ),
    "the key is no key": lambda folder: (folder / "key.json").write_text('{"name":"x","seed":"zz"}'),
    "the key is too short": lambda folder: (folder / "key.json").write_text('{"name":"x","seed":"11"}'),
}


def change(folder: Path, **values: object) -> None:
    path = folder / "state.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_folder_is_refused_with_a_remedy(office: Office, damage):
    damage(begun(office))
    with pytest.raises(Refusal, match="backup"), office.signer():
        pass


def test_two_signers_never_work_in_one_folder(office: Office):
    with office.signer(), pytest.raises(Refusal, match="another signer"), office.signer():
        pass


def test_a_folder_of_another_log_is_refused(office: Office):
    folder = begun(office)
    change(folder, origin="huizheng.other222/log/1")
    with pytest.raises(Refusal, match="no epoch of"), office.signer():
        pass


def test_a_size_that_was_signed_is_never_signed_with_another_root(office: Office):
    """It was killed between its list and its state, and the list names another root than the leaves have."""
    size = office.grow(3)
    with pytest.raises(Died), office.signer(dies_at="noted") as signer:
        signer.sign(size)
    listed = office.room / "signer" / "signed.txt"
    listed.write_text(listed.read_text()[:-65] + "0" * 64 + "\n")
    for wanted in (size, office.grow()):
        with office.signer() as signer, pytest.raises(Refusal, match="another root"):
            signer.sign(wanted)


def test_killed_between_its_list_and_its_state_it_makes_the_missing_note_first(office: Office):
    office.grow(1)
    begun(office)
    size = office.grow(3)
    with pytest.raises(Died), office.signer(dies_at="noted") as signer:
        signer.sign(size)
    more = office.grow(2)
    with office.signer() as again:
        with pytest.raises(Refusal, match=f"size {size} was signed already"):
            again.sign(size - 1)  # what is listed is never gone below, though its note was never made
        assert checkpoint_of(again.sign(more)).root == office.root(more)
        assert not again._folder.signed_above(again.status()["origin"], more)
    with office.signer() as last:
        assert last.status()["signed"] == more


@pytest.mark.parametrize("signed_since", [1, 2])
@pytest.mark.parametrize("changed", [False, True], ids=["the same records", "other records"])
def test_an_older_state_alone_is_refused_at_the_start(office: Office, signed_since: int, changed: bool):
    """Put back from a backup it would sign below what was signed, or beside it."""
    state = begun(office) / "state.json"
    older = state.read_bytes()
    for _ in range(signed_since):
        begun(office)
    state.write_bytes(older)
    if changed:
        last = office.leaves()[-1]
        forged = last.leaf.replace(b'"assurance":"C0"', b'"assurance":"C4"')
        office.run("UPDATE record SET leaf = :leaf WHERE position = :at", leaf=forged, at=last.position)
    with (
        pytest.raises(Refusal, match=r"older than signed.txt.*put the newest state.json back"),
        office.signer(),
    ):
        pass


def test_a_state_of_an_epoch_before_the_last_signed_one_is_refused(office: Office):
    folder = begun(office)
    with (folder / "signed.txt").open("a") as listed:
        listed.write(f"huizheng.a1b2c3d4/log/2 1 {'0' * 64}\n")
    with pytest.raises(Refusal, match="log/2 as signed"), office.signer():
        pass


@pytest.mark.parametrize("kept", [3, 23, 25, 40, 89])
def test_a_half_line_before_a_whole_one_is_refused_with_a_remedy(office: Office, kept: int):
    listed = begun(office) / "signed.txt"
    whole = listed.read_text()
    listed.write_text(whole + whole[:kept] + whole)
    with pytest.raises(Refusal, match=r"line 2 of .*signed.txt is damaged.*backup"), office.signer():
        pass


def test_a_line_that_could_not_be_written_whole_is_cut_off_again(
    office: Office, monkeypatch: pytest.MonkeyPatch
):
    listed = begun(office) / "signed.txt"
    before = listed.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with closing(Folder(office.room / "signer")) as folder:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            folder.note_signed(ORIGIN, 90, b"\1" * 32)
        monkeypatch.undo()
        assert listed.read_bytes() == before
        assert not folder.has_signed(ORIGIN, 90)
        folder.note_signed(ORIGIN, 90, b"\2" * 32)  # nothing was promised with the other root


def test_a_line_of_the_list_that_a_crash_cut_short_is_dropped(office: Office):
    folder = begun(office)
    whole = (folder / "signed.txt").read_bytes()
    (folder / "signed.txt").write_bytes(whole + b"huizheng.a1b2c3d4/log/1 9")
    with office.signer() as signer:
        assert (folder / "signed.txt").read_bytes() == whole
        signer.sign(office.grow())


def test_what_cannot_be_written_is_not_promised(office: Office, monkeypatch: pytest.MonkeyPatch):
    with office.signer() as signer:
        before = checkpoint_of(signer.sign(office.grow()))

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises((OSError, Refusal)):
            signer.sign(office.grow())
        monkeypatch.undo()
        assert checkpoint_of(signer.status()["note"]) == before
    with office.signer() as again:
        assert checkpoint_of(again.sign(office.head().size)).size == office.head().size


def test_killed_between_its_state_and_its_answer_it_gives_the_same_note_afterwards(office: Office):
    size = office.grow(2)
    with pytest.raises(Died), office.signer(dies_at="signed") as signer:
        signer.sign(size)
    promised = json.loads((office.room / "signer" / "state.json").read_text())["note"]
    office.grow()
    with office.signer() as again:
        assert again.sign(size) == promised
        assert checkpoint_of(promised).root == office.root(size)


def test_a_first_start_that_was_cut_short_begins_anew(office: Office):
    folder = Folder(office.room / "signer")
    folder.next_key.make("huizheng.a1b2c3d4/log/1", b"\1" * 32)  # it died before it wrote its state
    folder.close()
    with office.signer() as signer:
        assert signer.sign(office.grow())
