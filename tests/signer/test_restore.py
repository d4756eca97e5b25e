"""A database that was restored from an older backup refuses to go on until a new epoch names what is lost."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from evidence import merkle, note, records
from evidence.rows import parse_facts
from handlers.checkpoints import rotate_key, sign_now
from handlers.confirm import resume
from handlers.epoch import start_epoch
from handlers.people import Unacceptable
from handlers.restored import contradiction, notice_restore
from handlers.tasks import Outcome, record_outcome
from handlers.vouching import SignerFault, SignerStatus
from scheduler.checkpoints import sign_checkpoints
from scheduler.signer.keys import SigningKey
from scheduler.who import Worker
from scheduler.worker import Heart
from storage import health, ladders, log, source, tasks
from storage.epochs import Epoch, end_epoch, epochs, find_epoch
from storage.log import LogHalted
from storage.log_keys import log_keys
from storage.timeline import lines_of
from tests.signer.office import LOG, ON_ONE, ORIGIN, Backup, Died, Office, checkpoint_of, plain_root

BackUp = Callable[[], Backup]
OTHER = SigningKey(ORIGIN, b"\1" * 32)
SECOND, THIRD = f"{LOG}/2", f"{LOG}/3"


def restored(office: Office, back_up: BackUp, lost: int = 4, signed: bool = True) -> int:
    """Back up, go on for a while, sign, and put the backup back; return the size that is lost again."""
    with office.running():
        sign_now(office.desk)
    backup = back_up()
    with office.running():
        size = office.grow(lost)
        if signed:
            sign_now(office.desk)
        else:
            until_seen(office, size)
    backup.restore()
    return size


def until_seen(office: Office, size: int) -> None:
    while office.desk.signer.status().seen < size:
        pass


def told_of(office: Office, kind: str) -> dict:
    found = [one for one in office.leaves() if one.kind == kind]
    with office.desk.archive.reading() as view:
        opening = source.openings_of(view, found[-1].id)["facts"]
        return dict(parse_facts(opening.data, found[-1].id).told)


@pytest.mark.parametrize("signed", [True, False], ids=["signed before", "only read by the signer"])
def test_an_older_database_refuses_to_append(office: Office, back_up: BackUp, signed: bool):
    size = restored(office, back_up, signed=signed)
    with office.running():
        why = notice_restore(office.desk)

    assert why is not None
    assert f"has read {size}" in why
    with pytest.raises(LogHalted, match="huizheng epoch start"):
        office.grow()
    assert office.head().size < size


def test_one_that_grew_again_before_anybody_looked_refuses_too(office: Office, back_up: BackUp):
    restored(office, back_up)
    office.grow(9)
    with office.running():
        sign_checkpoints(Worker(office.desk, "test"))
    with pytest.raises(LogHalted, match="not what the signer read"):
        office.grow()


@ON_ONE
def test_a_log_that_is_whole_goes_on(office: Office):
    with office.running():
        assert notice_restore(office.desk) is None
        sign_now(office.desk)
        office.grow()
        assert notice_restore(office.desk) is None
    office.grow()


@pytest.mark.parametrize(
    ("origin", "seen", "trouble", "says"),
    [
        (ORIGIN, 9, None, None),
        (ORIGIN, 5, None, None),  # it has not read everything yet
        (ORIGIN, 12, None, "holds 9 records, but the signer has read 12"),  # it has not looked again yet
        (ORIGIN, 9, "changed", "one is not what the signer read"),
        (SECOND, 0, None, f"the signer has seen {SECOND}"),
    ],
)
def test_whatever_the_signer_saw_more_of_is_a_contradiction(origin, seen, trouble, says):
    status = SignerStatus(origin, "", "same-user", seen, 0, None, trouble, "one is not what the signer read")
    found = contradiction(status, Epoch(1, ORIGIN, 9, ()))
    assert (found is None) if says is None else says in found


def test_what_a_halted_log_refuses_leaves_no_trace(office: Office):
    with office.desk.archive.engine.begin() as connection:
        assert log.halt(connection, "a witness has seen 90 records")
        assert not log.halt(connection, "another reason")
    before = office.leaves()
    with pytest.raises(LogHalted, match="a witness has seen 90 records"):
        office.world.notify()
    assert office.leaves() == before
    with office.desk.archive.reading() as view:
        assert ladders.cases_with_running_plans(view.connection) == []


@ON_ONE
def test_while_it_is_halted_a_worker_beats_and_sends_nothing(office: Office):
    office.world.notify()
    office.world.clock.pass_by(hours=1)
    with office.desk.archive.engine.begin() as connection:
        log.halt(connection, "restored")
    heart = Heart(Worker(office.desk, "test"))
    before = office.head()
    for sweep in ("send_due", "understand_new", "resolve_lost"):
        assert heart.beat(sweep) == 0
    assert office.world.wechat.taken == []
    assert office.head() == before
    with office.desk.archive.reading() as view:
        assert health.last_beat(view.connection) == office.world.clock.real()


def test_an_epoch_names_the_old_tree_the_last_note_and_what_is_lost(office: Office, back_up: BackUp):
    lost_to = restored(office, back_up)
    before = office.head()
    with office.running() as signer:
        held = signer.status()["note"]
        notice_restore(office.desk)
        started = start_epoch(office.desk, "硬盘损坏，恢复了昨天的备份", None, "system:test")
        assert signer.status()["origin"] == SECOND

    assert (started.origin, started.lost) == (SECOND, (before.size, lost_to))
    assert told_of(office, "epoch.started") == {
        "before": {
            "note": held, "origin": ORIGIN, "root": plain_root(hashes(office, 1)).hex(), "size": before.size,
        },
        "lost": {"from": before.size, "to": lost_to},
        "reason": "硬盘损坏，恢复了昨天的备份",
    }  # fmt: skip
    first = next(one for one in office.leaves() if one.epoch == 2)
    assert (first.index, first.kind) == (0, "epoch.started")
    assert records.read(first.leaf).fields["log"] == SECOND


def hashes(office: Office, epoch: int) -> list[bytes]:
    return [merkle.leaf_hash(one.leaf) for one in office.leaves() if one.epoch == epoch]


def test_after_it_the_log_goes_on_with_a_new_key_of_its_own(office: Office, back_up: BackUp):
    restored(office, back_up)
    with office.running():
        notice_restore(office.desk)
        start_epoch(office.desk, "restore", None, "system:test")
        signed = checkpoint_of(sign_now(office.desk))
        office.grow(3)
        again = checkpoint_of(sign_now(office.desk))
        assert notice_restore(office.desk) is None

    assert (signed.origin, again.size) == (SECOND, signed.size + 3)
    assert again.root == plain_root(hashes(office, 2))
    with office.desk.archive.reading() as view:
        (first,), (second,) = log_keys(view, 1), log_keys(view, 2)
    assert (first.key.name, second.key.name, second.old) == (ORIGIN, SECOND, None)
    assert first.key.public != second.key.public


def test_both_epochs_keep_their_proofs_and_streams_go_on(office: Office):
    office.grow(6)
    with office.running():
        sign_now(office.desk)
        start_epoch(office.desk, "restore", None, "system:test")
        office.grow(5)
        rotate_key(office.desk)

    leaves = office.leaves()
    assert [(one.epoch, one.index) for one in leaves] == sorted((one.epoch, one.index) for one in leaves)
    with office.desk.archive.reading() as view:
        for known in epochs(view.connection):
            own = [one for one in leaves if one.epoch == known.number]
            assert [one.index for one in own] == list(range(known.size))
            for size in range(1, known.size + 1):
                point = source.checkpoint_at(view.connection, size, known.number)
                assert point.root == plain_root([merkle.leaf_hash(one.leaf) for one in own[:size]])
                for proof in source.proofs_of(view.connection, own[:size], size, known.number):
                    merkle.verify_inclusion(
                        merkle.leaf_hash(own[proof.index].leaf), proof.index, size, proof.path, point.root
                    )
                path = source.consistency_of(view.connection, size, known.size, known.number)
                merkle.verify_consistency(size, point.root, known.size, known.root, path)
            assert len(source.proofs_of(view.connection, leaves, known.size, known.number)) == known.size
        assert len(source.proofs_of(view.connection, leaves, known.size)) == known.size  # the present one
    streams: dict[str, list[records.Record]] = {}
    for one in leaves:
        read = records.read(one.leaf)
        streams.setdefault(read.fields["stream"], []).append(read)
    for own_records in streams.values():
        assert [one.fields["cseq"] for one in own_records] == list(range(1, len(own_records) + 1))
        assert [one.fields["cprev"] for one in own_records[1:]] == [
            one.hash.hex() for one in own_records[:-1]
        ]


def test_every_running_plan_is_paused_until_a_person_has_compared(office: Office, back_up: BackUp):
    office.world.notify()
    restored(office, back_up)
    office.world.clock.pass_by(hours=1)
    with office.running():
        notice_restore(office.desk)
        started = start_epoch(office.desk, "restore", None, "system:test")
        assert office.world.work() == 0  # nothing is sent, though a step was due

    assert started.paused == 1
    assert office.world.plan().state == "paused"
    with office.desk.archive.reading() as view:
        (task,) = [one for one in tasks.open_tasks(view.connection) if one.kind == "reconcile"]
        assert [one.kind for one in lines_of(view, task.case_id)][-3:] == [
            "plan.paused", "step.skipped", "task.opened",
        ]  # fmt: skip
    with office.desk.archive.writing() as book:
        done = Outcome("same", note="微信后台无新记录")
        record_outcome(book, task.id, done, office.desk.rules, office.world.hr)
        resume(book, office.world.plan().id, "已与网关核对", office.desk.rules, office.world.hr)
    assert office.world.plan().state == "running"
    assert office.world.work() == 1
    assert len(office.world.wechat.taken) == 1


@ON_ONE
def test_a_note_from_outside_shows_a_loss_that_the_signer_cannot_know(office: Office, back_up: BackUp):
    """Everything was restored, the signer's folder too: only the mailed checkpoint is newer."""
    with office.running():
        sign_now(office.desk)
    backup = back_up()
    with office.running():
        size = office.grow(7)
        mailed = sign_now(office.desk)
    backup.restore()
    state = office.room / "signer" / "state.json"
    text = state.read_text()
    assert f'"seen": {size}' in text
    for name in ("state.json", "signed.txt", "key.json"):
        (office.room / "signer" / name).unlink()
    before = office.head().size
    with office.running():
        started = start_epoch(office.desk, "restore", mailed, "system:test")
    assert started.lost == (before, size)
    assert told_of(office, "epoch.started")["before"]["note"] == mailed.decode()


@ON_ONE
@pytest.mark.parametrize("forged", ["other key", "other log", "no note", "other text"])
def test_a_note_that_no_key_of_this_log_signed_is_refused(office: Office, forged: str):
    with office.running():
        signed = sign_now(office.desk)
        given = {
            "other key": note.joined(body := checkpoint_of(signed).body(), [OTHER.line(body)]),
            "other log": signed.replace(b"a1b2c3d4", b"other222"),
            "no note": b"hello\n",
            "other text": signed.replace(b"\n\n", b"\nmore\n\n"),
        }[forged]
        with pytest.raises(Unacceptable):
            start_epoch(office.desk, "restore", given, "system:test")
        assert office.head().epoch == 1
        assert office.grow()  # it goes on as if nobody had tried
        started = start_epoch(office.desk, "restore", signed, "system:test")
    assert started.lost is None


@ON_ONE
def test_where_the_log_grew_over_what_is_lost_the_reason_says_from_where_it_differs(
    office: Office, back_up: BackUp
):
    size = restored(office, back_up)
    shared = office.head().size
    office.grow(20)
    with office.running():
        notice_restore(office.desk)
        started = start_epoch(office.desk, "restore", None, "system:test")
    assert (started.lost, started.replaced) == (None, (shared, size))
    assert f"第 {shared} 至 {size - 1} 条之间" in told_of(office, "epoch.started")["reason"]


def test_a_backup_from_before_the_last_epoch_never_uses_its_number_again(office: Office, back_up: BackUp):
    with office.running():
        sign_now(office.desk)
    backup = back_up()
    with office.running():
        office.grow(2)
        start_epoch(office.desk, "first restore", None, "system:test")
        sign_now(office.desk)
    backup.restore()
    with office.running() as signer:
        assert f"has seen {SECOND}" in str(notice_restore(office.desk))
        with pytest.raises(SignerFault, match="never goes on"):
            office.desk.signer.begin_epoch(ORIGIN)  # though the database is at it again
        started = start_epoch(office.desk, "second restore", None, "system:test")
        assert checkpoint_of(sign_now(office.desk)).origin == THIRD
        assert set(signer.status()["earlier"]) == {ORIGIN, SECOND}
    assert (started.origin, started.before) == (THIRD, ORIGIN)
    with office.desk.archive.reading() as view:
        assert [one.number for one in epochs(view.connection)] == [1, 3]
        with pytest.raises(LookupError):
            find_epoch(view.connection, 2)


@ON_ONE
def test_an_epoch_that_ended_never_goes_on(office: Office):
    with office.running():
        sign_now(office.desk)
        start_epoch(office.desk, "restore", None, "system:test")
        for origin in (ORIGIN, f"{LOG}/0", "huizheng.other222/log/9"):
            with pytest.raises(SignerFault):
                office.desk.signer.begin_epoch(origin)
        with pytest.raises(SignerFault, match="not at"):
            office.desk.signer.begin_epoch(THIRD)  # which the database has not begun


def test_an_epoch_owns_up_to_what_was_signed_before_it_or_is_not_begun(office: Office):
    with office.running() as signer:
        sign_now(office.desk)
        office.grow()
        status = signer.status()
        with pytest.raises(Died):
            start_epoch(Untold(office, {**status, "signed": 0}).desk, "restore", None, "system:test")
        with pytest.raises(SignerFault, match=rf"does not name size {status['signed']}.*epoch start"):
            office.desk.signer.begin_epoch(SECOND)
        start_epoch(office.desk, "restore", None, "system:test")  # the remedy that it names
        assert signer.status()["origin"] == THIRD
    first = next(one for one in office.leaves() if one.epoch == 3)
    assert records.read(first.leaf).fields["refs"] == [f"checkpoint {status['signed']}"]


@ON_ONE
def test_killed_before_the_signer_was_told_the_next_sweep_tells_it(office: Office):
    with office.running():
        sign_now(office.desk)
    with office.signer() as signer:
        signer.follow()
        status = signer.status()
    untold = Untold(office, status)
    with pytest.raises(Died):
        start_epoch(untold.desk, "restore", None, "system:test")
    assert office.head().origin == SECOND
    with office.running() as signer:
        with pytest.raises(SignerFault, match="the database is at"):
            sign_now(office.desk)
        sign_checkpoints(Worker(office.desk, "test"))
        assert signer.status()["origin"] == SECOND
        sign_checkpoints(Worker(office.desk, "test"))
        assert checkpoint_of(signer.status()["note"]).origin == SECOND


class Untold:
    """The application dies right when it turns to the signer with the new epoch."""

    def __init__(self, office: Office, status: dict) -> None:
        self._said = SignerStatus(
            status["origin"], status["vkey"], "same-user", status["seen"], status["signed"],
            status["note"].encode(),
        )  # fmt: skip
        self.desk = replace(office.desk, signer=self)

    def status(self):
        return self._said

    def begin_epoch(self, origin: str) -> None:
        raise Died(origin)


@ON_ONE
def test_a_signer_that_is_killed_in_the_middle_has_begun_the_epoch_or_not(office: Office):
    with office.running():
        sign_now(office.desk)
    with office.signer() as signer:
        signer.follow()
        status = signer.status()
    with pytest.raises(Died):
        start_epoch(Untold(office, status).desk, "restore", None, "system:test")
    with pytest.raises(Died), office.signer(dies_at="epoch") as signer:
        signer.begin_epoch(SECOND)
    with office.running() as signer:
        assert signer.status()["origin"] == SECOND
        office.desk.signer.begin_epoch(SECOND)  # asked again, it is done already
        assert checkpoint_of(sign_now(office.desk)).origin == SECOND


@ON_ONE
def test_an_unsigned_log_can_begin_an_epoch_too(office: Office):
    started = start_epoch(office.world.desk, "restore", None, "system:test")
    assert (started.origin, started.lost) == (SECOND, None)
    office.grow()


def test_an_epoch_ends_only_the_tree_that_its_record_names(office: Office):
    with office.desk.archive.writing() as book:
        ending = epochs(book.connection)[-1]
    office.grow()
    with pytest.raises(ValueError, match="changed meanwhile"), office.desk.archive.writing() as book:
        end_epoch(book.connection, ending, SECOND, 2)
    assert office.head().epoch == 1
