"""When a sweep began and ended, on the monotonic clock, and whether that is too long ago."""

from dataclasses import dataclass

LEAST = 60.0  # seconds: below this nobody is called silent
INTERVALS = 3
LONGEST = 15 * 60.0  # seconds that one batch may take: twenty slow gateways in a row take less
SLOW = 6 * 3600.0  # for sweeps that recompute the whole log or walk through all that is kept
SLOW_FROM = 300.0  # seconds between two beats, from which a sweep is one of those


@dataclass
class Pulse:
    """The life sign of one sweep; ``every`` is its interval in seconds."""

    every: float
    ended: float
    began: float | None = None  # None: it does not run now
    strikes: int = 0  # silences since it last really ended

    def begin(self, now: float) -> None:
        """Note that a batch begins."""
        self.began = now

    def end(self, now: float) -> None:
        """Note that the sweep has found nothing more, or failed."""
        self.began, self.ended, self.strikes = None, now, 0

    def strike(self, now: float) -> None:
        """Count a silence, and judge anew from now."""
        self.ended, self.strikes = now, self.strikes + 1

    def silent_for(self, now: float) -> float | None:
        """Return for how many seconds it has not even begun, if that is too long."""
        quiet = now - self.ended
        return quiet if self.began is None and quiet > max(LEAST, INTERVALS * self.every) else None

    def stuck_for(self, now: float) -> float | None:
        """Return for how many seconds one batch has run, if that is too long."""
        began = self.began
        longest = SLOW if self.every >= SLOW_FROM else LONGEST
        return now - began if began is not None and now - began > longest else None
