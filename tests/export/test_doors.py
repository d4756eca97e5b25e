"""The bundle through the console, the API and the command line."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evidence.verify import verify_file
from handlers.export_room import new_room, sweep, turn
from storage.custody import EXPORTED, custody_of
from tests.api.calling import Program, problem
from tests.export.firm import live
from tests.web import post, signed_in, web_app
from tests.world import CASE_NO, World, opened_world

CASE = f"/cases/{CASE_NO}"
TO, HOW = "杭州市劳动仲裁委", "当面交付 U 盘"


@pytest.fixture
def lived(test_run, tmp_path):
    with test_run.database("sqlite", tmp_path, migrated=True) as url, opened_world(url) as world:
        live(world)
        yield world


def custody(world: World) -> list:
    with world.desk.archive.reading() as view:
        return custody_of(view, world.case_id)


@pytest.mark.parametrize("view", ["full", "minimised"])
def test_legal_chooses_a_copy_and_gets_it(lived: World, tmp_path: Path, view: str):
    legal = signed_in(lived, web_app(lived), "legal")

    with post(legal, f"{CASE}/exports", f"{CASE}/export", view=view, at="") as answer:
        (tmp_path / "x.zip").write_bytes(answer.data)

    assert answer.headers["X-Huizheng-SHA256"] == hashlib.sha256(answer.data).hexdigest()
    assert verify_file(tmp_path / "x.zip").verified
    assert json.loads(zipfile.ZipFile(io.BytesIO(answer.data)).read("data/case.json"))["view"] == view
    assert [one.told["view"] for one in custody(lived)] == [view]


def test_the_page_lists_the_copies_and_takes_a_hand_over(lived: World):
    legal = signed_in(lived, web_app(lived), "legal")
    assert "还没有导出过" in legal.get(f"{CASE}/exports").text
    post(legal, f"{CASE}/exports", f"{CASE}/export", view="full").close()
    number = custody(lived)[0].told["export"]

    handed = post(legal, f"{CASE}/exports", f"{CASE}/exports", export=number, to=TO, how=HOW)

    page = legal.get(f"{CASE}/exports").text
    assert handed.status_code == 303
    assert number in page and f"交给 {TO}（{HOW}）" in page
    assert "移交证据包" in legal.get(f"{CASE}?show=noted").text


@pytest.mark.parametrize(
    ("to", "fields", "words"),
    [
        ("export", {"view": "full", "at": "x"}, "检查点要写成日志的条数"),
        ("export", {"view": "full", "at": "999999"}, "日志只有"),
        ("export", {"view": "half"}, "副本种类只能是"),
        ("exports", {"export": "AAAA-BBBB-CCCC-DDDD", "to": TO, "how": HOW}, "没有编号为"),
    ],
    ids=["no number", "a size to come", "no such view", "no such export"],
)
def test_a_form_that_cannot_be_taken_says_why(lived: World, to: str, fields: dict[str, str], words: str):
    legal = signed_in(lived, web_app(lived), "legal")

    answer = post(legal, f"{CASE}/exports", f"{CASE}/{to}", **fields)

    assert answer.status_code == 422
    assert words in answer.text
    assert custody(lived) == []


def test_legal_downloads_the_assessment_beside_the_copies(lived: World):
    legal = signed_in(lived, web_app(lived), "legal")
    assert f"{CASE}/assessment.pdf" in legal.get(f"{CASE}/exports").text
    answer = legal.get(f"{CASE}/assessment.pdf")
    assert (answer.status_code, answer.data[:4]) == (200, b"%PDF")
    assert custody(lived) == []


def test_a_third_export_at_once_is_asked_to_come_back(lived: World):
    legal, program = signed_in(lived, web_app(lived), "legal"), Program(lived, "legal", "export")
    with turn(), turn():
        page = post(legal, f"{CASE}/exports", f"{CASE}/export", view="full")
        refused = program.post(f"/cases/{CASE_NO}/exports", {})

    assert (page.status_code, "正在导出，请稍后再试" in page.text) == (503, True)
    assert problem(refused)[:2] == (503, "export-busy")
    with turn():
        assert custody(lived) == []


def test_what_a_killed_export_left_is_swept_after_a_day(tmp_path: Path):
    now = datetime.now(UTC)
    with new_room(tmp_path) as fresh:
        old, loose = tmp_path / "exports" / "export-old", tmp_path / "exports" / "x.part"
        old.mkdir()
        for one in (old, loose):
            (one / "a" if one is old else one).touch()
            os.utime(one, (0, 0))
        sweep(tmp_path, now)
        assert [one for one in (tmp_path / "exports").iterdir()] == [Path(fresh)]
        assert (tmp_path / "exports").stat().st_mode & 0o777 == 0o700


def test_a_program_that_may_only_read_does_not_see_who_took_copies(lived: World):
    assert problem(Program(lived, "legal", "read").get(f"/cases/{CASE_NO}/exports"))[:2] == (
        403,
        "scope-missing",
    )


def test_an_auditor_takes_nothing_out(lived: World):
    auditor = signed_in(lived, web_app(lived), "auditor")
    assert auditor.get(f"{CASE}/assessment.pdf").status_code == 403
    assert auditor.get(f"{CASE}/exports").status_code == 403
    assert auditor.get("/verify.html").status_code == 403


def test_the_offline_page_is_handed_out_as_a_file(lived: World):
    answer = signed_in(lived, web_app(lived), "legal").get("/verify.html")
    assert answer.headers["Content-Disposition"] == "attachment; filename=verify.html"
    assert answer.data.startswith(b"<!doctype html>")


def test_a_program_of_legal_exports_and_a_repeat_gives_the_same_bytes(lived: World, tmp_path: Path):
    legal = Program(lived, "legal", "read", "export")

    first = legal.post(f"/cases/{CASE_NO}/exports", {"view": "full"}, key="k1")
    again = legal.post(f"/cases/{CASE_NO}/exports", {"view": "full"}, key="k1")
    other = legal.post(f"/cases/{CASE_NO}/exports", {"view": "minimised"}, key="k1")

    assert (first.status_code, first.mimetype) == (201, "application/zip")
    assert first.headers["X-Huizheng-SHA256"] == hashlib.sha256(first.data).hexdigest()
    assert again.data == first.data  # unsigned: no export.note
    assert problem(other)[:2] == (422, "idempotency-key-reused")
    assert len([one for one in custody(lived) if one.kind == EXPORTED]) == 2
    (tmp_path / "x.zip").write_bytes(first.data)
    assert verify_file(tmp_path / "x.zip").verified


def test_a_program_records_a_hand_over_and_lists_it(lived: World):
    legal = Program(lived, "legal", "read", "export")
    number = legal.post(f"/cases/{CASE_NO}/exports", {}).headers["X-Huizheng-Export"]

    made = legal.post(f"/cases/{CASE_NO}/exports/{number}/handovers", {"to": TO, "how": HOW})

    assert made.status_code == 201
    (copy,) = legal.get(f"/cases/{CASE_NO}/exports").json["items"]
    assert (copy["export"], copy["view"]) == (number, "full")
    assert [(one["to"], one["how"]) for one in copy["handed_over"]] == [(TO, HOW)]


@pytest.mark.parametrize(
    ("body", "status", "name"),
    [
        ({"view": "half"}, 422, "field-invalid"),
        ({"at": -1}, 422, "field-invalid"),
        ({"at": 10**9}, 422, "not-acceptable-input"),
        ({"more": 1}, 422, "field-invalid"),
    ],
)
def test_a_program_is_told_what_is_wrong(lived: World, body: dict, status: int, name: str):
    legal = Program(lived, "legal", "export")
    assert problem(legal.post(f"/cases/{CASE_NO}/exports", body))[:2] == (status, name)


def test_a_program_without_the_scope_or_the_role_exports_nothing(lived: World):
    for role, scopes in (("legal", ("read", "write", "tasks", "personal")), ("auditor", ("export",))):
        answer = Program(lived, role, *scopes).post(f"/cases/{CASE_NO}/exports", {})
        assert problem(answer)[0] == 403
    assert custody(lived) == []


def test_the_command_offers_view_size_and_fonts():
    run = subprocess.run(
        [sys.executable, "-m", "bot", "export", "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    for option in ("--to", "--at", "--by", "--assessment", "--view", "--font", "--json", "--config"):
        assert option in run.stdout
