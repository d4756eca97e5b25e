"""kill -9 of a real worker process, with a gateway that can tell nothing afterwards."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine.test_lost_answers import settle
from tests.engine.world import PretendChannel, World

ROOT = Path(__file__).parents[2]


def kill_worker(here: World, memory: Path, point: str) -> None:
    """Run a worker process that dies at this point."""
    command = [sys.executable, "-m", "tests.engine.dying_worker"]
    command += [here.url, str(memory), here.clock.at.isoformat(), point]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    dying = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert dying.returncode == -signal.SIGKILL, dying.stderr


@pytest.mark.parametrize(("point", "gone"), [("after_attempt", 0), ("after_accept", 1)])
def test_a_message_nobody_can_ask_about_is_never_sent_twice_and_goes_to_hr(
    make_world, tmp_path: Path, point: str, gone: int
):
    here: World = make_world(PretendChannel("wechat_oa"))
    notice = here.remind()
    memory = tmp_path / "gateway.jsonl"
    memory.touch()
    kill_worker(here, memory, point)
    assert here.attempts(notice) == ["sending"]
    here.clock.pass_time(seconds=61)
    settle(here)

    taken = [json.loads(line) for line in memory.read_text().splitlines()]
    assert len(taken) + len(here.channels["wechat_oa"].taken) == gone
    assert here.attempts(notice) == ["human"]
    assert [one.kind for one in here.open_tasks()] == ["unknown_attempt"]
