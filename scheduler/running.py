"""A worker process from start to end: watch over the sweeps, drain on SIGTERM, and end in time."""

import os
import signal
import sys
from collections.abc import Callable

import structlog

from scheduler.watchdog import Watchdog
from scheduler.who import Worker
from scheduler.worker import Heart

log = structlog.get_logger(__name__)

DRAIN = 50.0  # seconds: longer than a gateway may take, shorter than a supervisor's patience
TICK = 0.5


def run_until_told(worker: Worker, may_stay: Callable[[], bool] = lambda: True) -> int:
    """Run a worker until SIGTERM or SIGINT, then drain; return the exit code.

    ``may_stay`` is asked every half second whether the process still holds the
    role under which it runs. 0 means told to end and drained; 1 that the
    supervisor must start another. A drain that takes too long ends the process
    at once: what was handed to a gateway stays ``sending``, and another worker
    finds out.
    """
    asked: list[int] = []  # a handler that set an event could meet its own lock
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: asked.append(number))
    heart = Heart(worker)
    watchdog = Watchdog(heart, worker)
    heart.start()
    watchdog.start()
    while not asked and not worker.told.wait(TICK) and may_stay():
        pass
    if not heart.stop(within=DRAIN):
        log.error("drain_took_too_long", seconds=DRAIN)
        sys.stderr.flush()
        os._exit(1)  # a thread that hangs would keep the interpreter from ending
    return 0 if asked else 1
