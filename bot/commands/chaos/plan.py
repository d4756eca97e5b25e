"""What befalls the workers and when: drawn from the seed, so that a run can be played again."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

KILL_EVERY = 2.0  # seconds, on average
STOP_EVERY = 15.0  # a worker that stands still in a transaction keeps all writers of a SQLite file waiting
RESTART_EVERY = 15.0
SHORT, LONG = (0.3, 3.0), (13.0, 16.0)  # seconds that a worker stands still; the long ones outlive its claims
LONG_ONES = 0.25  # of all
SOONEST = 0.3


@dataclass(frozen=True)
class Blow:
    """One thing that happens: kill, stop or restart, so many seconds after the start."""

    at: float
    kind: str
    seconds: float = 0.0  # how long a worker stands still


def blows(seed: int, seconds: float, *, restarts: bool) -> list[Blow]:
    """Return everything that will happen within so many seconds, in order."""
    found = [
        *(Blow(at, "kill") for at in _moments(seed, "kill", KILL_EVERY, seconds)),
        *(Blow(at, "stop", _how_long(seed, at)) for at in _moments(seed, "stop", STOP_EVERY, seconds)),
    ]
    if restarts:
        found += [Blow(at, "restart") for at in _moments(seed, "restart", RESTART_EVERY, seconds)]
    return sorted(found, key=lambda blow: blow.at)


def _moments(seed: int, kind: str, every: float, seconds: float) -> Iterator[float]:
    dice, at = random.Random(f"{seed}/{kind}"), 0.0
    while (at := at + max(SOONEST, dice.expovariate(1 / every))) < seconds:
        yield at


def _how_long(seed: int, at: float) -> float:
    dice = random.Random(f"{seed}/stop/{at}")
    return dice.uniform(*(LONG if dice.random() < LONG_ONES else SHORT))
