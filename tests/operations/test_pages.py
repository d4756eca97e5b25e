"""Pages and deployment files say what the program does: every finding, figure, incident and limit."""

import configparser
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from bot.commands.main import COMMANDS
from bot.console.words import FINDINGS
from bot.monitoring import monitoring
from handlers.vitals import findings_of
from scheduler.pulse import INTERVALS, LEAST
from scheduler.running import DRAIN
from storage.roles import LEASE
from tests.operations.test_selfaudit import EMPTY, NOW, WELL

ROOT = Path(__file__).parents[2]
OPERATING = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
COMPOSE = (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")


def every_code() -> list[str]:
    ill = replace(
        WELL, halted="x", beat=None, overdue_since=NOW - timedelta(days=1), open_late=1,
        unread_since=NOW - timedelta(days=1), dead_letters=1,
    )  # fmt: skip
    spool = replace(EMPTY, files=1, aside=1, oldest=NOW - timedelta(days=1))
    return [one.code for one in findings_of(ill, spool, NOW, NOW)]


def test_every_finding_has_a_row_in_the_page_and_a_chinese_text():
    assert set(every_code()) == set(FINDINGS)
    for code in every_code():
        assert f"| `{code}` |" in OPERATING


def test_every_figure_is_explained(here):
    app = Flask("figures")
    app.register_blueprint(monitoring(here.desk))
    names = set(re.findall(r"^# HELP (\w+)", app.test_client().get("/metrics").text, re.MULTILINE))

    assert len(names) > 8
    assert [name for name in sorted(names) if f"`{name}`" not in OPERATING] == []


@pytest.mark.parametrize(
    "said",
    [
        f"within {DRAIN:.0f} seconds",
        f"within {LEASE.seconds} seconds",
        "three of its intervals, at least a minute",
    ],
)
def test_the_limits_in_the_page_are_those_of_the_program(said):
    assert (INTERVALS, LEAST) == (3, 60)
    assert said in OPERATING


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_a_command_that_exists_hardened_and_with_time_to_drain(unit: Path):
    parser = configparser.ConfigParser(strict=True, interpolation=None)
    parser.optionxform = str
    parser.read_string(unit.read_text())
    service = parser["Service"]
    words = service["ExecStart"].split()

    assert words[1] in COMMANDS or words[1:3] == ["-m", "scheduler.signer"]
    assert service["Restart"] == "always"
    assert service["NoNewPrivileges"] == "yes" and service["ProtectSystem"] == "strict"
    assert words[1] != "worker" or int(service["TimeoutStopSec"]) > DRAIN


def test_compose_runs_commands_that_exist_and_gives_a_worker_time_to_drain():
    commands = re.findall(r"^    command: \[(\w+)\]", COMPOSE, re.MULTILINE)

    assert sorted(commands) == ["migrate", "web", "worker"]
    assert set(commands) <= set(COMMANDS)
    assert int(re.search(r"command: \[worker\]\s+stop_grace_period: (\d+)s", COMPOSE)[1]) > DRAIN
    assert "/healthz" in COMPOSE and "readyz" not in COMPOSE.replace("/readyz is for alarms", "")
