"""One crash test from the first blow to the verdict."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass

from bot.commands.chaos.check import Verdict, check
from bot.commands.chaos.fast_time import FastTime
from bot.commands.chaos.load import AHEAD, Load
from bot.commands.chaos.plan import blows
from bot.commands.chaos.settling import settle
from bot.commands.chaos.stage import Stage
from bot.commands.chaos.striking import Striker
from bot.commands.chaos.workers import Crew
from sandbox.postgres import PostgresServer
from storage.reckoning import UnderWay

PER_SECOND = 9  # messages that are ready for each second of a short run
DRAWN_NOTHING = "delivered"
Progress = Callable[[str, float], None]  # what is going on, and how far from 0 to 1


@dataclass(frozen=True)
class Wanted:
    """What a run is asked to do."""

    seed: int
    minutes: float
    workers: int
    blind: bool


@dataclass(frozen=True)
class Result:
    """What a run did, and what came of it."""

    messages: int
    kills: int
    stops: int
    database_restarts: int
    faults: dict[str, int]
    left: UnderWay  # what could not be found out in time
    seconds: float
    verdict: Verdict

    @property
    def passed(self) -> bool:
        """Whether nothing was lost, nothing came twice, and the log vouches for all of it."""
        verdict = self.verdict
        return not (verdict.lost or verdict.duplicated or self.left) and verdict.verified


def run(stage: Stage, wanted: Wanted, server: PostgresServer | None, progress: Progress) -> Result:
    """Strike for so many minutes under load, let everything settle, hold the books together."""
    began, seconds = time.monotonic(), wanted.minutes * 60
    load = Load(stage, min(AHEAD, int(seconds * PER_SECOND)))
    plan = blows(wanted.seed, seconds, restarts=server is not None)
    with Crew(stage.config, wanted.workers, stage.folder / "workers.log", stage.pace) as crew:
        fast = FastTime(stage, wanted.minutes)
        striker = Striker(stage, crew, server, wanted.seed, fast)
        with ExitStack() as under_load:
            load.start()
            under_load.callback(load.end)
            stage.gateway("dice", seed=wanted.seed)
            striker.strike(plan, seconds, progress)
        crew.wake_all()
        drawn = stage.gateway("dice", seed=None)["drawn"]
        left = settle(stage, crew, fast, progress)
    assert isinstance(drawn, dict)
    return Result(
        messages=len(load.told),
        kills=crew.kills,
        stops=crew.stops,
        database_restarts=striker.restarts,
        faults={name: times for name, times in sorted(drawn.items()) if name != DRAWN_NOTHING},
        left=left,
        seconds=round(time.monotonic() - began, 1),
        verdict=check(stage.desk, stage.ledger, load.told),
    )
