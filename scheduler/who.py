"""Who does the work: one worker, its name in claims, its pace and the fail-points of a crash test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event

from handlers.desk import Desk

LEASE = timedelta(seconds=60)
BATCH = 20


def _pass_by(_: str) -> None:
    """A fail-point that does nothing: the real ones are set by a crash test only."""


@dataclass(frozen=True)
class Worker:
    """One worker: its desk, its name in claims, the fail-points of a crash test, and its pace.

    ``pace`` multiplies every wait in real time; below 1 only for demonstrations
    and tests, whose gateways must answer that much sooner.
    """

    desk: Desk
    name: str
    fail_at: Callable[[str], None] = field(default=_pass_by)
    pace: float = 1.0
    told: Event = field(default_factory=Event)  # set once the process is to end: no new claims, no new sends

    @property
    def lease(self) -> timedelta:
        """How long a claim lasts."""
        return LEASE * self.pace

    @property
    def actor(self) -> str:
        """How records name this process."""
        return "system:worker"
