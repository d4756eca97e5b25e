"""`serve` keeps its child processes alive: one that died is started again, later each time."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger(__name__)

LOOK = 0.2  # seconds between two looks at a child
FIRST, LONGEST = 1.0, 60.0  # seconds before a dead child is started again; doubled each time
STEADY = 60.0  # seconds after which a child counts as sound again
END_WITHIN = 60.0

Start = Callable[[], "subprocess.Popen[bytes]"]


@contextmanager
def kept_alive(name: str, start: Start, first: float = FIRST) -> Iterator["Child"]:
    """Keep a child process alive for the time of the block; at its end the child is asked to end."""
    child = Child(name, start, first)
    child.start()
    try:
        yield child
    finally:
        child.stop()


class Child:
    """One child process under watch, from ``start`` to ``stop``."""

    def __init__(self, name: str, start: Start, first: float = FIRST) -> None:
        self._name, self._start, self._first = name, start, first
        self._over = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name=f"keeper-{name}", daemon=True)

    @property
    def pid(self) -> int | None:
        """Process id of the child that lives now."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Start the child and watch over it."""
        self._process = self._start()
        self._thread.start()

    def stop(self) -> None:
        """Ask the child to end, wait for it, and kill it only if it takes too long."""
        self._over.set()
        self._thread.join()
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(END_WITHIN)
        except subprocess.TimeoutExpired:
            log.error("child_killed", child=self._name, seconds=END_WITHIN)
            self._process.kill()
            self._process.wait()

    def _keep(self) -> None:
        wait, since = self._first, time.monotonic()
        while not self._over.wait(LOOK):
            assert self._process is not None
            code = self._process.poll()
            if code is None:
                continue
            wait = self._first if time.monotonic() - since > STEADY else wait
            log.error("child_died", child=self._name, code=code, starts_again_in=wait)
            if self._over.wait(wait):
                return
            try:
                self._process = self._start()
            except Exception:  # no memory for a fork just now: the next look tries again
                log.exception("child_not_started", child=self._name)
            since, wait = time.monotonic(), min(2 * wait, LONGEST)
