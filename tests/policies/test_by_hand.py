"""What HR does by hand about ladders: the forms of formal notices, a visit's form, the command line."""

import io
import json
from copy import deepcopy

import pytest
from click.testing import CliRunner

from bot.commands.main import huizheng
from casework.escalation import load_policy, policy_body, policy_names
from casework.ladder_form import policy_from_toml
from casework.ladder_text import toml_of
from casework.service_assessment import Strength, assess
from casework.workdays import load_calendar
from handlers.export.assessment_paper import signs
from handlers.export.events import Event
from handlers.policies import choose, save_policy
from storage.timeline import lines_of
from tests.api.calling import Program, problem
from tests.casework.facts import filled
from tests.console.forms import CASE, open_tasks
from tests.web import post, signed_in, web_app
from tests.world import CASE_NO, opened_world

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NEW = f"{CASE}/notices/new"
VISIT = {
    "outcome": "met", "visit_first": "李娜", "visit_second": "王强", "visit_at": "2026-11-23T09:30",
    "visit_left": "通知书一份，当面交给本人", "no_supervisor": "yes",
}  # fmt: skip


@pytest.fixture
def world(database_url):
    with opened_world(database_url) as world:
        yield world


@pytest.fixture
def visiting(world):
    """The firm with a ladder that asks for a visit, which is due."""
    body = deepcopy(policy_body(load_policy("notice")))
    visit = {
        "name": "visit",
        "title": "上门",
        "action": "visit",
        "anchor": "start",
        "hours": 1,
        "rule": "一小时",
    }
    body["rungs"].insert(1, visit)
    with world.desk.archive.writing() as book:
        choose(book, "notice", save_policy(book, body, world.hr), world.desk.rules, world.hr)
    world.notify("plain", {"content": "请您看一下", "contact": "李娜"})
    world.work()
    world.clock.pass_by(hours=2)
    world.work()
    assert [task.kind for task in open_tasks(world)] == ["visit"]
    return world


def told_of_visit(world):
    with world.desk.archive.reading() as view:
        return [line for line in lines_of(view, world.case_id) if line.kind == "task.done"]


# --- the console --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["return_notice", "leave_end", "assessment", "receipt", "contributions"])
def test_every_new_kind_has_its_form_and_its_preview(world, kind):
    hr = signed_in(world, web_app(world))
    facts = {f"f-{name}": value for name, value in filled(kind).items()}

    form, preview = (
        hr.get(f"{NEW}?kind={kind}").text,
        post(hr, NEW, f"{CASE}/notices/preview", kind=kind, **facts),
    )

    assert all(f'name="{name}"' in form for name in facts)
    assert preview.status_code == 200
    assert "员工将看到的全文" in preview.text


def test_a_date_is_picked_and_an_open_question_is_answered_before_a_formal_notice(world):
    hr = signed_in(world, web_app(world))
    form = hr.get(f"{NEW}?kind=return_notice").text
    assert 'name="f-leave_end"' in form and 'type="date"' in form
    assert "<select" in form

    facts = filled("return_notice", leave_end="2099-01-01", extension_pending="有", post="")
    refused = post(hr, NEW, f"{CASE}/notices/preview", kind="return_notice",
                   **{f"f-{name}": value for name, value in facts.items()})  # fmt: skip

    assert refused.status_code == 422
    assert "有 3 处要改" in refused.text
    assert refused.text.count('aria-invalid="true"') == 3


def test_a_visit_is_recorded_on_the_case_page_by_the_two_who_went(visiting):
    hr = signed_in(visiting, web_app(visiting))
    task = open_tasks(visiting)[0]
    assert "员工的直接主管不去" in hr.get(CASE).text
    visiting.clock.pass_by(days=30)
    scan = (io.BytesIO(b"\xff\xd8\xff\xe0" + bytes(60)), "slip.jpg")

    refused = post(hr, CASE, f"{CASE}/tasks/{task.id}", **{**VISIT, "no_supervisor": ""})
    assert "直接主管" in refused.text
    assert open_tasks(visiting)
    assert post(hr, CASE, f"{CASE}/tasks/{task.id}", scan=scan, **VISIT).status_code == 303

    (line,) = told_of_visit(visiting)
    assert line.told["visit"]["at"] == "2026-11-23T01:30:00.000Z"
    assert "李娜、王强" in hr.get(CASE).text


# --- the API ------------------------------------------------------------------------------------------


def test_a_visit_is_recorded_over_the_api_and_not_by_halves(visiting):
    hr = Program(visiting, "hr", "read", "write", "tasks")
    (task,) = hr.get("/tasks").json["items"]
    visit = {
        "people": ["李娜", "王强"],
        "no_supervisor": True,
        "at": "2026-11-20T09:30:00+08:00",
        "left": "没有",
    }
    visiting.clock.pass_by(days=30)

    assert problem(hr.post(f"/tasks/{task['id']}/outcome", {"outcome": "met"}))[::2] == (422, "visit")
    alone = {"outcome": "met", "visit": visit | {"people": ["李娜", "李娜"]}}
    assert problem(hr.post(f"/tasks/{task['id']}/outcome", alone))[::2] == (422, "visit")
    assert hr.post(f"/tasks/{task['id']}/outcome", {"outcome": "absent", "visit": visit}).status_code == 201


# --- what counsel is told -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("visit", "parts", "strength"),
    [
        ({"people": ["李娜", "王强"], "no_supervisor": True}, ("attachment-1",), Strength.PROVED),
        ({"people": ["李娜", "王强"], "no_supervisor": True}, (), Strength.ARGUABLE),
        ({"people": ["李娜", "李 娜"], "no_supervisor": True}, ("attachment-1",), Strength.ARGUABLE),
        ({"people": ["李娜", "王强"], "no_supervisor": False}, ("attachment-1",), Strength.ARGUABLE),
        (None, ("attachment-1",), Strength.ARGUABLE),
    ],
    ids=["two and a photo", "two without a photo", "one under two names", "with the supervisor", "before"],
)
def test_a_visit_proves_service_only_by_two_with_a_photo(world, visit, parts, strength):
    told = {"kind": "visit", "outcome": "met"} | ({"visit": visit} if visit else {})
    event = Event(
        "r", "task.done", 7, 7, b"", world.clock.now(), "user:u", "", "", "C0", told, "n", "t", parts
    )

    found = list(signs(None, [event], lambda _: b""))

    assert assess(found, None, world.clock.now().date(), load_calendar()).strength is strength


# --- the command line ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", policy_names())
def test_a_ladder_that_is_printed_reads_back_as_the_same_ladder(world, name):
    printed = CliRunner().invoke(huizheng, ["policy", "show", name], env={"HUIZHENG_CONFIG": None})

    assert printed.exit_code == 0
    assert policy_from_toml(printed.output) == load_policy(name)


def test_an_edited_file_is_checked_without_settings_and_refused_with_the_key(world, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(toml_of(load_policy("return_notice")), "utf-8")
    good = CliRunner().invoke(huizheng, ["policy", "check", str(file)])
    file.write_text(file.read_text("utf-8").replace('end = "20:00"', 'end = "23:00"'), "utf-8")
    bad = CliRunner().invoke(huizheng, ["policy", "check", str(file)])
    file.write_text("rungs = 3", "utf-8")
    broken = CliRunner().invoke(huizheng, ["policy", "check", str(file)])

    assert (good.exit_code, bad.exit_code, broken.exit_code) == (0, 1, 2)
    assert "windows.messages" in bad.output
    assert "policy" in broken.output


def test_a_case_is_moved_to_a_version_that_was_saved_from_a_file(world, tmp_path, monkeypatch):
    world.notify()
    for name in ("policy", "follow_up"):
        monkeypatch.setattr(f"bot.commands.{name}.open_desk", lambda _: world.desk)
        monkeypatch.setattr(f"bot.commands.{name}.read_settings", lambda _: None)
    file = tmp_path / "mine.toml"
    file.write_text(toml_of(load_policy("return_reminder")).replace("hours = 24", "hours = 48"), "utf-8")

    def run(*args):
        ran = CliRunner().invoke(huizheng, [str(arg) for arg in args])
        assert ran.exit_code == 0, ran.output
        return ran.output

    version = json.loads(run("policy", "save", file, "--json"))["version"]
    moved = json.loads(run("policy", "move", CASE_NO, version[:12], "--why", "多给一天", "--json"))
    listed = json.loads(run("policy", "list", "--json"))
    ours = next(one for one in listed if one["name"] == "return_reminder")

    assert moved == {"case_no": CASE_NO, "moved": 1}
    assert world.plan().policy_id == version == ours["version"]
    assert {one["id"]: one["running"] for one in ours["versions"]}[version] == 1
    assert "hours = 48" in run("policy", "show", "return_reminder", "--version", version[:12])
    assert "休养随访" in run("follow-up", "start", CASE_NO, "--since", "2026-11-16", "--contact", "李娜 0571")
    run("follow-up", "stop", CASE_NO, "--why", "员工说不用")
