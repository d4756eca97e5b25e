"""The blows themselves: workers are killed and stopped, the database is restarted, time runs fast."""

import random
import time
from collections.abc import Callable
from dataclasses import replace

from bot.commands.chaos.fast_time import FastTime
from bot.commands.chaos.plan import Blow
from bot.commands.chaos.stage import Stage
from bot.commands.chaos.workers import Crew
from sandbox.postgres import PostgresServer
from storage.readiness import is_away
from storage.reckoning import at_work

TICK = 0.05  # seconds between two rounds
LOOK = 0.5  # seconds between two looks at who is at work
# Seconds from a first claim until a worker may be struck: on a slow machine nobody else would send.
GRACE = 2.0
AGAIN = (0.3, 1.5)  # seconds until a blow is tried again that found nobody to be struck


class Striker:
    """Deals the blows of a plan, each at its time or when somebody is at work to be struck."""

    def __init__(
        self, stage: Stage, crew: Crew, server: PostgresServer | None, seed: int, fast: FastTime
    ) -> None:
        self._stage, self._crew, self._server, self._time = stage, crew, server, fast
        self._dice = random.Random(f"{seed}/who")
        self._seen: dict[str, float] = {}  # worker: when it was first seen at work, monotonic
        self._looked = 0.0
        self.restarts = 0

    def strike(self, plan: list[Blow], seconds: float, progress: Callable[[str, float], None]) -> None:
        """Deal them, and let business time run fast, for so many seconds."""
        began, waiting = time.monotonic(), list(plan)
        while (gone := time.monotonic() - began) < seconds:
            self._look()
            waiting = [left for blow in waiting if (left := self._due(blow, gone)) is not None]
            self._crew.look_after()
            self._time.pass_on()
            progress("striking", gone / seconds)
            time.sleep(TICK)

    def _due(self, blow: Blow, gone: float) -> Blow | None:
        """Deal a blow whose time has come; return what is still to be dealt, later if nobody was there."""
        if blow.at > gone:
            return blow
        return None if self._deal(blow) else replace(blow, at=gone + self._dice.uniform(*AGAIN))

    def _deal(self, blow: Blow) -> bool:
        """Deal one; False when nobody was there to be struck."""
        ready = [name for name, since in self._seen.items() if time.monotonic() - since >= GRACE]
        if blow.kind == "kill":
            return self._crew.kill(self._dice, ready)
        if blow.kind == "stop":
            return self._crew.stop(self._dice, blow.seconds, ready)
        if self._server is not None:
            self._server.restart()
            self.restarts += 1
        return True

    def _look(self) -> None:
        """Notice who has come to work; a database that is away tells it later."""
        if time.monotonic() - self._looked < LOOK:
            return
        self._looked = time.monotonic()
        try:
            with self._stage.desk.archive.reading() as view:
                for name in at_work(view.connection):
                    self._seen.setdefault(name, self._looked)
        except Exception as error:
            if not is_away(error):
                raise
