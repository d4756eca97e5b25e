"""`huizheng chaos` as a buyer's engineer runs it: workers are killed under load, and all books agree."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def chaos(*words: str, seconds: float) -> dict:
    """Run it and return its report; whatever it says goes into a failure's text."""
    command = [sys.executable, "-m", "bot", "chaos", "--json", *words]
    with subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        try:
            out, err = running.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            running.terminate()  # it stops what it started; a kill would leave that behind
            out, err = running.communicate()
    assert running.returncode == 0, out + err[-4000:]
    print(err.splitlines()[0], out)
    return json.loads(out)


def faultless(report: dict) -> bool:
    return (report["lost"], report["duplicated"], report["verified"], report["settled"]) == (0, 0, True, True)


def test_fault_08_workers_killed_at_random_lose_and_repeat_nothing():
    """A sample of seconds on one of the two databases; the seed that is printed plays it again."""
    seed = random.randrange(10**6)
    database = random.Random(seed).choice(["sqlite", "postgresql"])
    print(f"seed {seed} on {database}")
    report = chaos(
        "--seed", str(seed), "--database", database, "--minutes", "0.06", "--workers", "2", "--pace", "0.1",
        seconds=110,
    )  # fmt: skip

    assert faultless(report) and report["messages"] >= 10


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("blind", [False, True], ids=["", "blind"])
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_fault_08_a_thousand_messages_fifty_kills_on_both_databases(database: str, blind: bool):
    words = ["--database", database, "--minutes", "2", "--workers", "4", *(["--blind"] if blind else [])]
    report = chaos(*words, seconds=1700)

    assert faultless(report)
    assert report["messages"] >= 1000 and report["kills"] >= 50
    assert report["database_restarts"] >= 3 or database == "sqlite"
    assert report["unknown_listed"] > 0 or not blind


def test_a_database_in_use_is_never_touched(database_url: str):
    command = [sys.executable, "-m", "bot", "chaos", "--database", database_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert "give an empty one" in done.stderr
