"""The workers under test: real processes that are killed, stopped and replaced at once."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection
from pathlib import Path
from types import TracebackType

DRAIN = 60.0  # seconds that a worker may take to end what it began


class Crew:
    """So many workers on one database; whoever dies is replaced at once."""

    def __init__(self, config: Path, number: int, log: Path, pace: float) -> None:
        self._command = [sys.executable, "-m", "bot", "worker", "--config", str(config), "--pace", str(pace)]
        self._log = log.open("ab")
        self._stopped: dict[int, float] = {}  # place: monotonic moment at which it goes on
        self.kills = self.stops = self.deaths = 0
        self._workers = [self._started() for _ in range(number)]

    def kill(self, dice: random.Random, at_work: Collection[str]) -> bool:
        """Kill one of those at work with SIGKILL, stopped or not, and start another in its place.

        False when nobody has come to work yet: to kill one that only starts would prove little.
        """
        places = self._places(at_work)
        if not places:
            return False
        place = dice.choice(places)
        self._workers[place].kill()
        self._workers[place].wait()
        self._stopped.pop(place, None)
        self._workers[place] = self._started()
        self.kills += 1
        return True

    def stop(self, dice: random.Random, seconds: float, at_work: Collection[str]) -> bool:
        """Let one of those at work stand still for so long, as a suspended host does; False: nobody was."""
        places = [place for place in self._places(at_work) if place not in self._stopped]
        if not places:
            return False
        place = dice.choice(places)
        os.kill(self._workers[place].pid, signal.SIGSTOP)
        self._stopped[place] = time.monotonic() + seconds
        self.stops += 1
        return True

    def look_after(self) -> None:
        """Wake those whose time has come, and replace those that ended by themselves."""
        for place, until in list(self._stopped.items()):
            if until <= time.monotonic():
                self._wake(place)
        for place, worker in enumerate(self._workers):
            if worker.poll() is not None:
                self.deaths += 1
                self._stopped.pop(place, None)
                self._workers[place] = self._started()

    def wake_all(self) -> None:
        """Let nobody stand still any longer."""
        for place in list(self._stopped):
            self._wake(place)

    def __enter__(self) -> "Crew":
        """Return the crew itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let everybody end what was begun."""
        self.wake_all()
        for worker in self._workers:
            worker.terminate()
        for worker in self._workers:
            try:
                worker.wait(DRAIN)
            except subprocess.TimeoutExpired:
                worker.kill()
                worker.wait()
        self._log.close()

    def _wake(self, place: int) -> None:
        os.kill(self._workers[place].pid, signal.SIGCONT)
        del self._stopped[place]

    def _places(self, at_work: Collection[str]) -> list[int]:
        return [place for place, one in enumerate(self._workers) if _name(one.pid) in at_work]

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdout=self._log, stderr=self._log)


def _name(pid: int) -> str:
    """Return what a worker calls itself."""
    return f"{socket.gethostname()}/{pid}"
