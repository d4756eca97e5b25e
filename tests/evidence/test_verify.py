"""An honest bundle verifies; whatever was changed, dropped, moved or slipped in is found and named."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from evidence import canonical, compose, records, rows, seal
from evidence.contents import Omission
from evidence.printing import printed
from evidence.report import Verdict
from tests.evidence import bundles
from tests.evidence.bundles import (
    changed,
    edited,
    export,
    found,
    judged,
    lines,
    members,
    reworded,
    small_case,
)

KEYS = ["file", "case_no", "origin", "size", "root", "records"]
KEYS += ["internal", "anchored", "complete", "not_proved", "verified"]


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
        bundles.ORIGIN,
        9,
        5,
    )
    assert told["root"] == small_case().checkpoint().root.hex()
    assert json.loads(json.dumps(told)) == told


@pytest.mark.parametrize(("language", "word"), [("zh", "没有外部密钥"), ("en", "no outside key")])
def test_the_report_always_says_what_was_not_proved(honest, language, word):
    assert honest.to_json()["anchored"] == {"holds": None, "findings": []}
    assert word in honest.to_json(language)["not_proved"][0]


def test_the_report_names_the_code_that_the_employee_holds(honest):
    assert honest.codes == (records.record_code(small_case().hashes()[2]),)


def test_an_anchor_that_fails_would_speak_against_an_otherwise_honest_bundle(honest):
    assert not replace(honest, anchored=Verdict(False)).verified


def drop(name, number):
    def edit(files):
        kept = lines(files, name)
        del kept[number]
        files[name] = b"".join(kept)

    return edit


def swap(name, one, other):
    def edit(files):
        kept = lines(files, name)
        kept[one], kept[other] = kept[other], kept[one]
        files[name] = b"".join(kept)

    return edit


def repeat(name, number):
    def edit(files):
        kept = lines(files, name)
        files[name] = b"".join([*kept[: number + 1], *kept[number:]])

    return edit


def reword(name, old, new):
    return lambda files: reworded(files, name, old, new)


def document(name, change):
    def edit(files):
        value = canonical.loads(files[name][:-1])
        change(value)
        files[name] = canonical.dumps(value) + b"\n"

    return edit


def delete_part(kind, name):
    def edit(files):
        del files[bundles.part(files, kind, name)]

    return edit


def reword_part(kind, name, old, new):
    return lambda files: reworded(files, bundles.part(files, kind, name), old, new)


def shift_proof(proofs):
    proofs["proofs"][0]["index"] += 1


def prove_a_stranger(proofs):
    proofs["proofs"].append({"index": 8, "path": [], "record": bundles.EXPORT})


def prove_twice(proofs):
    last = proofs["proofs"][-1]
    proofs["proofs"].insert(2, last | {"index": 3})


def list_a_hash_twice(proofs):
    paths = [proof["path"] for proof in proofs["proofs"]]
    shared = next(entry for entry in paths[0] if any(entry in path for path in paths[1:]))
    paths[0][paths[0].index(shared)] = len(proofs["hashes"])
    proofs["hashes"].append(proofs["hashes"][shared])


def other_root(files):
    files["data/log/checkpoint.txt"] = replace(small_case().checkpoint(), root=b"\1" * 32).body()


def other_origin(files):
    reworded(files, "data/log/checkpoint.txt", "log/1", "log/2")


def hide_opening(files):
    """A part that is neither here nor listed: its line and its file are gone."""
    delete_part("attempt.accepted", "response")(files)
    kept = [line for line in lines(files, "data/openings.jsonl") if b'"response"' not in line]
    files["data/openings.jsonl"] = b"".join(kept)


def omit_an_unknown_part(completeness):
    completeness["omitted"].append({"name": "paper", "reason": "none", "record": bundles.record_id(1)})


def omit_an_open_part(completeness):
    completeness["omitted"].append({"name": "facts", "reason": "none", "record": bundles.record_id(1)})


def exchange_part(files):
    """Somebody exchanges a part and commits to the new bytes with a key of their own."""
    old = bundles.part(files, "attempt.accepted", "response").removeprefix("data/parts/")
    k, data = bundles.key("forger"), b'{"errcode":43004}'
    new = seal.commitment(k, data).hex()
    del files[f"data/parts/{old}"]
    files[f"data/parts/{new}"] = data
    line = next(line for line in lines(files, "data/openings.jsonl") if old.encode() in line)
    opening = json.loads(line) | {"commit": new, "k_commit": seal.commit_key(k).hex()}
    reworded(files, "data/openings.jsonl", line.decode(), canonical.dumps(opening).decode() + "\n")


RECORDS, CITED, OPENINGS = "data/records.jsonl", "data/cited.jsonl", "data/openings.jsonl"
PROOFS, TABLES, CASE, COMPLETE = (
    f"data/{name}" for name in ("log/proofs.json", "tables.jsonl", "case.json", "completeness.json")
)
FORGERIES = {
    "a word in a record changed": (reword(RECORDS, '"accepted"', '"returned"'), {"proof"}),
    "a record's time put back": (reword(RECORDS, "01:00:01.204Z", "00:00:01.204Z"), {"proof", "back-link"}),
    "a field added to a record": (reword(RECORDS, '"v":1}', '"v":1,"w":1}'), {"leaf-form"}),
    "a record spelt differently": (reword(RECORDS, '"v":1}', '"v":1 }'), {"leaf-form"}),
    "the first record dropped": (drop(RECORDS, 0), {"sequence", "back-link"}),
    "a middle record dropped": (drop(RECORDS, 2), {"sequence", "back-link"}),
    "the last record dropped": (drop(RECORDS, 4), {"sequence"}),
    "two records swapped": (swap(RECORDS, 1, 2), {"sequence", "back-link"}),
    "a record repeated": (repeat(RECORDS, 1), {"sequence", "back-link"}),
    "all records dropped": (lambda files: files.update({RECORDS: b""}), {"sequence"}),
    "the last line not ended": (lambda files: files.update({RECORDS: files[RECORDS][:-1]}), {"container"}),
    "the cited record dropped": (drop(CITED, 0), {"cited-missing"}),
    "the cited record changed": (reword(CITED, '"C1"', '"C3"'), {"cited-missing", "proof"}),
    "a record passed off as cited": (
        lambda files: files.update({CITED: files[CITED] + lines(files, RECORDS)[0]}),
        {"cited-missing", "sequence"},
    ),
    "a proof for another place": (document(PROOFS, shift_proof), {"proof"}),
    "a proof dropped": (document(PROOFS, lambda proofs: proofs["proofs"].pop()), {"proof"}),
    "a hash carried along unused": (
        document(PROOFS, lambda value: value["hashes"].append("a" * 64)),
        {"proof"},
    ),
    "a proof for a record that is not here": (document(PROOFS, prove_a_stranger), {"proof"}),
    "two proofs for one record": (document(PROOFS, prove_twice), {"proof"}),
    "a hash listed twice": (document(PROOFS, list_a_hash_twice), {"proof"}),
    "a path out of the list": (document(PROOFS, lambda value: value["hashes"].pop()), {"container"}),
    "proofs out of order": (document(PROOFS, lambda value: value["proofs"].reverse()), {"proof"}),
    "proofs of another size": (document(PROOFS, lambda value: value.update(size=8)), {"checkpoint"}),
    "another root": (other_root, {"proof"}),
    "another log": (other_origin, {"checkpoint"}),
    "a part changed": (reword_part("notice.composed", "text", "周一", "周五"), {"commitment"}),
    "a part exchanged with its commitment": (exchange_part, {"commitment"}),
    "an opening dropped": (drop(OPENINGS, 1), {"part-missing", "part-unlisted"}),
    "an opening repeated": (repeat(OPENINGS, 1), {"part-unlisted"}),
    "a part's file dropped": (delete_part("notice.composed", "text"), {"part-missing"}),
    "a part held back in silence": (hide_opening, {"part-missing"}),
    "a part of nobody": (lambda files: files.update({f"data/parts/{'a' * 64}": b"x"}), {"part-unlisted"}),
    "an omission of nothing": (document(COMPLETE, omit_an_unknown_part), {"part-unlisted"}),
    "an omission of what is here": (document(COMPLETE, omit_an_open_part), {"part-unlisted"}),
    "an omission not listed": (
        document(COMPLETE, lambda value: value["omitted"].clear()),
        {"part-missing"},
    ),
    "a row edited": (reword(TABLES, '"delivered"', '"returned"'), {"row-differs"}),
    "a row set back to an older state": (reword(TABLES, '"accepted"', '"submitted"'), {"row-differs"}),
    "a row given to an older record": (
        reword(TABLES, bundles.record_id(5), bundles.record_id(4)),
        {"row-unvouched"},
    ),
    "a row removed": (drop(TABLES, 0), {"row-missing"}),
    "a row invented": (
        reword(TABLES, bundles.ATTEMPT + '","record', bundles.EXPORT + '","record'),
        {"row-unvouched", "row-missing"},
    ),
    "a row repeated": (repeat(TABLES, 0), {"row-unvouched"}),
    "another case number": (reword(CASE, "0017", "0018"), {"row-differs"}),
    "a case number with a bell in it": (
        document(CASE, lambda value: value.update(case_no="\a")),
        {"container"},
    ),
    "a case number in split letters": (
        document(CASE, lambda value: value.update(case_no="e\u0301")),
        {"container"},
    ),
    "another case": (reword(CASE, bundles.CASE, bundles.EXPORT), {"sequence"}),
    "another size": (document(CASE, lambda value: value.update(checkpoint=8)), {"checkpoint"}),
    "another format": (document(CASE, lambda value: value.update(format=2)), {"container"}),
    "counts that are wrong": (
        document(COMPLETE, lambda value: value["counts"].pop("case.opened")),
        {"sequence"},
    ),
    "a first number that is wrong": (document(COMPLETE, lambda value: value.update(first=2)), {"sequence"}),
    "a last number that is wrong": (document(COMPLETE, lambda value: value.update(last=4)), {"sequence"}),
    "a JSON file whose line does not end": (
        lambda files: files.update({CASE: files[CASE][:-1]}),
        {"container"},
    ),
    "a checkpoint cut short": (
        lambda files: files.update({"data/log/checkpoint.txt": b"huizheng"}),
        {"checkpoint"},
    ),
    "a JSON file that is none": (lambda files: files.update({COMPLETE: b"{"}), {"container", "part-missing"}),
}


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
    old, forged = small_case(), bundles.World()
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
    other = f"case:{bundles.EXPORT}"
    cseq, cprev = world.heads[f"case:{bundles.CASE}"]
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
    world.add("case.changed", {}, refs=[f"cites {world.hashes()[0].hex()}"])
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
        "rows": [],
        "parts": {},
    }
    assert found(judged(changed(export(small_case()), **nothing), tmp_path)) == {"sequence"}


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
            world, [records.read(leaf) for leaf in [*honest.records, *honest.cited, last.leaf]]
        ),
    )
    assert found(judged(changed(bent), tmp_path)) == {"leaf-form"}


def test_a_record_code_of_no_notice_is_found(tmp_path):
    world = small_case()
    world.add("case.changed", {"facts": rows.make_facts([], {"record_code": "AAAA-AAAA-AAAA-AAAA"})})
    assert found(judged(changed(export(world)), tmp_path)) == {"leaf-hash"}


def test_a_part_listed_as_left_out_is_told_but_does_no_harm(tmp_path):
    world = small_case()
    report = judged(changed(export(world, omit={(bundles.record_id(4), "request"): "minimised"})), tmp_path)
    assert report.verified
    assert [one.code for one in report.complete.findings] == ["omitted", "omitted"]
    assert any("2 个部分没有公开" in text for text in report.not_proved())


def test_an_erased_part_is_called_erased_and_never_tampered(tmp_path):
    world = small_case()
    report = judged(changed(export(world, omit={(bundles.record_id(2), "text"): "erased"})), tmp_path)
    assert report.verified
    assert any("已依法删除" in one.text() for one in report.complete.findings)


@pytest.mark.parametrize(("of", "expected"), [("text", set()), ("another", {"row-unvouched"})])
def test_the_bytes_that_a_row_names_must_be_a_part_of_a_record(tmp_path, of, expected):
    world = small_case()
    commit = world.commitment(next(id for id, name in world.parts if name == "text"), "text")["commit"]
    columns = {"text_blob": commit if of == "text" else commit[::-1]}
    notice = bundles.empty("notice", case_id=bundles.CASE, **columns)
    world.add("paper.made", {"facts": bundles.facts(("notice", bundles.NOTICE, notice))})
    assert found(judged(bundles.packed(members(world)), tmp_path)) == expected


def test_a_row_whose_newest_facts_are_left_out_need_not_stand_in_the_tables(tmp_path):
    world = small_case()
    hidden = export(world, omit={(bundles.record_id(5), "facts"): "minimised"})
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
    assert compose.members(export(small_case())) == compose.members(export(small_case()))
