"""The two kinds of access token and how long each stays good; measured in real time, as HTTP sessions are."""

import secrets
import threading
from collections.abc import Callable

from sandbox.wechat_oa.errors import Refusal

LIFE = 7200.0  # seconds
OVERLAP = 300.0  # a replaced token stays good so long
FORCE_GAP = 30.0  # two forced renewals must lie so far apart


class Tokens:
    """Issues tokens; knows which are expired (42001) and which were replaced or never good (40001)."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._until: dict[str, float] = {}
        self._stable = ""
        self._plain = ""
        self._forced = float("-inf")

    def stable(self, force: bool) -> tuple[str, int]:
        """Return the stable token and its remaining seconds; a new one in its last five minutes."""
        with self._lock:
            now = self._monotonic()
            if force:
                self._renew_by_force(now)
            elif self._until.get(self._stable, now) - now <= OVERLAP:
                self._stable = self._issue(now)
            return self._stable, int(self._until[self._stable] - now)

    def plain(self) -> tuple[str, int]:
        """Return a new token of the old kind; its predecessor stays good for five minutes more."""
        with self._lock:
            now = self._monotonic()
            if self._plain in self._until:
                self._until[self._plain] = min(self._until[self._plain], now + OVERLAP)
            self._plain = self._issue(now)
            return self._plain, int(LIFE)

    def check(self, token: str | None) -> None:
        """Raise the platform's refusal unless the token is good."""
        if not token:
            raise Refusal(41001)
        with self._lock:
            if token not in self._until:
                raise Refusal(40001)
            if self._until[token] <= self._monotonic():
                raise Refusal(42001)

    def expire(self) -> None:
        """Let every token end now: the next use of one is answered with 42001."""
        with self._lock:
            self._until = dict.fromkeys(self._until, self._monotonic())

    def revoke(self) -> None:
        """Forget every token, as when the secret was reset: the next use of one is answered with 40001."""
        with self._lock:
            self._until.clear()

    def _renew_by_force(self, now: float) -> None:
        if now - self._forced < FORCE_GAP:
            raise Refusal(45011)
        self._forced = now
        self._until.pop(self._stable, None)
        self._stable = self._issue(now)

    def _issue(self, now: float) -> str:
        token = "98_" + secrets.token_urlsafe(96)
        self._until[token] = now + LIFE
        return token
