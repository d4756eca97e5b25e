"""A signed bundle tells who signed, what was seen from outside, and is found out wherever it was forged."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from evidence import compose, heads, merkle, records, words
from evidence.contents import Omission
from evidence.printing import printed
from tests.evidence import bundles, keys
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
from tests.evidence.forgeries import RESTORE, ROTATION, SIGNED, put, without_signatures
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


def test_two_lines_for_one_case_are_found(tmp_path):
    world = signed_case(witnessed=False)
    id, (honest, last) = list(world.lists.items())[-1]
    mine = heads.listing(id, [last])[0]
    double = sorted([*honest, heads.listing(id, [replace(last, cseq=last.cseq - 1)])[0]])
    world.leaves.pop()
    world.heads["system"] = (4, records.parse_leaf(signed_case(witnessed=False).leaves[-1])["cprev"])
    told_of = {"count": len(double), "date": "2026-11-20", "root": heads.root(double).hex()}
    world.system("heads.made", {"heads": b""}, **told_of)
    assert mine in double
    made = export(world)
    bent = {"data/heads.json": compose.line(heads.shown(double, id, last))}
    report = judged(packed(files(made) | bent), tmp_path)
    assert told(report) == ["head"]


def test_a_case_that_began_after_the_heads_needs_none(tmp_path):
    world = signed_case(witnessed=False)
    files_of = members(world)
    del files_of["data/heads.json"]
    assert told(judged(packed(files_of), tmp_path)) == ["head.missing"]


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
    omit = {(record_id(7), "request"): "minimised", (record_id(8), "response"): "third-person"}
    report = judged(packed(files(export(signed_case(), omit=omit, view="minimised"))), tmp_path)
    assert report.verified
    assert any("4 个部分没有公开" in text for text in report.not_proved())


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
