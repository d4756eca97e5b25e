"""The blows themselves: workers are killed and stopped, the database is restarted, time runs fast."""

import random
import time
from collections.abc import Callable, Collection

from bot.commands.chaos.fast_time import FastTime
from bot.commands.chaos.plan import Blow
from bot.commands.chaos.stage import Stage
from bot.commands.chaos.workers import Crew
from sandbox.postgres import PostgresServer
from storage.readiness import is_away
from storage.reckoning import at_work

TICK = 0.05  # seconds between two looks


class Striker:
    """Deals the blows of a plan, each at its time or as soon after it as somebody is there to be struck."""

    def __init__(
        self, stage: Stage, crew: Crew, server: PostgresServer | None, seed: int, fast: FastTime
    ) -> None:
        self._stage, self._crew, self._server, self._time = stage, crew, server, fast
        self._dice = random.Random(f"{seed}/who")
        self.restarts = 0

    def strike(self, plan: list[Blow], seconds: float, progress: Callable[[str, float], None]) -> None:
        """Deal them, and let business time run fast, for so many seconds."""
        began, waiting = time.monotonic(), list(plan)
        while (gone := time.monotonic() - began) < seconds:
            waiting = [blow for blow in waiting if blow.at > gone or not self._deal(blow)]
            self._crew.look_after()
            self._time.pass_on()
            progress("striking", gone / seconds)
            time.sleep(TICK)

    def _deal(self, blow: Blow) -> bool:
        """Deal one; False when nobody was there to be struck."""
        if blow.kind == "kill":
            return self._crew.kill(self._dice, self._at_work())
        if blow.kind == "stop":
            return self._crew.stop(self._dice, blow.seconds, self._at_work())
        if self._server is not None:
            self._server.restart()
            self.restarts += 1
        return True

    def _at_work(self) -> Collection[str]:
        try:
            with self._stage.desk.archive.reading() as view:
                return at_work(view.connection)
        except Exception as error:
            if not is_away(error):
                raise
            return ()
