"""Each import contract holds, and each is shown to catch a break."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())
CONTRACTS = [contract["name"] for contract in SETTINGS["tool"]["importlinter"]["contracts"]]
ROOMS = SETTINGS["tool"]["importlinter"]["root_packages"]

# contract -> the files that break it and nothing else; a new file gets a name that no real one has
BREAKS = {
    "rooms lie in layers": {"storage/zz.py": "import handlers"},
    "the bot's own rooms lie in layers": {"bot/webhooks/zz.py": "import bot.pages"},
    "nothing goes in circles": {
        "handlers/zz_one.py": "import handlers.zz_two",
        "handlers/zz_two.py": "import handlers.zz_one",
    },
    "only commands start the sandbox": {"bot/app.py": "import sandbox"},
    "the sandbox shares nothing with us or with the vendors' clients": {"sandbox/zz.py": "import wechatpy"},
    "only the registry names a channel": {"bot/app.py": "import bot.channels"},
    "channels do not know each other": {
        "bot/channels/zz_one.py": "import bot.channels.zz_two",
        "bot/channels/zz_two.py": "",
    },
    "only storage talks to the database": {"handlers/zz.py": "import sqlalchemy"},
    "casework only calculates": {"casework/zz.py": "import flask"},
    "evidence stands alone": {"evidence/zz.py": "import requests"},
    "the signer sees only storage and evidence": {"scheduler/signer/zz.py": "import casework"},
}


@pytest.fixture
def tree(tmp_path):
    """A copy of everything that the linter reads."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "static"))
    (tmp_path / "tests/architecture").mkdir(parents=True)
    for name in ("pyproject.toml", "tests/architecture/contracts.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def broken_contracts(tree):
    """Run the linter as `make check` does and return what it calls broken, with its whole answer."""
    program = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([program, "--no-cache"], cwd=tree, capture_output=True, text=True, timeout=100)
    assert "Contracts:" in ran.stdout, ran.stdout + ran.stderr  # it judged, rather than gave up
    return re.findall(r"^(.*) BROKEN", ran.stdout, re.MULTILINE), ran.stdout


def add(tree, path, line):
    file = tree / path
    file.parent.mkdir(exist_ok=True)
    before = file.read_text() if file.exists() else ""
    file.write_text(f"{before}\n{line}\n")


def test_all_contracts_hold(tree):
    broken, said = broken_contracts(tree)

    assert broken == [], said


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_break_is_caught_by_its_contract_and_by_no_other(tree, contract):
    for path, line in BREAKS[contract].items():
        add(tree, path, line)

    broken, said = broken_contracts(tree)

    assert broken == [contract], said


def test_a_new_room_inside_the_bot_must_be_given_its_layer(tree):
    add(tree, "bot/zz.py", "")

    broken, said = broken_contracts(tree)

    assert broken == ["the bot's own rooms lie in layers"], said
