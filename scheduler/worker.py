"""The worker: an in-memory heartbeat that runs the sweeps; nothing about a case lives in it."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock, Thread

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from scheduler.anchors import anchor_due
from scheduler.checkpoints import sign_checkpoints
from scheduler.follow_ups import compose_follow_ups
from scheduler.pulse import Pulse
from scheduler.resolve import resolve_lost
from scheduler.retention import check_log, forget_strays, review_retention
from scheduler.selfaudit import audit_self
from scheduler.sweeps import send_due, understand_new
from scheduler.who import Worker
from storage.health import record_sweep
from storage.log import read_head
from storage.migrations import newest_revision, revision_of
from storage.readiness import is_away

log = structlog.get_logger(__name__)

Sweep = Callable[[Worker], int]
Sweeps = Mapping[str, tuple[Sweep, timedelta]]
SWEEPS: Sweeps = {
    "send_due": (send_due, timedelta(seconds=2)),
    "understand_new": (understand_new, timedelta(seconds=2)),
    "resolve_lost": (resolve_lost, timedelta(seconds=15)),
    "sign_checkpoints": (sign_checkpoints, timedelta(seconds=10)),
    "anchor_due": (anchor_due, timedelta(seconds=10)),
    "compose_follow_ups": (compose_follow_ups, timedelta(minutes=10)),
    "review_retention": (review_retention, timedelta(hours=1)),
    "forget_strays": (forget_strays, timedelta(hours=1)),
    "check_log": (check_log, timedelta(minutes=10)),
    "audit_self": (audit_self, timedelta(minutes=5)),
}
SENDS = "send_due"  # the sweep that lets messages leave
NOTED_EVERY = 1.0  # seconds: a sweep that comes round sooner is not written down each time
AFTER_OUTAGE = 5.0  # seconds without sending after the database was away: replies may lie in a spool


class Heart:
    """Runs the sweeps until it is stopped; a stop lets the send under way finish."""

    def __init__(self, worker: Worker, sweeps: Sweeps | None = None) -> None:
        self._worker, self._sweeps = worker, SWEEPS if sweeps is None else sweeps
        self.pulses = {
            name: Pulse(every.total_seconds() * worker.pace, time.monotonic())
            for name, (_, every) in self._sweeps.items()
        }
        self._running = {name: Lock() for name in self._sweeps}
        self._noted: dict[str, float] = {}
        self._no_sends_before = 0.0  # on the monotonic clock
        self._schema = newest_revision()
        self._scheduler = self._made()

    @property
    def alive(self) -> bool:
        """Whether the scheduler's own thread lives."""
        thread: Thread | None = getattr(self._scheduler, "_thread", None)
        return thread is not None and thread.is_alive()

    def start(self) -> None:
        """Begin; the first beats come one interval from now."""
        self._scheduler.start()

    def stop(self, within: float | None = None) -> bool:
        """Begin nothing new and wait for what is under way; False when it took longer than ``within`` s."""
        self._worker.told.set()
        if not self.alive:
            return all(not lock.locked() for lock in self._running.values())
        ending = Thread(target=self._scheduler.shutdown, name="drain", daemon=True)
        ending.start()
        ending.join(within)
        return not ending.is_alive()

    def hurry(self) -> None:
        """Let every sweep begin now, whatever the wall clock said before."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC))
        self._scheduler.wakeup()

    def revive(self) -> None:
        """Put a new scheduler in the place of one whose thread has died."""
        self._scheduler = self._made()
        self._scheduler.start()
        self.hurry()

    def hold_sends(self, seconds: float) -> None:
        """Send nothing for a while; clocks, webhooks and people's tasks go on."""
        self._no_sends_before = max(self._no_sends_before, time.monotonic() + seconds)

    def beat(self, name: str) -> int:
        """Run one sweep until it finds nothing more, and note that it ran.

        While the log is halted it does nothing: what cannot be recorded is not done.
        """
        if not self._running[name].acquire(blocking=False):
            return 0  # the one before a revival still runs
        total = 0
        try:
            while self._may_go_on(name) and (taken := self._once(name)):
                total += taken
            self._note(name)
        except Exception as error:
            log.exception("sweep_failed", sweep=name)
            if is_away(error):
                self.hold_sends(AFTER_OUTAGE * self._worker.pace)
        finally:
            self.pulses[name].end(time.monotonic())
            self._running[name].release()
        return total

    def _once(self, name: str) -> int:
        self.pulses[name].begin(time.monotonic())
        taken = self._sweeps[name][0](self._worker)
        if taken:
            self._note(name)  # a long backlog is no silence
        return taken

    def _note(self, name: str) -> None:
        if time.monotonic() - self._noted.get(name, -NOTED_EVERY) < NOTED_EVERY:
            return
        self._noted[name] = time.monotonic()
        archive = self._worker.desk.archive
        with archive.engine.begin() as connection:
            record_sweep(connection, self._worker.name, name, archive.clock.real())

    def _may_go_on(self, name: str) -> bool:
        if self._worker.told.is_set() or (name == SENDS and time.monotonic() < self._no_sends_before):
            return False
        with self._worker.desk.archive.reading() as view:
            revision, halted = revision_of(view.connection), read_head(view.connection).halted
        if revision != self._schema:
            log.error("schema_changed", remedy="start this worker again with the program that migrated")
            self._worker.told.set()
        return revision == self._schema and halted is None

    def _made(self) -> BackgroundScheduler:
        pool = ThreadPoolExecutor(len(self._sweeps) + 2)
        scheduler = BackgroundScheduler(timezone="UTC", executors={"default": pool})
        for name, pulse in self.pulses.items():
            scheduler.add_job(
                self.beat, "interval", args=[name], seconds=pulse.every, id=name,
                coalesce=True, misfire_grace_time=None, max_instances=1,
            )  # fmt: skip
        return scheduler
