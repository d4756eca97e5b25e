"""Business time as the application tells it, so that a clock set forward is set forward here as well."""

from datetime import UTC, datetime, timedelta

import requests

from sandbox.loopback import session

PATIENCE = 1.0  # seconds of real time to wait for the application's answer


class Clock:
    """Tells the business time; while the application is away, real time plus the last known offset."""

    def __init__(self, time_url: str | None, ahead: timedelta = timedelta(0)) -> None:
        self._time_url = time_url
        self._offset = ahead

    def now(self) -> datetime:
        """Return the business time in UTC."""
        said = self._ask(self._time_url) if self._time_url else None
        if said is None:
            return datetime.now(UTC) + self._offset
        self._offset = said - datetime.now(UTC)
        return said

    def move(self, by: timedelta) -> None:
        """Set business time forward where nobody is asked for it."""
        self._offset += by

    def _ask(self, url: str) -> datetime | None:
        try:
            with session() as http:
                said = datetime.fromisoformat(http.get(url, timeout=PATIENCE).json()["now"])
                return said.astimezone(UTC)
        except (requests.RequestException, ValueError, KeyError, TypeError):
            return None  # the application is starting, busy or being killed on purpose
