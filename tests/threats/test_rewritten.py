"""The history made anew as a whole (threats T4 to T7): sound in itself, refused by who saw the true one."""

import copy
from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa

from evidence.checkpoint import parse as parse_body
from evidence.note import opened, parse_vkey
from tests.signer.office import ON_ONE, Backup
from tests.threats.court import ALL, LOG, SEEN, STAMPED, Court, found, unmet, unshown
from tests.threats.forger import Entry, cover_up, reword_reply, rewrite

pytestmark = ON_ONE
OTHER_WORDS = "好的，我同意下周一回来上班"


def outsiders(court: Court) -> Court:
    """Those who refuse forks stay away: the attacker asks none of them, or only a service that stamps all."""
    court.desk = replace(court.desk, anchors=court.desk.anchors[1:])
    return court


# ---- T4: a record that was forgotten is put where it should have been.


def _backdated(entries: list[Entry]) -> list[Entry]:
    """A second notice, as if it had been composed an hour before the first."""
    at = next(number for number, one in enumerate(entries) if one.kind == "notice.composed")
    older = copy.deepcopy(entries[at])
    id = older.fields["id"][:-1] + ("0" if older.fields["id"][-1] != "0" else "1")
    older.fields |= {"id": id, "salt": "5" * 32, "at": "2026-11-23T01:00:00.000Z"}
    older.row |= {"id": id, "leaf_hash": b"\5" * 32}
    return [*entries[:at], older, *entries[at:]]


def _insert(court: Court) -> None:
    archive = court.world.desk.archive
    rewrite(archive, _backdated)
    with archive.engine.begin() as connection:
        done = connection.execute(
            sa.text(
                "INSERT INTO record_part (record_id, name, blob_id) SELECT two.id, part.name, part.blob_id"
                " FROM record_part part JOIN record one ON one.id = part.record_id"
                " JOIN record two ON two.kind = one.kind AND two.position = one.position - 1"
                " WHERE one.kind = 'notice.composed'"
            )
        )
        assert done.rowcount == 2


def test_t4_a_backdated_record_with_the_true_notes_kept_contradicts_them(court: Court):
    before = court.export()
    _insert(court)

    assert court.audit(before) >= {"fork", "leaf-changed"}
    report = court.verify(court.export(court.thief(court.stolen)), *ALL)
    assert "consistency" in found(report) and not report.verified


def test_t4_a_backdated_record_with_the_true_notes_taken_out_is_known_to_nobody(court: Court):
    _insert(court)
    cover_up(court.world.desk.archive)
    made = court.export(outsiders(court).thief(court.own))

    assert found(court.verify(made)) == set()
    assert unmet(court.verify(made, *ALL)) == {"log-key", "witness"}
    first, *_ = court.verify(made, STAMPED).times
    assert first.not_before is None  # no stamp of the time from which the notice pretends to be


# ---- T5: one history for the court, another one for the authority.


def test_t5_two_histories_of_one_case_are_each_sound_and_exclude_each_other(
    court: Court, back_up: Callable[[], Backup]
):
    clone = back_up()
    court.world.reply(court.world.wechat, "我不同意调岗", key="a")
    for_court = court.export()
    clone.restore()
    court.world.reply(court.world.wechat, "我同意调岗", key="b")
    fork = court.thief(court.stolen)
    for_authority = court.export(replace(fork, anchors=()))

    assert found(court.verify(for_court)) == found(court.verify(for_authority)) == set()
    assert unmet(court.verify(for_authority, LOG)) == set()  # it is the true key, and nobody else was asked
    assert court.audit(for_court) >= {"fork", "leaf-changed"}
    assert court.audit(for_authority) == set()

    court.office.grow(12)  # longer than what the witness saw, so that it is not merely behind
    assert court.anchor(replace(fork, anchors=court.desk.anchors[:1])) == ()
    (alarm,) = court.alarms
    assert alarm.status == 422 and alarm.folder is not None
    shown = [(alarm.folder / name).read_bytes() for name in ("seen-before", "shown-now")]
    key = parse_vkey(court.vkey)
    points = [parse_body(opened(one, [key])[0].text) for one in shown]
    assert all(key in opened(one, [key])[1] for one in shown)  # two notes of one key that exclude each other
    assert points[0].origin == points[1].origin


# ---- T6: the key is stolen.


def test_t6_a_stolen_key_cannot_rewrite_what_is_anchored(court: Court):
    court.anchor()
    reword_reply(court.world.desk.archive, OTHER_WORDS)
    report = court.verify(court.export(court.thief(court.stolen)), *ALL)

    assert found(report) == {"consistency"}
    assert unmet(report) == {"witness", "anchor"}  # the answers over the true log fit no longer


def test_t6_a_stolen_key_can_take_everything_out_and_then_lacks_the_witness(court: Court):
    """The residual: a reader who trusts the log's key alone, or any stamp, is content with the forgery."""
    reword_reply(court.world.desk.archive, OTHER_WORDS)
    cover_up(court.world.desk.archive)
    made = court.export(outsiders(court).thief(court.stolen))

    assert found(court.verify(made)) == set()
    assert unmet(court.verify(made, LOG)) == set()
    assert unmet(court.verify(made, LOG, SEEN)) == {"witness"}
    stamped = court.verify(made, LOG, STAMPED)
    assert (unmet(stamped), stamped.times[0].not_before) == (set(), None)
    assert (
        stamped.times[0].not_after == "2026-11-23T06:00:00.000Z"
    )  # as late as the forgery, not as the notice


# ---- T7: everything is made anew and signed with one's own key.


def test_t7_a_log_signed_with_another_key_is_refused_by_everybody_who_wrote_the_first_one_down(court: Court):
    before = court.export()
    reword_reply(court.world.desk.archive, OTHER_WORDS)
    cover_up(court.world.desk.archive)
    made = court.export(replace(court.thief(court.own), anchors=()))
    report = court.verify(made)

    assert (found(report), report.verified) == (set(), True)  # sound in itself: hence the key on the cover
    assert {"not.anchored", "not.key"} <= unshown(report)
    assert report.signer is not None and report.signer.vkeys != (court.vkey,)
    assert unmet(court.verify(made, LOG)) == {"log-key"}
    assert unmet(court.verify(made, *ALL)) == {"log-key", "witness", "anchor"}
    assert court.audit(before) >= {"fork", "leaf-changed"}


def test_t7_the_witness_does_not_know_another_key(court: Court):
    cover_up(court.world.desk.archive)

    assert court.anchor(replace(court.thief(court.own), anchors=court.desk.anchors[:1])) == ()
