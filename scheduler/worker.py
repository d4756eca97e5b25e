"""The worker: an in-memory heartbeat that runs the sweeps; nothing about a case lives in it."""

import signal
from collections.abc import Callable
from datetime import timedelta
from threading import Event

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from scheduler.anchors import anchor_due
from scheduler.checkpoints import sign_checkpoints
from scheduler.resolve import resolve_lost
from scheduler.retention import check_log, forget_strays, review_retention
from scheduler.sweeps import send_due, understand_new
from scheduler.who import Worker
from storage.health import record_sweep
from storage.log import read_head

log = structlog.get_logger(__name__)

Sweep = Callable[[Worker], int]
SWEEPS: dict[str, tuple[Sweep, timedelta]] = {
    "send_due": (send_due, timedelta(seconds=2)),
    "understand_new": (understand_new, timedelta(seconds=2)),
    "resolve_lost": (resolve_lost, timedelta(seconds=15)),
    "sign_checkpoints": (sign_checkpoints, timedelta(seconds=10)),
    "anchor_due": (anchor_due, timedelta(seconds=10)),
    "review_retention": (review_retention, timedelta(hours=1)),
    "forget_strays": (forget_strays, timedelta(hours=1)),
    "check_log": (check_log, timedelta(minutes=10)),
}


class Heart:
    """Runs the sweeps until it is stopped; a stop lets the sweep under way finish."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._scheduler = BackgroundScheduler(timezone="UTC")
        for name, (_, every) in SWEEPS.items():
            self._scheduler.add_job(
                self.beat, "interval", args=[name], seconds=every.total_seconds() * worker.pace, id=name,
                coalesce=True, misfire_grace_time=None, max_instances=1,
            )  # fmt: skip

    def start(self) -> None:
        """Begin; the first beats come one interval from now."""
        self._scheduler.start()

    def stop(self) -> None:
        """Begin nothing new and wait for what is under way."""
        self._scheduler.shutdown(wait=True)

    def beat(self, name: str) -> int:
        """Run one sweep until it finds nothing more, and note that it ran.

        While the log is halted it does nothing: what cannot be recorded is not done.
        """
        total = 0
        try:
            while not self._halted() and (taken := SWEEPS[name][0](self._worker)):
                total += taken
            with self._worker.desk.archive.engine.begin() as connection:
                record_sweep(connection, self._worker.name, name, self._worker.desk.archive.clock.real())
        except Exception:
            log.exception("sweep_failed", sweep=name)
        return total

    def _halted(self) -> bool:
        with self._worker.desk.archive.reading() as view:
            return read_head(view.connection).halted is not None


def run_until_told(heart: Heart) -> None:
    """Run a worker process until SIGTERM or SIGINT, then drain."""
    told = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    heart.start()
    while not told.wait(0.5):
        pass  # waiting in short pieces lets the signal handler run on every platform
    heart.stop()
