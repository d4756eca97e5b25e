"""Business time runs faster than real time, so that a minute's throttle lasts some seconds."""

import time
from datetime import timedelta

from bot.commands.chaos.stage import Stage
from storage.readiness import is_away

SPEED = 8  # times real time; a key that a gateway honours for ten minutes is then good for 75 seconds
DAY = 10 * 60  # minutes of business time that a run may take: it begins at nine and must end before 20:00
EVERY = 1.0  # seconds between two steps


class FastTime:
    """Sets everybody's clock forward whenever it is asked to."""

    def __init__(self, stage: Stage, minutes: float) -> None:
        self._stage = stage
        self._speed = max(1.0, min(SPEED, DAY / minutes))
        self._last = time.monotonic()

    def pass_on(self) -> None:
        """Catch up with what has gone by; call it often. A database that is away skips a step."""
        gone = time.monotonic() - self._last
        if gone < EVERY:
            return
        self._last += gone
        try:
            self._stage.pass_time(timedelta(seconds=gone * (self._speed - 1)))
        except Exception as error:
            if not is_away(error):
                raise
