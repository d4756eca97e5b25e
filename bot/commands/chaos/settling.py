"""When the blows have ended, everything that is under way must come to an end by itself."""

import time
from collections.abc import Callable
from datetime import timedelta

from bot.commands.chaos.fast_time import FastTime
from bot.commands.chaos.stage import Stage
from bot.commands.chaos.workers import Crew
from storage.reckoning import UnderWay, under_way

WITHIN = 480.0  # seconds; what is not found out by then is a fault
ASKING = 30.0  # seconds in which a gateway that can be asked, or honours a key, settles what is open
WAIT_FOR_REPORTS = timedelta(minutes=61)  # business time after which nobody waits for a report any more


def settle(stage: Stage, crew: Crew, fast: FastTime, progress: Callable[[str, float], None]) -> UnderWay:
    """Wait until nothing is under way, at most so long, and return what is left."""
    stage.gateway("release")
    stage.gateway("settle")
    began, most, reports_awaited = time.monotonic(), 1, True
    while (left := _left(stage)) and (gone := time.monotonic() - began) < WITHIN:
        if reports_awaited and gone > ASKING:
            stage.pass_time(WAIT_FOR_REPORTS)
            reports_awaited = False
        waiting = left.due + left.attempts + left.unread
        most = max(most, waiting)
        progress("settling", 1 - waiting / most)
        crew.look_after()
        fast.pass_on()
        time.sleep(0.2)
    return left


def _left(stage: Stage) -> UnderWay:
    with stage.desk.archive.reading() as view:
        return under_way(view.connection, view.now)
