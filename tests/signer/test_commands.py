"""The signer as an operator meets it: started, looked at, its key changed, a restore named."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.commands.common import open_desk
from bot.commands.main import huizheng as group
from bot.commands.signer_child import signer_process
from bot.commands.working import look_back
from bot.config import Settings, load
from handlers.checkpoints import sign_now
from handlers.desk import Desk
from handlers.people import save_user
from tests.signer.office import holds

SETTINGS = """
[server]
public_url = "http://127.0.0.1:8460"
[database]
url = "sqlite:///{folder}/huizheng.db"
[keys]
file = "{folder}/keys.json"
[evidence]
origin = "huizheng.k7m2p9qx/log/1"
data_dir = "{folder}"
[channels.wechat_oa.main]
app_id = "wx0123456789abcdef"
app_secret = "0123456789abcdef0123456789abcdef"
token = "HuizhengToken1"
encoding_aes_key = "hz0Kat1Kat2Kat3Kat4Kat5Kat6Kat7Kat8Kat9KatA"
[channels.wechat_oa.main.templates.default]
id = "TPL"
fields = {{ thing1 = "title" }}
"""


def huizheng(folder: Path, *arguments: str, **more: str) -> Result:
    return CliRunner().invoke(group, [*arguments, "--config", str(folder / "config.toml")], **more)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.toml").write_text(SETTINGS.format(folder=tmp_path))
    assert huizheng(tmp_path, "migrate").exit_code == 0
    return tmp_path


@contextmanager
def desk_of(folder: Path) -> Iterator[Desk]:
    desk = open_desk(settings_of(folder))
    try:
        yield desk
    finally:
        desk.archive.engine.dispose()


def settings_of(folder: Path) -> Settings:
    return load(folder / "config.toml", {})


def signer(folder: Path):
    return signer_process(settings_of(folder), folder / "signer.log")


def back_up(path: Path, to: Path) -> None:
    with closing(sqlite3.connect(path)) as db, closing(sqlite3.connect(to)) as copy:
        db.backup(copy)


def check(folder: Path) -> dict[str, dict]:
    return {one["what"]: one for one in json.loads(huizheng(folder, "check", "--json").stdout)["checks"]}


def test_it_is_started_beside_us_signs_and_stops(folder: Path):
    assert check(folder)["signer"]["right"]  # a log that was never signed is no fault
    assert "not signed yet" in check(folder)["signer"]["said"]
    with signer(folder) as child, desk_of(folder) as desk:
        assert sign_now(desk) is not None
        assert check(folder)["signer"]["right"]
        assert "same-user" in check(folder)["signer"]["said"]
        with signer(folder) as second:
            assert second is None  # the one that answers is enough
    assert child.returncode == 0
    assert not (folder / "signer.sock").exists()
    assert not check(folder)["signer"]["right"]  # now it is missed
    assert "does not answer" in check(folder)["signer"]["said"]


def test_one_that_others_run_is_never_replaced_by_a_child(folder: Path):
    settings = load(folder / "config.toml", {"HUIZHENG_EVIDENCE__SIGNER_SOCKET": str(folder / "else.sock")})
    with signer_process(settings) as child:
        assert child is None


def test_a_key_that_others_can_read_stops_it_with_a_sentence(folder: Path):
    with signer(folder):
        pass
    (folder / "signer" / "key.json").chmod(0o644)
    done = huizheng(folder, "signer")

    assert done.exit_code == 1
    assert "can be read by others" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.long  # in one process: test_checkpoints.py
def test_its_key_is_changed_by_a_command(folder: Path):
    with signer(folder):
        done = huizheng(folder, "keys", "rotate", "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert holds(told["note"], told["old"], told["new"])


@pytest.mark.parametrize("command", [("keys", "rotate"), ("epoch", "start", "--reason", "x", "--yes")])
def test_a_command_that_needs_it_says_so_when_it_is_away(folder: Path, command: tuple[str, ...]):
    done = huizheng(folder, *command)
    assert (done.exit_code, "does not answer" in done.stderr) == (1, True)
    assert check(folder)["log"]["right"]


@pytest.mark.long  # step by step: test_restore.py
def test_a_restored_database_is_halted_at_the_start_and_goes_on_in_a_new_epoch(folder: Path):
    with signer(folder), desk_of(folder) as desk:
        sign_now(desk)
    back_up(folder / "huizheng.db", folder / "old")
    with signer(folder), desk_of(folder) as desk:
        with desk.archive.writing() as book:
            save_user(book, "wang", "王强", "hr", "system:test")
        sign_now(desk)
    for left in folder.glob("huizheng.db*"):
        left.unlink()
    shutil.copyfile(folder / "old", folder / "huizheng.db")
    with signer(folder):
        with desk_of(folder) as desk:
            look_back(desk)  # what serve, web and worker do first
        assert "the signer has read" in check(folder)["log"]["said"]
        assert huizheng(folder, "login-link", "wang").exit_code != 0
        left = huizheng(folder, "epoch", "start", "--reason", "backup", input="n\n")
        assert left.exit_code == 1
        assert not check(folder)["log"]["right"]
        done = huizheng(folder, "epoch", "start", "--reason", "backup", "--yes", "--json")
        assert done.exit_code == 0, done.stderr
        assert json.loads(done.stdout)["lost"] == [2, 3]
        found = check(folder)
        assert found["log"]["right"]
        assert "huizheng.k7m2p9qx/log/2" in found["log"]["said"]
        assert found["signer"]["right"]
        assert huizheng(folder, "login-link", "wang").exit_code == 0
        assert huizheng(folder, "audit").exit_code == 0
