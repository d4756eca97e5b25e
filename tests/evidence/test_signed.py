"""A signed bundle tells who signed, what was seen from outside, and is found out wherever it was forged."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from evidence import heads, merkle, records, words
from evidence.contents import Omission
from evidence.epochs import Epochs
from evidence.printing import printed
from tests.evidence import bundles, keys, worlds
from tests.evidence.bundles import (
    changed,
    corpus,
    edited,
    export,
    files,
    found,
    judged,
    members,
    packed,
    policy,
)
from tests.evidence.forgeries import (
    BENT,
    BUILT,
    JUDGED,
    RESTORE,
    ROTATION,
    SIGNED,
    put,
    seen_by,
    stating,
    two_of_three,
    without_signatures,
)
from tests.evidence.worlds import (
    CASE,
    ORIGIN,
    OTHER,
    TSA,
    WITNESS,
    erase,
    record_id,
    signed,
    signed_case,
    witness,
)

WORLDS = {
    "signed": {},
    "rotated": {"rotated": True},
    "restored": {"restored": True},
    "unseen": {"witnessed": False},
}
FORGERIES = {
    **{name: ({}, *made) for name, made in SIGNED.items()},
    **{name: ({"rotated": True}, *made) for name, made in ROTATION.items()},
    **{name: ({"restored": True}, *made) for name, made in RESTORE.items()},
}
STREAM = f"case:{CASE}"


def told(report):
    return [one.words for one in report.internal.findings + report.complete.findings if one.code != "omitted"]


@pytest.mark.parametrize("of", WORLDS.values(), ids=WORLDS)
def test_an_honest_signed_bundle_verifies(of, tmp_path):
    report = judged(packed(members(signed_case(**of))), tmp_path)
    assert found(report) == set()
    assert report.verified
    assert report.anchored.holds is None


@pytest.mark.parametrize(("of", "edit", "codes"), FORGERIES.values(), ids=FORGERIES)
def test_a_forgery_is_found_and_named(of, edit, codes, tmp_path):
    report = judged(edited(edit, signed_case(**of)), tmp_path)
    assert not report.verified
    assert codes <= found(report)


def test_a_log_whose_signatures_were_all_taken_off_cannot_keep_its_export_note(tmp_path):
    def edit(files):
        without_signatures(files)
        put("export.note", b"signed\n")(files)

    assert {"signature", "export-note"} <= found(judged(edited(edit, signed_case()), tmp_path))


def test_a_swapped_bag_with_manifests_made_anew_does_not_fit_its_export_note(tmp_path):
    honest = members(signed_case())
    kept = honest | {"export.note": bundles.unzipped(packed(honest))["export.note"]}
    bent = kept | {"data/timeline.txt": "另一个故事\n".encode()}
    assert judged(packed(kept, None), tmp_path).verified
    assert told(judged(packed(bent, None), tmp_path)) == ["export-note.differs"] * 2


def test_the_export_note_may_not_be_left_out(tmp_path):
    assert found(judged(packed(members(signed_case()), None), tmp_path)) == {"export-note"}


def test_the_report_tells_who_signed_and_how_far_the_signer_stood(tmp_path):
    report = judged(packed(members(signed_case(rotated=True))), tmp_path)
    vkeys = [keys.log(ORIGIN, label).key.vkey for label in ("first", "rotated")]
    assert report.to_json()["signer"] == {"isolation": "separate-user", "vkeys": vkeys}
    assert any("另一个系统用户" in text for text in report.not_proved())
    assert "签名进程: separate-user" in printed(report)


def test_a_key_that_may_be_stolen_is_told(tmp_path):
    world = signed_case()
    world.system("key.compromised", vkey=world.holders[-1].key.vkey, why="lost laptop")
    report = judged(packed(members(world)), tmp_path)
    assert report.verified
    assert any("可能泄露" in text for text in report.not_proved())


# ---- Who is trusted from outside. ----


def test_a_policy_that_is_kept_anchors_the_bundle_and_says_how_far(tmp_path):
    report = judged(packed(members(signed_case())), tmp_path, policy())
    assert (report.anchored.holds, report.verified) == (True, True)
    assert [one.words for one in report.unproved if "reach" in one.words] == [
        "not.reach.witness", "not.reach.anchor",
    ]  # fmt: skip
    assert [(one.kind, one.service, one.size, one.status) for one in report.anchors] == [
        ("witness", WITNESS, 5, "checked"),
        ("tsa", TSA, 5, "checked"),
        ("witness", WITNESS, 11, "checked"),
        ("tsa", TSA, 11, "checked"),
    ]


def test_only_checked_anchors_give_times(tmp_path):
    data = packed(members(signed_case()))
    (unknown,) = judged(data, tmp_path).times
    (known,) = judged(data, tmp_path, policy()).times
    assert (unknown.not_before, unknown.not_after) == (None, None)
    assert (known.not_before, known.not_after) == (None, "2026-11-20T01:00:01.000Z")
    assert known.code == records.record_code(merkle.leaf_hash(signed_case().leaves[3]))


def test_a_notice_between_two_anchors_stands_between_their_times(tmp_path):
    world = signed_case()
    world.add("notice.composed", {})
    world.anchor()
    last = judged(packed(members(world)), tmp_path, policy()).times[-1]
    assert last.not_before == "2026-11-20T01:00:05.000Z"  # the witness's, who saw it later than the service
    assert last.not_after == "2026-11-20T01:00:01.000Z"


def test_without_a_policy_anchors_are_present_and_not_checked(tmp_path):
    report = judged(packed(members(signed_case())), tmp_path)
    assert {one.status for one in report.anchors} == {"present"}
    assert report.anchored.to_json("zh") == {"holds": None, "findings": []}
    assert [one.words for one in report.unproved if one.words.startswith(("not.stamp", "not.witness"))] == [
        "not.witness.unknown", "not.stamp.no-root",
    ]  # fmt: skip


UNMET = {
    "another log key": (policy(label="stranger"), {"log-key"}),
    "another witness's key": (
        policy().replace(witness().key.vkey, keys.witness(WITNESS, "other").key.vkey),
        {"witness"},
    ),
    "another root": (
        f"log {keys.log(ORIGIN, 'first').key.vkey}\nquorum none\ntsa x {'a' * 64}\n",
        {"anchor"},
    ),
}


@pytest.mark.parametrize(("trusted", "codes"), UNMET.values(), ids=UNMET)
def test_a_policy_that_is_not_kept_refuses_the_bundle(trusted, codes, tmp_path):
    report = judged(packed(members(signed_case())), tmp_path, trusted)
    assert report.anchored.holds is False
    assert {one.code for one in report.anchored.findings} == codes
    assert (report.internal.holds, report.complete.holds, report.verified) == (True, True, False)


@pytest.mark.parametrize(("make", "codes"), BUILT.values(), ids=BUILT)
def test_what_the_operator_of_the_log_wrote_that_is_not_so_is_found(make, codes, tmp_path):
    report = judged(make(), tmp_path)
    assert not report.verified
    assert codes <= found(report)


@pytest.mark.parametrize(("make", "trusted", "holds", "codes"), JUDGED.values(), ids=JUDGED)
def test_a_bundle_is_anchored_only_as_the_reader_asks(make, trusted, holds, codes, tmp_path):
    anchored = judged(make(), tmp_path, trusted).anchored
    assert anchored.holds is holds
    assert {one.code for one in anchored.findings} == codes


TIMES = {  # days after the first, by round and witness; how the two notices' times begin
    "the latest of a quorum ends": (((0, 3), (5, 6)), "2026-11-23", "2026-11-25"),
    "one who puts the time back": (((-2000, 0), (5, 6)), "2026-11-20", "2026-11-25"),
    "one alone gives no time": (((-2000,), (5, 6)), "2026-11-26", "2026-11-25"),
}


@pytest.mark.parametrize(("rounds", "after", "before"), TIMES.values(), ids=TIMES)
def test_no_single_witness_of_a_quorum_sets_a_time(rounds, after, before, tmp_path):
    times = judged(seen_by(*rounds)(), tmp_path, two_of_three()).times
    assert (times[0].not_before, times[0].not_after[:10]) == (None, after)
    assert (times[-1].not_before[:10], times[-1].not_after) == (before, None)


def test_a_case_number_that_no_disclosed_record_vouches_for_is_told(tmp_path):
    of = export(signed_case(), omit={(record_id(2), "facts"): "internal"}, view="minimised")
    report = judged(changed(of, case_no="GS-9999-0001"), tmp_path)
    assert "not.case_no" in [one.words for one in report.unproved]
    honest = judged(packed(members(signed_case())), tmp_path)
    assert "not.case_no" not in [one.words for one in honest.unproved]


def test_an_erasure_that_tells_nothing_is_told(tmp_path):
    world = signed_case()
    done = erase(world, record_id(3))
    hidden = {(record_id(3), "text"): "erased", (done, "facts"): "internal"}
    report = judged(packed(files(export(world, omit=hidden))), tmp_path)
    assert any("有 1 条删除记录的内容没有公开" in text for text in report.not_proved())


def test_epochs_that_are_not_here_are_told_as_runs():
    epochs = Epochs.__new__(Epochs)
    epochs.first = {f"huizheng.k3v9q2xw/log/{number}": 0 for number in (2, 3, 999_999_999)}
    assert epochs.left_out() == [(1, 1), (4, 999_999_998)]


def test_a_policy_asks_no_more_than_it_says(tmp_path):
    trusted = f"log {keys.log(ORIGIN, 'first').key.vkey}\nquorum none\n"
    report = judged(packed(members(signed_case(witnessed=False))), tmp_path, trusted)
    assert (report.anchored.holds, report.verified) == (True, True)


def bad_anchor(**changes):
    """A signed log in which one more answer from outside is not what it seems."""
    world = signed_case()
    point = world.checkpoint(5)
    honest = {
        "note": world.notes[1, 5],
        "token": witness().line(point.body(), 1),
        "kind": "witness",
        "service": WITNESS,
        "size": 5,
    } | changes
    parts = {name: honest.pop(name) for name in ("note", "token")}
    world.system("anchor.received", parts, origin=ORIGIN, time=None, **honest)
    return world


BAD = {
    "a cosignature over something else": ({"token": witness().line(b"else", 1)}, "witness.form"),
    "two lines": ({"token": witness().line(signed_case().checkpoint(5).body(), 1) * 2}, "witness.name"),
    "somebody else's line": (
        {"token": keys.witness("other.example/x", "x").line(signed_case().checkpoint(5).body(), 1)},
        "witness.name",
    ),
    "no cosignature": ({"token": b"ok\n"}, "witness.form"),
    "no time stamp": ({"kind": "tsa", "service": TSA, "token": b"ok"}, "stamp.form"),
    "another size than it tells": ({"size": 6}, "anchor.note"),
    "a note of another log": ({"note": b"other\n1\nx\n"}, "anchor.note"),
    "an unknown kind": ({"kind": "pigeon"}, "anchor.form"),
}


@pytest.mark.parametrize(("changes", "words"), BAD.values(), ids=BAD)
def test_an_answer_from_outside_that_fails_is_told_and_harms_nothing_else(changes, words, tmp_path):
    report = judged(packed(members(bad_anchor(**changes))), tmp_path, policy())
    assert words in [one.words for one in report.anchored.findings]
    assert report.anchors[-1].status == "failed"
    assert (report.internal.holds, report.anchored.holds, report.verified) == (True, True, True)


# ---- Heads. ----


def with_heads(state):
    world = signed_case()
    world.make_heads(state(world))
    return world


def test_heads_that_state_fewer_records_than_there_were_are_found(tmp_path):
    def fewer(world):
        before = [records.read(leaf) for leaf in world.leaves if f'"{STREAM}"'.encode() in leaf][-2]
        return {STREAM: (before.fields["cseq"], before.hash.hex())}

    assert told(judged(packed(members(with_heads(fewer))), tmp_path)) == ["head.hidden"]


def test_heads_that_fit_no_record_of_the_case_are_found(tmp_path):
    report = judged(packed(members(with_heads(lambda world: {STREAM: (9, "ab" * 32)}))), tmp_path)
    assert told(report) == ["head"]


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
def test_a_list_that_does_not_bind_the_case_once_is_found(bend, tmp_path):
    assert found(judged(stating(bend), tmp_path)) == {"head"}


def test_a_list_as_it_should_be_is_not_found(tmp_path):
    assert found(judged(stating(lambda lines, own: lines), tmp_path)) == set()


def test_a_case_that_began_after_the_heads_stands_in_none(tmp_path):
    world = worlds.World()
    world.system("log.started")
    world.rotate("first")
    world.add("case.opened", {"facts": worlds.facts()}, stream=f"case:{OTHER}")
    id = record_id(len(world.leaves))
    last = heads.Last(f"case:{OTHER}", world.salts[f"case:{OTHER}"], 1, merkle.leaf_hash(world.leaves[-1]))
    lines = heads.listing(id, [last])
    told_of = {"count": 1, "date": "2026-11-20", "root": heads.root(lines).hex()}
    world.system("heads.made", {"heads": lines[0] + b"\n"}, **told_of)
    worlds.compose_notice(world)
    report = judged(packed(members(world)), tmp_path)
    assert told(report) == []
    assert "not.heads.after" in [one.words for one in report.unproved]


def test_records_that_could_stand_behind_the_heads_are_told(tmp_path):
    world = signed_case()
    exact = [one.words for one in judged(packed(members(world)), tmp_path).unproved]
    index = len(world.leaves) - 1
    world.add("case.changed", {})
    later = {one.words: one.values for one in judged(packed(members(world)), tmp_path).unproved}
    assert "not.heads.after" not in exact
    assert later["not.heads.after"] == {"index": index, "size": index + 2}


def test_records_of_the_system_that_are_not_shown_are_counted(tmp_path):
    said = {one.words: one.values for one in judged(packed(members(signed_case())), tmp_path).unproved}
    assert said["not.system"] == {"count": 1}  # firm.saved


# ---- What was erased. ----


def test_an_erased_part_is_called_erased_with_date_and_ground_and_never_tampered(tmp_path):
    world = signed_case()
    erase(world, record_id(3))
    report = judged(packed(files(export(world, omit={(record_id(3), "text"): "erased"}))), tmp_path)
    assert report.verified
    assert report.erased == 1
    texts = [one.text() for one in report.complete.findings if one.record == record_id(3)]
    assert texts == ["text 部分已于 2026-11-20 依法删除（保存期限已届满）"]
    assert "已删除: 1" in printed(report)


def test_a_part_called_erased_that_no_record_of_an_erasure_names_is_missing(tmp_path):
    world = signed_case()
    erase(world, record_id(2))
    report = judged(packed(files(export(world, omit={(record_id(3), "text"): "erased"}))), tmp_path)
    assert told(report) == ["part-missing.erased"]
    assert (report.verified, report.erased) == (False, 0)


@pytest.mark.parametrize("number", [2, 8, 10])
def test_a_record_whose_leaf_was_erased_keeps_its_place_and_its_proof(number, tmp_path):
    world = signed_case()
    erase(world, record_id(number), ground="unlawful")
    report = judged(packed(files(export(world, erase=[record_id(number)]))), tmp_path)
    assert told(report) == []
    assert (report.verified, report.erased) == (True, 1)
    assert any("处理违反法律" in one.text() for one in report.complete.findings)


def test_a_record_left_out_and_called_erased_is_missing(tmp_path):
    report = judged(packed(files(export(signed_case(), erase=[record_id(8)]))), tmp_path)
    assert told(report) == ["sequence.erased"]


def test_an_erased_record_cannot_be_another_than_the_log_holds(tmp_path):
    world = signed_case()
    erase(world, record_id(8))
    honest = export(world, erase=[record_id(8)])
    bent = [replace(honest.erased[0], hash=b"\1" * 32)]
    assert {"proof", "back-link"} <= found(judged(changed(honest, erased=bent), tmp_path))


# ---- Records slipped in or left out, in signed bundles. ----


def test_a_record_of_another_case_is_not_let_in(tmp_path):
    world = signed_case()
    honest = export(world)
    leaf = next(records.read(one) for one in world.leaves if f'"case:{OTHER}"'.encode() in one)
    bent = {
        "records": [*honest.records[:-1], leaf.leaf, honest.records[-1]],
        "proofs": [*honest.proofs, *bundles.proofs(world, [leaf])],
        "omitted": [*honest.omitted, Omission(leaf.id, "facts", "other-people")],
    }
    report = judged(changed(honest, **bent), tmp_path)
    assert {"sequence", "back-link"} <= found(report)
    assert "sequence.stream" in told(report)


def test_a_record_left_out_together_with_all_that_it_brought_is_missed(tmp_path):
    honest = export(signed_case())
    gone = records.read(honest.records[3])
    bent = {
        "records": [one for one in honest.records if one != gone.leaf],
        "proofs": [one for one in honest.proofs if one.record != gone.id],
        "openings": [one for one in honest.openings if one.record != gone.id],
        "parts": {name: data for name, data in honest.parts.items() if name not in gone.parts.values()},
        "rows": [row for row in honest.rows if row.record != gone.id],
    }
    assert {"sequence", "back-link"} <= found(judged(changed(honest, **bent), tmp_path))


def test_a_minimised_view_says_how_much_is_left_out(tmp_path):
    omit = {(record_id(7), "request"): "internal", (record_id(8), "response"): "third-person"}
    report = judged(packed(files(export(signed_case(), omit=omit, view="minimised"))), tmp_path)
    assert report.verified
    assert any("3 个部分没有公开" in text for text in report.not_proved())


def test_an_attachment_under_a_readable_name_is_a_part_of_a_record(tmp_path):
    world = signed_case()
    world.add("reply.received", {"attachment-1": b"%PDF-1.7 certificate"})
    readable = {"data/files/certificate.pdf": b"%PDF-1.7 certificate"}
    assert judged(packed(members(world) | readable), tmp_path).verified


def test_an_epoch_whose_last_note_does_not_fit_what_it_says_was_lost_is_found(tmp_path):
    world = signed_case(witnessed=False)
    lost = replace(world.checkpoint(), size=99, root=b"\1" * 32)
    held = signed(lost, keys.log(ORIGIN, "stranger"))
    world.restart(held)
    world.add("case.changed", {})
    world.make_heads()
    assert told(judged(packed(members(world)), tmp_path)) == ["epoch.lost"]


def test_an_epoch_may_begin_without_anything_lost(tmp_path):
    world = signed_case(witnessed=False)
    world.restart(world.note())
    world.add("case.changed", {})
    world.make_heads()
    assert told(judged(packed(members(world)), tmp_path)) == []


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    return {name: judged(data, folder) for name, data in corpus()}


def test_the_corpus_says_of_itself_what_is_honest(reports):
    assert [name for name, one in reports.items() if one.verified] == [
        name for name in reports if name.startswith("honest")
    ]


def test_every_finding_has_a_code_of_the_format_page_and_a_sentence_in_both_languages(reports):
    page = (Path(__file__).parents[2] / "docs" / "evidence-format.md").read_text(encoding="utf-8")
    section = page[page.index("## 8.") :]
    for report in reports.values():
        for one in report.internal.findings + report.complete.findings + report.anchored.findings:
            assert f"`{one.code}`" in section
            assert one.text("zh") != one.text("en")
            assert "{" not in one.text("zh") + one.text("en")
        assert report.not_proved("zh") and report.not_proved("en")


def test_every_sentence_is_there_in_both_languages_with_the_same_values():
    for chinese, english in words.SENTENCES.values():
        assert sorted(re.findall(r"{\w+}", chinese)) == sorted(re.findall(r"{\w+}", english))
