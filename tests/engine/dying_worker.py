"""A worker process that is killed (SIGKILL) where it is told; run by test_killed_process.py."""

import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from bot.conversation import propose
from bot.desk import load_rules
from handlers.desk import Desk
from handlers.ports import Answer
from scheduler.sweeps import send_due
from scheduler.who import Worker
from storage.book import Archive
from storage.engine import open_engine
from storage.ids import SystemIds
from tests.engine.world import KEYS, HandClock, PretendChannel


class Remembering(PretendChannel):
    """A gateway whose memory is a file, so that it outlives the worker."""

    def __init__(self, name: str, memory: Path) -> None:
        super().__init__(name)
        self._memory = memory

    def send(self, request: bytes) -> Answer:
        with self._memory.open("a") as file:
            file.write(request.decode() + "\n")
            file.flush()
            os.fsync(file.fileno())
        return super().send(request)


def main(url: str, memory: str, at: str, point: str) -> None:
    def reached(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    channel = Remembering("wechat_oa", Path(memory))
    archive = Archive(open_engine(url, KEYS), KEYS, HandClock(datetime.fromisoformat(at)), SystemIds())
    channels = {(channel.name, channel.account): channel}
    desk = Desk(archive, channels, load_rules(frozenset({channel.name})), propose, "http://127.0.0.1:8460")
    send_due(Worker(desk, "worker-dying", reached))
    print(json.dumps("survived"))


if __name__ == "__main__":
    main(*sys.argv[1:])
