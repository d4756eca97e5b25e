"""docs/adding-a-channel.md keeps its word: an invented gateway joins without an edit to anything shared."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INVENTED = Path(__file__).parent / "invented"
LINE = '    "sms_invented": "bot.channels.sms_invented",\n'
CHANNEL, PAGE = "bot/channels/sms_invented.py", "docs/channels/sms_invented.md"
FAULTS = [  # a file, what is right in it, what a careless author writes, and the check that finds it
    (CHANNEL, "not hmac.compare_digest(", "hmac.compare_digest(b'x', ", "a_forgery_is_refused"),
    (CHANNEL, '"LOST": Outcome.REJECTED_PERM', '"LOST": Outcome.DELIVERED', "means_what_was_written"),
    (CHANNEL, 'Unsure("unreadable"', 'Throttled("unreadable"', "is_told_in_our_words"),
    (PAGE, "not that anybody saw it", "and somebody read it", "the_page_of_a_channel"),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what a channel touches, with the invented one added as the page says."""
    for folder in ("bot", "casework", "evidence", "handlers", "tests/channels", "docs/channels"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(INVENTED / "channel.py", tmp_path / "bot/channels/sms_invented.py")
    shutil.copy(INVENTED / "page.md", tmp_path / "docs/channels/sms_invented.md")
    shutil.copytree(INVENTED / "recordings", tmp_path / "tests/channels/recordings/sms_invented")
    shutil.copy(INVENTED / "emulator.py", tmp_path / "tests/channels/recordings/sms_invented/emulator.py")
    registry = tmp_path / "bot/registry.py"
    text = registry.read_text("utf-8")
    registry.write_text(text.replace("CHANNELS = {\n", "CHANNELS = {\n" + LINE, 1), "utf-8")
    return tmp_path


def test_an_invented_gateway_passes_the_shared_checks_unedited(copy):
    result = checked(copy)
    assert result.returncode == 0, result.stdout
    assert passed(result.stdout) >= 30


def test_a_bad_channel_is_found_out(copy):
    for file, right, wrong, _ in FAULTS:
        text = (copy / file).read_text("utf-8")
        assert right in text
        (copy / file).write_text(text.replace(right, wrong), "utf-8")
    result = checked(copy, " or ".join(check for *_, check in FAULTS))
    missed = [check for *_, check in FAULTS if not re.search(f"FAILED .*{check}", result.stdout)]
    assert result.returncode == 1 and missed == [], result.stdout


def checked(folder: Path, only: str = "test") -> subprocess.CompletedProcess[str]:
    """Run the shared checks of the copy on the invented channel alone."""
    (folder / "pytest.ini").write_text(
        "[pytest]\npythonpath = .\naddopts = --import-mode=importlib -W error\n"
    )
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))
    }
    quietly = ["-p", "no:cacheprovider", "-p", "no:xdist", "-q", "-rf"]
    selected = ["tests/channels/test_every_channel.py", "-k", f"sms_invented and ({only})"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *quietly, *selected],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def passed(summary: str) -> int:
    return int(summary.rsplit(" passed", 1)[0].rsplit(maxsplit=1)[-1])
