"""`simulate` and `calendar` at the command line, and the same simulation over the API."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.commands.doctor import check_calendar
from bot.commands.main import huizheng as group
from casework.calendar_notice import amended
from casework.ladder_form import policy_names
from casework.workdays import load_calendar
from tests.simulation.notice_2027 import TEXT, notice

SIMULATE = ("simulate", "--policy", "return_reminder", "--start")


def run(*arguments: str) -> Result:
    """Run a command without any settings; an error's sentence stands in one line whatever its width."""
    return CliRunner(env={"HUIZHENG_CONFIG": None, "COLUMNS": "200"}).invoke(group, arguments)


def test_a_ladder_is_foreseen_without_settings_and_without_a_database():
    told = json.loads(run(*SIMULATE, "2026-02-11T09:00:00+08:00", "--json").stdout)

    call = told["steps"][2]
    assert (call["at"], call["at_local"]) == ("2026-02-14T01:00:00.000Z", "2026-02-14（周六）09:00")
    assert call["action"] == "call_contact" and "调休上班" in call["days"][0]
    assert told["calendar"] == {"version": "2026.1", "official_through": "2026-12-31"}
    assert len(told["policy"]["version"]) == 64
    assert told["provisional"] is False


def test_the_table_shows_when_what_and_why():
    shown = run(*SIMULATE, "2026-02-12T09:00:00+08:00").stdout

    for words in (
        "2026-02-24（周二）09:00",
        "打给紧急联系人",
        "春节放假，不算工作日",
        "国办发明电〔2025〕7号",
        "阶梯已走完",
    ):
        assert words in shown.replace("\n", "")


def test_a_provisional_time_bears_a_star():
    shown = run(*SIMULATE, "2027-02-04T09:00:00+08:00").stdout

    assert "2027-02-09（周二）09:00 *" in shown
    assert "带 * 的时间是暂定的" in shown


def test_a_start_without_a_zone_is_taken_for_beijing_and_said_so():
    naive, aware = (run(*SIMULATE, start, "--json") for start in ("2026-02-12", "2026-02-12T00:00+08:00"))

    assert json.loads(naive.stdout) == json.loads(aware.stdout)
    assert "taken as Beijing time" in naive.stderr and aware.stderr == ""


def test_outcomes_and_the_person_may_be_assumed():
    told = run(
        *SIMULATE, "2026-11-16T09:00+08:00", "--json", "--no-contact", "--channel", "sms_twilio",
        "--assume", "first=delivered", "--assume", "call=reached+1h", "--tasks-take", "2",
    )  # fmt: skip

    steps = json.loads(told.stdout)["steps"]
    assert [step["action"] for step in steps] == ["send", "send", "call_employee", "paper", "counsel"]
    assert (steps[2]["assumed"], steps[2]["ends_at_local"]) == ("reached", "2026-11-19（周四）10:00")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--policy", "nope", "--start", "2026-02-12"), ", ".join(policy_names())),
        (("--policy", "lost.toml", "--start", "2026-02-12"), "lost.toml"),
        (("--policy", "notice", "--start", "tomorrow"), "2026-02-12T09:00:00+08:00"),
        (("--policy", "notice", "--start", "1026-02-12"), "2000 and 2199"),
        (("--policy", "notice", "--start", "2026-02-12", "--assume", "x=read"), "没有步骤 x"),
        (("--policy", "notice", "--start", "2026-02-12", "--channel", "pigeon"), "wechat_oa"),
    ],
)
def test_what_cannot_be_foreseen_ends_with_two_and_the_remedy(arguments, said):
    ended = run("simulate", *arguments)

    assert ended.exit_code == 2
    assert said in ended.stderr


def test_a_ladder_of_one_s_own_is_read_from_its_file(tmp_path: Path):
    packaged = Path(__file__).parents[2] / "casework/rules/ladders/notice.toml"
    own, broken = tmp_path / "own.toml", tmp_path / "broken.toml"
    own.write_text(packaged.read_text("utf-8").replace("hours = 24", "hours = 48"), "utf-8")
    broken.write_text("name = ", "utf-8")

    told = json.loads(run("simulate", "--policy", str(own), "--start", "2026-11-16T09:00", "--json").stdout)
    refused = run("simulate", "--policy", str(broken), "--start", "2026-11-16T09:00")

    assert told["steps"][1]["at_local"] == "2026-11-18（周三）09:00"
    assert refused.exit_code == 2 and "broken.toml" in refused.stderr


@pytest.fixture
def settings(tmp_path: Path) -> str:
    """A deployment of its own."""
    file = tmp_path / "config.toml"
    file.write_text(
        f"""
[server]
public_url = "http://127.0.0.1:8460"
[database]
url = "sqlite:///{tmp_path}/huizheng.db"
[keys]
file = "{tmp_path}/keys.json"
[evidence]
origin = "huizheng.k7m2p9qx/log/1"
data_dir = "{tmp_path}"
"""
    )
    assert run("migrate", "--config", str(file)).exit_code == 0
    return str(file)


def test_a_notice_is_imported_and_shown(settings: str, tmp_path: Path):
    file = tmp_path / "2027.toml"
    file.write_text(TEXT, "utf-8")
    before = run("calendar", "show", "--year", "2027", "--config", settings).stdout

    taken = json.loads(run("calendar", "import", str(file), "--config", settings, "--json").stdout)
    again = run("calendar", "import", str(file), "--config", settings)

    assert "2027 年（暂定" in before and "调休上班" not in before
    assert taken == {"from": "2026.1", "to": "2027.1", "changed": [], "recounted": 0}
    assert "calendar 2027.1 -> 2027.1" in again.stdout
    shown = run("calendar", "show", "--year", "2027", "--config", settings).stdout
    assert "2027 年（正式）" in shown and "2027-02-14（周日）　调休上班" in shown
    told = json.loads(run("calendar", "show", "--year", "2027", "--config", settings, "--json").stdout)
    worked = [one["day"] for one in told["days"] if one["worked"]]
    assert told["official"] and worked[:2] == ["2027-02-14", "2027-02-20"]


@pytest.mark.parametrize(
    ("text", "code", "said"), [("x =", 2, "2027.toml"), ('version = "2027.1"', 1, "[[off]]")]
)
def test_a_file_that_is_no_notice_is_refused(settings: str, tmp_path: Path, text: str, code: int, said: str):
    file = tmp_path / "2027.toml"
    file.write_text(text, "utf-8")

    ended = run("calendar", "import", str(file), "--config", settings)

    assert (ended.exit_code, said in ended.stderr) == (code, True)


def test_an_employee_whom_nobody_knows_is_named(settings: str):
    ended = run(*SIMULATE, "2026-11-16", "--employee", "E-9", "--config", settings)

    assert ended.exit_code == 2 and "没有工号为 E-9 的员工" in ended.stderr


@pytest.mark.parametrize(
    ("today", "right"),
    [
        (date(2026, 11, 30), True),
        (date(2026, 12, 1), False),
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), False),  # provisional
    ],
)
def test_check_warns_from_december_on_while_the_next_notice_is_missing(today: date, right: bool):
    found = check_calendar(load_calendar(), today)

    assert found.right is right
    assert right or "2027 is only provisional; `huizheng calendar import`" in found.said
    assert check_calendar(amended(load_calendar(), notice()), today).right
