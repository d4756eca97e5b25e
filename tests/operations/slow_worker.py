"""A real worker process whose gateway answers when a test lets it; run by test_processes.py."""

import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from bot.conversation import propose
from bot.desk import load_rules
from handlers.desk import Desk
from handlers.ports import Answer
from scheduler.running import run_until_told
from scheduler.who import Worker
from storage.book import Archive
from storage.engine import open_engine
from storage.ids import SystemIds
from tests.engine.world import KEYS, PretendChannel


class RunningClock:
    """Business and real time from a given moment on, whatever the hour is outside."""

    def __init__(self, at: datetime) -> None:
        self._at, self._since = at, time.monotonic()

    def now(self) -> datetime:
        passed = timedelta(milliseconds=int((time.monotonic() - self._since) * 1000))
        return self._at + passed

    real = now


class Slow(PretendChannel):
    """A gateway that has everything written down, and answers once a file named ``go`` is there."""

    def __init__(self, name: str, folder: Path) -> None:
        super().__init__(name)
        self._folder = folder

    def send(self, request: bytes) -> Answer:
        with (self._folder / "taken").open("ab", buffering=0) as file:
            file.write(request + b"\n")
        while not (self._folder / "go").exists():
            time.sleep(0.01)
        return super().send(request)


def main(url: str, at: str, folder: str, name: str) -> int:
    channel = Slow("wechat_oa", Path(folder))
    archive = Archive(open_engine(url, KEYS), KEYS, RunningClock(datetime.fromisoformat(at)), SystemIds())
    channels, rules = {(channel.name, channel.account): channel}, load_rules(frozenset({channel.name}))
    desk = Desk(archive, channels, rules, propose, "http://127.0.0.1:8460", data_dir=Path(folder))
    return run_until_told(Worker(desk, name, pace=0.1))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
