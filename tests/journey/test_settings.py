"""Bad settings stop `check` and `serve` with one sentence that names the key and the remedy."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.commands.main import huizheng as group

GOOD = """
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

BAD = {
    "missing token": ('token = "HuizhengToken1"\n', "", "channels.wechat_oa.main.token"),
    "empty token": ('token = "HuizhengToken1"', 'token = ""', "channels.wechat_oa.main.token"),
    "42-character AES key": ("Kat9KatA", "Kat9Kat", "channels.wechat_oa.main.encoding_aes_key"),
    "unknown key": ('app_id = "wx', 'app_idd = "x"\napp_id = "wx', "channels.wechat_oa.main.app_idd"),
    "unknown section": ("[keys]", '[keyz]\nfile = "x"\n[keys]', "keyz"),
    "unknown channel": (
        "[channels.wechat_oa.main]",
        "[channels.pigeon.main]\n[channels.wechat_oa.main]",
        "channels.pigeon",
    ),
    "http off loopback": ("http://127.0.0.1:8460", "http://hz.example.cn", "server.public_url"),
    "unreachable database": (
        "sqlite:///{folder}/huizheng.db",
        "postgresql+psycopg://hz@127.0.0.1:9/hz",
        "database.url",
    ),
    "no such database": ("huizheng.db", "nowhere/huizheng.db", "database.url"),
    "database of another kind": ("sqlite:///{folder}/huizheng.db", "mysql://x/y", "database.url"),
    "missing key file": ("keys.json", "lost.json", "keys.file"),
    "bad origin": ("huizheng.k7m2p9qx/log/1", "somewhere else", "evidence.origin"),
    "sandbox on a public address": (
        'public_url = "http://127.0.0.1:8460"',
        'public_url = "https://hz.example.cn"\nsandbox = true',
        "server.sandbox",
    ),
    "not TOML": ("[server]", "[server", "config.toml"),
}
SECRETS = ("0123456789abcdef0123456789abcdef", "HuizhengToken1", "hz0Kat1Kat2")


def huizheng(folder: Path, *arguments: str, **env: str) -> Result:
    """Run a command as a terminal would; CliRunner gives its output and exit code."""
    return CliRunner().invoke(group, [*arguments, "--config", str(folder / "config.toml")], env=env)


@pytest.fixture
def deployed(tmp_path: Path) -> Path:
    """A folder with good settings and a database that is up to date."""
    (tmp_path / "config.toml").write_text(GOOD.format(folder=tmp_path))
    assert huizheng(tmp_path, "migrate").exit_code == 0
    return tmp_path


def test_good_settings_pass(deployed: Path):
    done = huizheng(deployed, "check")

    assert done.exit_code == 0, done.stdout + done.stderr
    assert "hooks/wechat_oa/main" in done.stdout


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_setting_is_named_in_one_sentence_with_its_remedy(deployed: Path, fault: str):
    old, new, key = BAD[fault]
    path = deployed / "config.toml"
    text = path.read_text()
    assert old.format(folder=deployed) in text
    path.write_text(text.replace(old.format(folder=deployed), new.format(folder=deployed), 1))

    done = huizheng(deployed, "check")

    said = done.stderr.strip().splitlines()[-1]
    assert done.exit_code == 2, done.stdout + done.stderr
    assert key in said
    assert re.search(r"[.:] ?\S", said)
    assert not any(secret in done.stdout + done.stderr for secret in SECRETS)
    assert "Traceback" not in done.stderr


def test_serve_stops_for_the_same_reason_as_check(deployed: Path):
    path = deployed / "config.toml"
    path.write_text(path.read_text().replace("Kat9KatA", "Kat9Kat"))
    checked, served = huizheng(deployed, "check"), huizheng(deployed, "serve")

    assert served.exit_code == 2
    assert served.stderr.splitlines()[-1] == checked.stderr.splitlines()[-1]


def test_the_environment_overrides_the_file_and_is_checked_too(deployed: Path):
    done = huizheng(deployed, "check", HUIZHENG_SERVER__PUBLIC_URL="http://hz.example.cn")

    assert done.exit_code == 2
    assert "server.public_url" in done.stderr


def test_a_database_without_a_log_says_how_to_start_one(tmp_path: Path):
    (tmp_path / "config.toml").write_text(GOOD.format(folder=tmp_path))
    assert huizheng(tmp_path, "migrate").exit_code == 0
    for left in tmp_path.glob("huizheng.db*"):
        left.unlink()

    done = huizheng(tmp_path, "check")

    assert done.exit_code == 2
    assert "huizheng migrate" in done.stderr


COMMANDS = (
    "", "serve", "web", "worker", "migrate", "check", "audit", "export", "verify", "sandbox", "token",
    "login-link",
)  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str):
    done = CliRunner().invoke(group, [*command.split(), "--help"])

    assert done.exit_code == 0
    assert "Usage:" in done.stdout
    assert len(done.stdout) > 150
