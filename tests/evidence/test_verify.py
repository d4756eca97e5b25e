"""An honest bundle verifies; whatever was changed, dropped, moved or slipped in is found and named."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evidence import canonical, export_note, records, rows
from evidence.contents import Omission
from evidence.printing import printed
from evidence.report import Verdict
from tests.evidence import bundles, worlds
from tests.evidence.bundles import changed, edited, export, files, found, judged, lines, members
from tests.evidence.forgeries import FORGERIES, TABLES
from tests.evidence.worlds import small_case

KEYS = ["file", "case_no", "origin", "size", "root", "records", "export"]
KEYS += ["internal", "anchored", "complete", "signer", "anchors", "times", "erased", "not_proved", "verified"]


@pytest.fixture
def honest(tmp_path):
    return judged(bundles.packed(members()), tmp_path)


def test_an_honest_bundle_verifies(honest):
    assert honest.verified
    assert honest.internal.holds is True
    assert honest.complete.holds is True
    assert found(honest) == set()


def test_the_report_has_exactly_the_promised_keys(honest):
    told = honest.to_json()
    assert list(told) == KEYS
    assert all(list(told[name]) == ["holds", "findings"] for name in ("internal", "anchored", "complete"))
    assert (told["case_no"], told["origin"], told["size"], told["records"]) == (
        "GS-2026-0017",
        worlds.ORIGIN,
        9,
        5,
    )
    assert told["root"] == small_case().checkpoint().root.hex()
    assert told["export"] == export_note.number(worlds.CASE, "full", small_case().checkpoint())
    assert json.loads(json.dumps(told)) == told


def test_a_log_without_a_signer_holds_within_itself_and_is_said_to_be_unsigned(honest):
    told = honest.to_json()
    assert (told["signer"], told["anchors"], told["erased"]) == (None, [], 0)
    assert any("没有签名进程" in text for text in told["not_proved"])


@pytest.mark.parametrize(("language", "word"), [("zh", "没有外部密钥"), ("en", "no outside key")])
def test_the_report_always_says_what_was_not_proved(honest, language, word):
    assert honest.to_json()["anchored"] == {"holds": None, "findings": []}
    assert word in honest.to_json(language)["not_proved"][0]


def test_the_report_names_the_code_that_the_employee_holds(honest):
    assert honest.codes == (records.record_code(small_case().hashes()[2]),)


def test_an_anchor_that_fails_would_speak_against_an_otherwise_honest_bundle(honest):
    assert not replace(honest, anchored=Verdict(False)).verified


@pytest.mark.parametrize(("edit", "codes"), FORGERIES.values(), ids=FORGERIES)
def test_a_forgery_is_found_and_named(edit, codes, tmp_path):
    report = judged(edited(edit), tmp_path)
    assert not report.verified
    assert codes <= found(report)


def test_a_column_left_out_of_a_row_is_found(tmp_path):
    def edit(files):
        kept = [json.loads(line) for line in lines(files, TABLES)]
        del kept[0]["columns"]["state"]
        files[TABLES] = b"".join(canonical.dumps(row) + b"\n" for row in kept)

    assert "container" in found(judged(edited(edit), tmp_path))


def test_a_leaf_edited_with_the_whole_tree_made_anew_does_not_meet_the_old_checkpoint(tmp_path):
    old, forged = small_case(), worlds.World()
    for leaf in old.leaves:
        fields = records.parse_leaf(leaf)
        if fields["kind"] == "attempt.accepted":
            fields["at"] = "2026-11-20T01:00:00.000Z"
        fields["cprev"] = forged.heads.get(fields["stream"], (0, records.FIRST))[1]
        forged.leaves.append(records.make_leaf(fields))
        forged.heads[fields["stream"]] = fields["cseq"], forged.hashes()[-1].hex()
    forged.parts = old.parts
    made_anew = export(forged)

    report = judged(changed(made_anew, checkpoint=old.checkpoint()), tmp_path)
    assert found(report) == {"proof"}
    assert judged(changed(made_anew), tmp_path).verified  # which is why anchors exist
    assert forged.checkpoint().root != old.checkpoint().root


def test_a_record_of_another_case_is_not_let_in(tmp_path):
    world = small_case()
    other = f"case:{worlds.OTHER}"
    cseq, cprev = world.heads[f"case:{worlds.CASE}"]
    world.add("case.changed", {}, stream=other, cseq=cseq + 1, cprev=cprev)  # numbered to fit in
    honest = export(world)
    leaf = records.read(world.leaves[-1])
    report = judged(
        changed(
            honest,
            records=[*honest.records, leaf.leaf],
            proofs=[*honest.proofs, *bundles.proofs(world, [leaf])],
        ),
        tmp_path,
    )
    assert [one.words for one in report.complete.findings if one.code == "sequence"] == ["sequence.stream"]


def with_cited(world, *places):
    """The export of a world with further leaves, named by their place, among the cited ones."""
    honest = export(world)
    extra = [records.read(world.leaves[place]) for place in places]
    return replace(
        honest,
        cited=[*honest.cited, *(one.leaf for one in extra)],
        proofs=[*honest.proofs, *bundles.proofs(world, extra)],
    )


def test_an_intake_record_that_nobody_cites_is_found(tmp_path):
    world = small_case()
    world.add("intake.received", {}, stream="intake:wechat_oa/main/2026-12", **{"class": "intake"})
    assert found(judged(changed(with_cited(world, -1)), tmp_path)) == {"cited-missing"}


def test_a_record_that_is_no_intake_cannot_be_cited(tmp_path):
    world = small_case()
    world.add("case.changed", {}, refs=[f"cites {world.hashes()[3].hex()}"])
    assert found(judged(changed(export(world)), tmp_path)) == {"cited-missing"}


def test_cited_records_stand_in_the_order_of_the_log(tmp_path):
    world = small_case()
    intake = "intake:wechat_oa/main/2026-11"
    world.add("intake.received", {}, stream=intake, **{"class": "intake"})
    world.add("receipt.received", {}, refs=[f"cites {world.hashes()[-1].hex()}"])
    honest = export(world)
    assert judged(changed(honest), tmp_path).verified
    assert found(judged(changed(honest, cited=honest.cited[::-1]), tmp_path)) == {"proof"}


def test_a_bundle_without_any_record_shows_nothing(tmp_path):
    nothing = {
        "records": [],
        "cited": [],
        "openings": [],
        "omitted": [],
        "proofs": [],
        "system": [],
        "rows": [],
        "parts": {},
    }
    assert found(judged(changed(export(small_case()), **nothing), tmp_path)) == {"sequence", "epoch"}


def test_records_logged_in_another_order_than_their_numbers_are_found(tmp_path):
    world = small_case()
    world.leaves[1], world.leaves[2] = world.leaves[2], world.leaves[1]
    honest = export(world)
    honest = replace(honest, records=[honest.records[1], honest.records[0], *honest.records[2:]])
    assert found(judged(changed(honest), tmp_path)) == {"proof"}


def test_facts_of_another_form_are_found(tmp_path):
    world = small_case()
    world.add("case.changed", {"facts": b'{"rows":[]}'})
    honest = export(small_case())
    last = records.read(world.leaves[-1])
    bent = replace(
        honest,
        checkpoint=world.checkpoint(),
        records=[*honest.records, last.leaf],
        openings=[*honest.openings, bundles.opening(world, last.id, "facts")],
        parts={**honest.parts, last.parts["facts"]: b'{"rows":[]}'},
        proofs=bundles.proofs(
            world,
            [records.read(leaf) for leaf in [*honest.records, *honest.cited, *honest.system, last.leaf]],
        ),
    )
    assert found(judged(changed(bent), tmp_path)) == {"leaf-form"}


def test_a_record_code_of_no_notice_is_found(tmp_path):
    world = small_case()
    world.add("case.changed", {"facts": rows.make_facts([], {"record_code": "AAAA-AAAA-AAAA-AAAA"})})
    assert found(judged(changed(export(world)), tmp_path)) == {"leaf-hash"}


def test_a_part_listed_as_left_out_is_told_but_does_no_harm(tmp_path):
    world = small_case()
    report = judged(changed(export(world, omit={(worlds.record_id(4), "request"): "internal"})), tmp_path)
    assert report.verified
    assert [one.code for one in report.complete.findings] == ["omitted", "omitted"]
    assert any("2 个部分没有公开" in text for text in report.not_proved())


@pytest.mark.parametrize(("of", "expected"), [("text", set()), ("another", {"row-unvouched"})])
def test_the_bytes_that_a_row_names_must_be_a_part_of_a_record(tmp_path, of, expected):
    world = small_case()
    commit = world.commitment(next(id for id, name in world.parts if name == "text"), "text")["commit"]
    columns = {"text_blob": commit if of == "text" else commit[::-1]}
    notice = worlds.empty("notice", case_id=worlds.CASE, **columns)
    world.add("paper.made", {"facts": worlds.facts(("notice", worlds.NOTICE, notice))})
    assert found(judged(bundles.packed(members(world)), tmp_path)) == expected


def test_a_row_whose_newest_facts_are_left_out_need_not_stand_in_the_tables(tmp_path):
    world = small_case()
    hidden = export(world, omit={(worlds.record_id(5), "facts"): "internal"})
    older = [row for row in hidden.rows if row.table != "attempt"]
    assert judged(changed(hidden, rows=older), tmp_path).verified


def test_bytes_stored_once_may_open_several_records(tmp_path):
    world = small_case()
    first = world.add("task.opened", {"raw": b"same"})
    world.add("task.done", {"raw": b"same"}, keys={"raw": world.parts[first, "raw"][0]})
    assert judged(changed(export(world)), tmp_path).verified


def test_a_sandbox_clock_is_told(tmp_path):
    world = small_case()
    world.add("case.changed", {}, clock="sandbox")
    report = judged(changed(export(world)), tmp_path)
    assert report.verified
    assert any("沙盒" in text for text in report.not_proved())


def test_what_a_forger_wrote_cannot_steer_the_screen(tmp_path):
    honest = export(small_case())
    omitted = [Omission(one.record, one.name, "\u202egnihton") for one in honest.omitted]
    report = judged(changed(honest, omitted=omitted, case_no="\u202e7100"), tmp_path)
    assert "案号: \\u202e7100" in printed(report)
    assert "\u202e" not in printed(report)
    assert "\\u202e" in report.complete.findings[0].text()


def test_every_finding_has_a_code_of_the_format_page_and_a_sentence_in_both_languages(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "evidence-format.md").read_text(encoding="utf-8")
    section = page[page.index("## 8.") :]
    for edit, _ in FORGERIES.values():
        report = judged(edited(edit), tmp_path)
        for one in report.internal.findings + report.complete.findings:
            assert f"`{one.code}`" in section
            assert one.text("zh") != one.text("en")
            assert "{" not in one.text("zh") + one.text("en")


def test_a_composed_bundle_is_always_the_same():
    assert files(export(small_case())) == files(export(small_case()))
