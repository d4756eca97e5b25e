"""The commands: erase, hold, keys escrow, rehearse and restore, and what check reminds of."""

import json
from pathlib import Path

import pytest
from click.testing import Result

from bot.commands.common import open_desk, read_settings
from handlers.open_case import CaseData, open_case
from handlers.people import EmployeeData, save_employee, save_user
from tests.journey.test_settings import deployed, huizheng
from tests.world import MONDAY

__all__ = ["deployed"]  # a fixture


@pytest.fixture
def staffed(deployed: Path) -> Path:
    """A deployment with two people and one open case."""
    desk = open_desk(read_settings(deployed / "config.toml"))
    with desk.archive.writing() as book:
        for login, role in (("lina", "hr"), ("zhoumin", "legal")):
            save_user(book, login, login, role, "system:test")
        save_employee(book, EmployeeData("E-1", "张伟", "恒力五金有限公司", "一厂"), "system:test")
        open_case(book, CaseData("GS-1", "E-1", MONDAY.replace(year=2025)), "system:test")
    desk.archive.engine.dispose()
    return deployed


def done(folder: Path, *words: str) -> str:
    result = huizheng(folder, *words)
    assert result.exit_code == 0, result.output
    return result.stdout.strip()


def refused(folder: Path, *words: str) -> str:
    result: Result = huizheng(folder, *words)
    assert result.exit_code == 1
    return result.stderr


def test_one_asks_another_approves_and_a_hold_stands_between(staffed: Path):
    ask = ("erase", "ask", "GS-1", "--ground", "consent-withdrawn", "--why", "员工要求", "--by", "lina")
    hold = done(staffed, "hold", "set", "GS-1", "--ground", "litigation", "--why", "一审", "--by", "zhoumin")
    assert "GS-1" in done(staffed, "hold", "list")
    assert "诉讼" in refused(staffed, *ask)
    done(staffed, "hold", "lift", hold, "--why", "已撤诉", "--by", "zhoumin")
    first = done(staffed, *ask)
    done(staffed, "erase", "refuse", first, "--why", "请补充身份证明", "--by", "zhoumin")
    second = done(staffed, *ask)
    assert "只有法务或管理员" in refused(staffed, "erase", "approve", second, "--by", "lina")
    assert "没有用户" in refused(staffed, "erase", "approve", second, "--by", "nobody")
    erased = json.loads(done(staffed, "erase", "approve", second, "--by", "zhoumin", "--json"))

    assert erased["records"] == 3  # the case, the hold set and lifted
    states = {one["state"] for one in json.loads(done(staffed, "erase", "list", "--json"))}
    assert states == {"refused", "done"}
    assert "sound" in done(staffed, "audit")


def test_the_key_is_escrowed_rehearsed_and_restored(deployed: Path):
    assert "STILL TO DO: the deployment key is not escrowed" in done(deployed, "check")
    a, b = deployed / "a.share", deployed / "b.share"
    done(deployed, "keys", "escrow", "--to", str(a), "--to", str(b))
    assert "STILL TO DO: the escrow was never rehearsed" in done(deployed, "check")
    sheet = (deployed / "b.share.txt").read_text()
    assert "█" in sheet
    assert {path.stat().st_mode & 0o777 for path in deployed.glob("*.share*")} == {0o600}
    b.unlink()
    (deployed / "typed").write_text(sheet)
    done(deployed, "keys", "rehearse", "--from", str(a), "--from", str(deployed / "typed"))
    assert "escrow: the two shares gave the key in use" in done(deployed, "check")

    both = ("--from", str(a), "--from", str(deployed / "typed"))
    assert "is there already" in refused(deployed, "keys", "restore", *both)
    (file,) = deployed.glob("keys*")
    before = json.loads(file.read_text())
    file.unlink()
    done(deployed, "keys", "restore", *both)
    assert json.loads(file.read_text()) == before
    assert "sound" in done(deployed, "audit")


@pytest.mark.parametrize("files", [["a"], ["a", "a"], ["a", "b", "c"]], ids=["one", "the same", "three"])
def test_a_key_is_split_to_exactly_two(deployed: Path, files: list[str]):
    words = [word for name in files for word in ("--to", str(deployed / name))]
    result = huizheng(deployed, "keys", "escrow", *words)

    assert result.exit_code == 2
    assert "twice" in result.stderr


def test_a_share_that_is_there_already_is_not_replaced_and_nothing_is_recorded(deployed: Path):
    (deployed / "b").write_text("something of mine")
    words = ("keys", "escrow", "--to", str(deployed / "a"), "--to", str(deployed / "b"))

    assert "name a new file" in refused(deployed, *words)
    assert "STILL TO DO: the deployment key is not escrowed" in done(deployed, "check")
