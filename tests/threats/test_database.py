"""Somebody with the database's password (threats T1, T2, T3, T13, T14): what finds it, with which code."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from evidence import merkle, records
from handlers.people import Unacceptable
from handlers.restored import notice_restore
from handlers.vouching import SignerFault
from storage.log import LogHalted
from tests.export.firm import lines, members
from tests.signer.office import ON_ONE, Backup, Died
from tests.threats.court import ALL, Court, found, unmet
from tests.threats.forger import Entry, cover_up, reword_reply, rewrite

OTHER_WORDS = "好的，我同意下周一回来上班"


def until(holds: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("it did not happen within ten seconds")


def run(court: Court, sql: str, **values: object) -> None:
    with court.world.desk.archive.engine.begin() as connection:
        assert connection.execute(sa.text(sql), values).rowcount


def test_nobody_attacked_and_everything_holds(court: Court):
    report = court.verify(court.export(), *ALL)

    assert (found(report), unmet(report), court.audit()) == (set(), set(), set())
    assert report.verified and report.anchored.holds
    assert {(one.kind, one.status) for one in report.anchors} == {("tsa", "checked"), ("witness", "checked")}


# ---- T1: a stored message is edited.


def test_t1_words_edited_with_leaf_nodes_and_head_made_anew_after_the_signer_saw_them(court: Court):
    before = court.export()
    reword_reply(court.world.desk.archive, OTHER_WORDS)

    assert court.audit() == {"fork"}  # the notes that are kept tell of another history
    assert court.audit(before) == {"fork", "leaf-changed"}
    with pytest.raises(Unacceptable, match="the signer has stopped"):
        court.export()
    assert court.status().trouble == "changed"


@ON_ONE
def test_t1_the_signer_reads_a_record_within_moments_although_nobody_asks_it_to_sign(court: Court):
    """This keeps the window in which T1 is not found at seconds: the last note is older than the reply."""
    until(lambda: court.status().seen == court.office.head().size)
    reword_reply(court.world.desk.archive, OTHER_WORDS)
    assert court.audit() == set()  # nothing in the database itself betrays it

    until(lambda: court.status().trouble == "changed")
    with pytest.raises(Unacceptable, match="the signer has stopped"):
        court.export()


@ON_ONE
def test_t1_what_no_signer_and_nobody_outside_saw_can_be_rewritten(court: Court):
    """The residual. A bundle of such a log says that it is unsigned, and no policy is content with it."""
    unsigned = replace(court.desk, signer=None, anchors=())
    cover_up(court.world.desk.archive)
    reword_reply(court.world.desk.archive, OTHER_WORDS)
    report = court.verify(court.export(unsigned))

    assert (found(report), court.audit()) == (set(), set())
    assert {"not.signed", "not.anchored"} <= {one.words for one in report.unproved}
    assert unmet(court.verify(court.made[-1], *ALL)) == {"log-key", "witness", "anchor"}


@ON_ONE
def test_t1_one_word_of_a_leaf_edited_with_its_hash(court: Court):
    with court.world.desk.archive.reading() as view:
        chosen = sa.text("SELECT position, leaf FROM record WHERE kind = 'reply.received'")
        row = view.connection.execute(chosen).one()
    leaf = records.make_leaf(records.parse_leaf(bytes(row.leaf)) | {"at": "2026-11-23T01:00:00.000Z"})
    run(
        court,
        "UPDATE record SET leaf = :leaf, leaf_hash = :hash WHERE position = :at",
        leaf=leaf,
        hash=merkle.leaf_hash(leaf),
        at=row.position,
    )

    assert court.audit() == {"leaf-hash", "back-link", "checkpoint", "proof"}
    with pytest.raises(Unacceptable, match="the signer has stopped"):
        court.export()


# ---- T2: a middle record is deleted.


def test_t2_a_record_deleted_as_it_stands(court: Court):
    run(court, "DELETE FROM record WHERE kind = 'receipt.received'")

    assert court.audit() >= {"sequence", "back-link", "checkpoint", "proof"}
    with pytest.raises(Unacceptable):
        court.export()


@ON_ONE
def test_t2_a_record_deleted_with_numbers_links_and_tree_made_anew(court: Court):
    before = court.export()
    rewrite(court.world.desk.archive, _without_the_reply)
    run(court, "DELETE FROM reply")

    assert court.audit(before) >= {"fork", "leaf-changed"}
    with pytest.raises(Unacceptable, match="the signer has stopped"):
        court.export()
    stolen = court.export(court.thief(court.stolen))
    assert "consistency" in found(court.verify(stolen))


def _without_the_reply(entries: list[Entry]) -> list[Entry]:
    return [one for one in entries if one.kind != "reply.received"]


# ---- T3: the tail is dropped, or an old backup put back.


def test_t3_an_old_backup_is_put_back(court: Court, back_up: Callable[[], Backup]):
    copy = back_up()
    court.world.reply(court.world.wechat, "我再说一次：我没有同意", key="m2")
    later = court.export()
    copy.restore()

    assert notice_restore(court.desk) is not None
    with pytest.raises(LogHalted):
        court.world.reply(court.world.wechat, "新的回复", key="m3")
    assert court.audit(later) == {"fork", "leaf-changed"}


@ON_ONE
def test_t3_an_old_backup_of_database_and_signer_together(court: Court, back_up: Callable[[], Backup]):
    """Everything on our machine is old and fits; only those outside remember."""
    copy = back_up()
    court.world.reply(court.world.wechat, "我再说一次：我没有同意", key="m2")
    court.anchor()
    copy.restore()
    court.anchor(court.thief(court.stolen))

    with pytest.raises(LogHalted, match=r"the witness witness\.lawfirm\.example has cosigned"):
        court.world.reply(court.world.wechat, "新的回复", key="m3")


@ON_ONE
def test_t3_the_tail_dropped_with_the_head_set_back(court: Court):
    before = court.export()
    rewrite(court.world.desk.archive, lambda entries: entries[:-4])

    assert court.audit() >= {"fork"}
    assert court.audit(before) >= {"fork", "leaf-changed"}
    with pytest.raises(SignerFault, match="has stopped"):
        court.desk.signer.sign(court.office.head().size)
    assert court.status().trouble in ("behind", "changed")


# ---- T13: what was never sent is said to have been sent.


@ON_ONE
def test_t13_an_attempt_without_a_result_stays_visible(court: Court, monkeypatch: pytest.MonkeyPatch):
    def die(request: bytes) -> None:
        raise Died("before the first byte left")

    court.pass_by(hours=20)
    monkeypatch.setattr(court.world.wechat, "send", die)
    with pytest.raises(Died):
        court.world.notify()
        court.world.work()

    told = members(court.export())
    kept = lines(told["data/records.jsonl"])
    started = [one["id"] for one in kept if one["kind"] == "attempt.started"]
    answered = {ref.removeprefix("outcome-of ") for one in kept for ref in one["refs"]}
    (open_one,) = [one for one in started if one not in answered]
    rows = lines(told["data/tables.jsonl"])
    (row,) = [one for one in rows if (one["table"], one["record"]) == ("attempt", open_one)]
    assert row["columns"]["state"] == "sending"  # and never "accepted"


@ON_ONE
def test_t13_an_attempt_called_delivered_by_sql(court: Court):
    run(court, "UPDATE attempt SET state = 'read'")

    assert court.audit() == {"row-differs"}
    assert found(court.verify(court.export())) == {"row-differs"}


# ---- T14: the address is exchanged for one's own.


@ON_ONE
def test_t14_an_address_moved_to_another_person_by_sql(court: Court):
    run(court, "UPDATE contact_point SET how = 'wechat-code', state = 'bound' WHERE channel = 'sms_twilio'")

    assert court.audit() == {"row-differs"}
