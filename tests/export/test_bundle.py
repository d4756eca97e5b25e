"""Counsel's bundle: it verifies, it can be repeated byte for byte, and it holds nobody else's data."""

import json
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from evidence.verify import verify_file
from handlers import export_evidence as entry
from handlers.confirm import resume
from handlers.custody import hand_over
from handlers.desk import Desk
from handlers.export import point
from handlers.export.refusal import Unexportable
from handlers.export_evidence import export_case
from handlers.people import Unacceptable
from storage.audit import audit
from storage.book import SYSTEM, Entry, case_stream
from storage.custody import custody_of
from storage.engine import take_time
from storage.schema import plan_step
from tests.export.firm import (
    NOTE,
    OTHERS,
    SLIP_NOTE,
    STAFF,
    THIRD,
    holding,
    lines,
    live_elsewhere,
    members,
)
from tests.world import CASE_NO, CONTACT_PHONE, World

VIEWS = ("full", "minimised")


def exported(desk: Desk, world: World, folder: Path, view: str = "full", at: int | None = None):
    return export_case(desk, CASE_NO, world.hr, folder / f"{view}-{at}.zip", view=view, at=at)


@pytest.mark.parametrize("view", VIEWS)
def test_both_views_verify_without_us(firm: World, signed: Desk, tmp_path: Path, view: str):
    done = exported(signed, firm, tmp_path, view)

    report = verify_file(done.path)

    assert report.internal.findings == ()
    assert {one.code for one in report.complete.findings} <= {"omitted"}
    assert report.verified
    assert (report.size, report.records, report.export) == (done.size, done.records, done.number)


def test_an_unsigned_log_gives_a_bundle_that_says_so(firm: World, tmp_path: Path):
    done = exported(firm.desk, firm, tmp_path)
    found = members(done.path)

    assert verify_file(done.path).verified
    assert "export.note" not in found and "data/log/keys.txt" not in found
    assert found["data/log/checkpoint.txt"].count(b"\n") == 3


@pytest.mark.parametrize("view", VIEWS)
def test_the_same_checkpoint_gives_the_same_bytes_whatever_happened_since(
    firm: World, signed: Desk, tmp_path: Path, view: str
):
    first = exported(signed, firm, tmp_path, view)
    old = members(first.path)
    firm.clock.pass_by(days=2)
    firm.reply(firm.wechat, "片子明天寄出", key="m2")  # rows of the case change, records are added
    live_elsewhere(firm)
    exported(signed, firm, tmp_path, view)

    again = exported(signed, firm, tmp_path, view, at=first.size)

    new = members(again.path)
    assert {name for name in old | new if old.get(name) != new.get(name)} <= {"export.note"}
    assert again.number == first.number


def test_a_row_that_changed_since_is_stated_as_it_was(firm: World, signed: Desk, tmp_path: Path):
    first = exported(signed, firm, tmp_path)
    before = lines(members(first.path)["data/tables.jsonl"])
    plan = next(row for row in before if row["table"] == "plan")
    assert plan["columns"]["state"] == "paused"

    with firm.desk.archive.writing() as book:
        resume(book, plan["id"], "已与员工谈好", firm.desk.rules, firm.hr)
    again = exported(signed, firm, tmp_path, at=first.size)

    assert lines(members(again.path)["data/tables.jsonl"]) == before
    assert verify_file(again.path).verified


def test_a_row_changed_by_sql_is_exported_as_it_stands(firm: World, signed: Desk, tmp_path: Path):
    first = exported(signed, firm, tmp_path)
    with firm.desk.archive.engine.begin() as connection:
        connection.execute(sa.update(plan_step).values(why="改过"))

    again = exported(signed, firm, tmp_path, at=first.size)

    assert not verify_file(again.path).verified


def test_a_size_that_was_never_signed_is_refused_and_the_nearest_are_named(
    firm: World, signed: Desk, tmp_path: Path
):
    done = exported(signed, firm, tmp_path)

    with pytest.raises(Unacceptable, match=f"最近的签名检查点是.*{done.size} 条"):
        exported(signed, firm, tmp_path, at=done.size - 1)
    with pytest.raises(Unacceptable):
        exported(signed, firm, tmp_path, at=10**9)


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_of_another_case_stands_anywhere_in_a_bundle(
    firm: World, signed: Desk, tmp_path: Path, view: str
):
    found = members(exported(signed, firm, tmp_path, view).path)

    assert {needle: holding(found, needle) for needle in OTHERS} == {needle: [] for needle in OTHERS}


def test_the_other_sides_copy_names_no_third_person_and_no_note_of_ours(
    firm: World, signed: Desk, tmp_path: Path
):
    full = members(exported(signed, firm, tmp_path).path)
    small = members(exported(signed, firm, tmp_path, "minimised").path)
    hidden = (*THIRD, *STAFF, NOTE, SLIP_NOTE, CONTACT_PHONE, "紧急联系人", "下班骑车途中被撞")

    assert holding(full, "王芳")  # it does stand in the tribunal's copy
    assert {needle: holding(small, needle) for needle in hidden} == {needle: [] for needle in hidden}
    assert not [name for name in small if "assessment" in name]


def test_what_is_left_out_is_listed_with_its_reason(firm: World, signed: Desk, tmp_path: Path):
    small = members(exported(signed, firm, tmp_path, "minimised").path)
    omitted = json.loads(small["data/completeness.json"])["omitted"]
    opened = {(one["record"], one["name"]) for one in lines(small["data/openings.jsonl"])}

    assert {one["reason"] for one in omitted} == {"third-person", "internal"}
    assert not opened & {(one["record"], one["name"]) for one in omitted}


def test_the_heads_are_the_last_record_under_the_checkpoint(firm: World, signed: Desk, tmp_path: Path):
    done = exported(signed, firm, tmp_path)
    found = members(done.path)

    last = lines(found["data/system.jsonl"])[-1]
    proofs = json.loads(found["data/log/proofs.json"])["proofs"]
    assert last["kind"] == "heads.made"
    assert {one["record"]: one["index"] for one in proofs}[last["id"]] == done.size - 1
    (opened,) = (one for one in lines(found["data/openings.jsonl"]) if one["name"] == "heads")
    assert opened["record"] == last["id"]
    said = [one.words for one in verify_file(done.path).unproved]
    assert not {"not.heads", "not.heads.after"} & set(said)
    assert "not.system" in said


def test_the_time_stamp_lies_in_the_bundle_that_asked_for_it(firm: World, signed: Desk, tmp_path: Path):
    report = verify_file(exported(signed, firm, tmp_path).path)

    assert [(one.kind, one.status) for one in report.anchors] == [("tsa", "present")]


def test_a_service_that_is_down_does_not_hinder_an_export(
    firm: World, signed: Desk, tmp_path: Path, monkeypatch
):

    monkeypatch.setattr(point, "ANCHOR_SECONDS", 0.5)
    monkeypatch.setattr(type(signed.anchors[0]), "anchor", lambda *_: (_ for _ in ()).throw(OSError("down")))

    assert verify_file(exported(signed, firm, tmp_path).path).verified


def test_an_export_and_its_hand_over_are_records_of_the_case(firm: World, signed: Desk, tmp_path: Path):
    first = exported(signed, firm, tmp_path)
    with firm.desk.archive.writing() as book:
        hand_over(book, CASE_NO, first.number, "杭州市劳动仲裁委", "当面交付 U 盘", firm.hr)

    told = lines(members(exported(signed, firm, tmp_path, "full", None).path)["data/custody.jsonl"])

    assert [one["kind"] for one in told] == ["custody.exported", "custody.handed_over"]
    assert told[0]["told"]["sha256"] == first.sha256
    assert told[0]["told"]["export"] == first.number
    assert told[1]["told"]["to"] == "杭州市劳动仲裁委"


@pytest.mark.parametrize(
    ("export", "to", "how", "field"),
    [
        ("AAAA-BBBB-CCCC-DDDD", "仲裁委", "当面", "export"),
        (None, "  ", "当面", "to"),
        (None, "仲裁委", "", "how"),
        (None, "仲" * 301, "当面", "to"),
    ],
    ids=["no such export", "nobody", "no way", "too long"],
)
def test_a_hand_over_that_says_too_little_is_refused(firm: World, tmp_path: Path, export, to, how, field):
    done = exported(firm.desk, firm, tmp_path)
    with pytest.raises(Unacceptable) as refused, firm.desk.archive.writing() as book:
        hand_over(book, CASE_NO, export or done.number, to, how, firm.hr)
    assert refused.value.field == field


def test_no_bundle_lies_about_when_it_could_not_be_recorded(firm: World, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(entry, "_record", lambda *_: 1 // 0)
    with pytest.raises(Unacceptable, match="huizheng audit"):
        exported(firm.desk, firm, tmp_path)
    assert list((tmp_path).glob("*.zip")) == list(tmp_path.glob(".*part")) == []


@pytest.mark.parametrize("stream", ["case", "system"])
def test_an_erasure_while_the_bundle_was_made_leaves_no_bundle(
    firm: World, tmp_path: Path, monkeypatch, stream: str
):
    made = entry._made

    def erased_meanwhile(*asked):
        done = made(*asked)
        name = case_stream(firm.case_id) if stream == "case" else SYSTEM
        with firm.desk.archive.writing() as book:
            book.add(Entry("erase.done", name, firm.hr, refs=[f"erases {min(done[1].records)}"]))
        return done

    monkeypatch.setattr(entry, "_made", erased_meanwhile)
    with pytest.raises(Unacceptable, match="删除过内容"):
        exported(firm.desk, firm, tmp_path)
    assert list(tmp_path.glob("*.zip")) == list(tmp_path.glob(".*part")) == []
    with firm.desk.archive.reading() as view:
        assert custody_of(view, firm.case_id) == []


def test_a_checkpoint_before_the_case_began_is_refused(firm: World, tmp_path: Path):
    with pytest.raises(Unacceptable, match="本案第一条记录是第"):
        exported(firm.desk, firm, tmp_path, at=1)


def test_an_export_may_draw_for_as_long_as_it_takes(firm: World):
    with firm.desk.archive.reading() as view:
        take_time(view.connection)
        if view.connection.dialect.name == "postgresql":
            shown = view.connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()
            assert shown == "0"


def test_a_busy_database_is_called_busy_and_our_own_fault_no_tampering(
    firm: World, tmp_path: Path, monkeypatch, caplog
):
    locked = sqlite3.OperationalError("database is locked")
    locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
    faults = [sa.exc.OperationalError("x", {}, locked), ValueError("张伟的电话")]

    def fail(*_):
        raise faults.pop(0)

    monkeypatch.setattr(entry, "_record", fail)
    with pytest.raises(Unacceptable, match="数据库正忙"):
        exported(firm.desk, firm, tmp_path)
    assert caplog.text == ""
    with pytest.raises(Unacceptable, match="请报告程序错误") as refused:
        exported(firm.desk, firm, tmp_path)
    assert not isinstance(refused.value, Unexportable)
    assert "ValueError" in caplog.text and "张伟" not in caplog.text


def test_a_database_that_was_exported_from_is_sound(firm: World, signed: Desk, tmp_path: Path):
    done = exported(signed, firm, tmp_path)
    with firm.desk.archive.reading() as view:
        assert audit(view, done.path).findings == ()
