"""The watchdog: a thread on the monotonic clock that sees what the wall clock or a dead thread would hide."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Thread

import structlog

from handlers.incident import Incident, note_incident
from scheduler.who import Worker
from scheduler.worker import Heart

log = structlog.get_logger(__name__)

EVERY = 1.0  # seconds between two looks
JUMP = 5.0  # seconds that the wall clock may differ from the time that went by
STRIKES = 3  # silences in a row after which only a new process helps
HOLD = 3600.0  # seconds at most without sending after the wall clock jumped forward
SEAL_WITHIN = 10.0  # seconds that the watchdog itself waits for the database


@dataclass(frozen=True)
class Reading:
    """Three clocks at one moment: the wall, time awake, and time since the machine started."""

    wall: datetime
    awake: float
    boot: float


def jump_between(before: Reading, now: Reading) -> Incident | None:
    """Say whether the wall clock was moved, or the machine slept, between two readings."""
    passed = now.boot - before.boot
    moved = (now.wall - before.wall).total_seconds() - passed
    slept = passed - (now.awake - before.awake)
    if abs(moved) > JUMP:
        kind = "clock_forward" if moved > 0 else "clock_back"
        return Incident(kind, moved, before.wall, now.wall)
    return Incident("suspended", slept, before.wall, now.wall) if slept > JUMP else None


class Watchdog:
    """Looks every second; what it cannot mend ends the process, so that the supervisor starts another."""

    def __init__(self, heart: Heart, worker: Worker, read: Callable[[], Reading] | None = None) -> None:
        self._heart, self._worker = heart, worker
        self._read = read or self._clocks
        self._base = self._read()
        self.gave_up = False

    def start(self) -> None:
        """Look until the worker is told to stop."""
        Thread(target=self._run, name="watchdog", daemon=True).start()

    def look(self) -> list[Incident]:
        """Look once, mend what can be mended, and seal what was seen."""
        now = self._read()
        seen = [*self._jump(now), *self._dead(now), *self._silent(now), *self._stuck(now)]
        for incident in seen:
            log.error("incident", kind=incident.kind, seconds=round(incident.seconds), what=incident.what)
        if seen:
            self._seal(seen)
        return seen

    def _run(self) -> None:
        while not self._worker.told.wait(EVERY):
            try:
                self.look()
            except Exception:
                log.exception("watchdog_failed")

    def _jump(self, now: Reading) -> list[Incident]:
        seen = jump_between(self._base, now)
        if seen is None:
            return []
        self._base = now
        if seen.kind == "clock_forward":
            # Nobody knows which clock was right: no rung leaves before its time by the old one.
            self._heart.hold_sends(min(seen.seconds, HOLD))
        self._heart.hurry()
        return [seen]

    def _dead(self, now: Reading) -> list[Incident]:
        if self._heart.alive or self._worker.told.is_set():
            return []
        try:
            self._heart.revive()
        except Exception:
            log.exception("scheduler_not_revived")
            self._give_up()
        return [Incident("scheduler_dead", 0, self._base.wall, now.wall)]

    def _silent(self, now: Reading) -> list[Incident]:
        pulses = self._heart.pulses
        found = {name: pulse.silent_for(now.awake) for name, pulse in pulses.items()}
        late = {name: seconds for name, seconds in found.items() if seconds is not None}
        if not late:
            return []
        for name in late:
            pulses[name].strike(now.awake)
        self._heart.hurry()
        if max(pulses[name].strikes for name in late) >= STRIKES:
            self._give_up()
        names = ", ".join(sorted(late))
        return [Incident("sweep_silent", max(late.values()), self._base.wall, now.wall, names)]

    def _stuck(self, now: Reading) -> list[Incident]:
        for name, pulse in self._heart.pulses.items():
            if (seconds := pulse.stuck_for(now.awake)) is not None:
                self._give_up()  # a thread that hangs cannot be ended, a process can
                return [Incident("sweep_stuck", seconds, self._base.wall, now.wall, name)]
        return []

    def _give_up(self) -> None:
        log.error("worker_gives_up", remedy="the supervisor starts it again; read the lines before this one")
        self.gave_up = True
        self._worker.told.set()

    def _seal(self, seen: list[Incident]) -> None:
        """Write the incidents down, without letting a database that hangs hold the watchdog."""
        sealing = Thread(target=self._write, args=[seen], name="incident", daemon=True)
        sealing.start()
        sealing.join(SEAL_WITHIN)

    def _write(self, seen: list[Incident]) -> None:
        try:
            with self._worker.desk.archive.writing() as book:
                for incident in seen:
                    note_incident(book, incident, self._worker.name, self._worker.actor)
        except Exception:
            log.exception("incident_not_sealed", kinds=[one.kind for one in seen])

    def _clocks(self) -> Reading:
        boot = getattr(time, "CLOCK_BOOTTIME", None)  # Linux: goes on while the machine sleeps
        awake = time.monotonic()
        wall = self._worker.desk.archive.clock.real()
        return Reading(wall, awake, awake if boot is None else time.clock_gettime(boot))
