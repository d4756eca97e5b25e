"""Sends the gateways' callbacks to the application from background threads, and remembers each of them."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from sandbox.loopback import session

log = logging.getLogger(__name__)
MOST_REPEATS = 200  # threads that one `repeat` may start


@dataclass(frozen=True)
class Outgoing:
    """One HTTP POST, ready to leave."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Heard:
    """How the application answered; `failure` is "ct" (no connection), "rt" (no answer) or empty."""

    status: int = 0
    body: bytes = b""
    failure: str = ""


@dataclass(frozen=True)
class Manner:
    """How patiently a vendor calls back."""

    tries: int
    connect_seconds: float
    read_seconds: float
    satisfied: Callable[[Heard], bool]
    again: Callable[[Heard], bool] = lambda heard: True
    redirects: bool = False


@dataclass(eq=False)
class Callback:
    """One event that the application is told about; `make` is asked anew for every try."""

    channel: str
    kind: str
    address: str
    make: Callable[[], Outgoing]
    manner: Manner
    gave_up: Callable[[], None] = lambda: None
    id: str = ""
    sent: Outgoing | None = None
    heard: list[int] = field(default_factory=list)  # status per try; 0 means no answer


class Postman:
    """A few threads that take what is due; `close` drops what is waiting and joins them."""

    def __init__(self, closing: threading.Event, gap_seconds: float, threads: int = 16) -> None:
        self._closing = closing
        self._gap = gap_seconds
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._count = itertools.count(1)
        self._busy = 0
        self._held: list[Callback] = []
        self._past: dict[str, Callback] = {}
        self._threads = [threading.Thread(target=self._work, name=f"postman-{n}") for n in range(threads)]
        for thread in self._threads:
            thread.start()

    def later(self, seconds: float, job: Callable[[], object]) -> None:
        """Run a job in the background after so many seconds of real time."""
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._count), job))
            self._changed.notify()

    def hold(self, callback: Callback) -> None:
        """Keep a callback back until somebody releases it."""
        with self._changed:
            self._held.append(callback)

    def release(self, address: str | None = None) -> int:
        """Send what is held back, for one address or for all; return how many callbacks that were."""
        with self._changed:
            freed = [one for one in self._held if address in (None, one.address)]
            self._held = [one for one in self._held if one not in freed]
        for callback in freed:
            self.later(0, lambda callback=callback: self.deliver(callback))  # type: ignore[misc]  # default binds it
        return len(freed)

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is due or under way, held callbacks apart; False when time ran out."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._due and not self._busy, seconds)

    def deliver(self, callback: Callback) -> list[int]:
        """Send a callback now, as often as its manner allows, and return the status of each try."""
        self._remember(callback)
        for attempt in range(callback.manner.tries):
            if attempt and self._closing.wait(self._gap):
                break
            callback.sent = callback.make()
            heard = post(callback.sent, callback.manner)
            callback.heard.append(heard.status)
            if callback.manner.satisfied(heard):
                return callback.heard
            if not callback.manner.again(heard):
                break
        callback.gave_up()
        return callback.heard

    def repeat(self, callback: Callback, times: int) -> list[int]:
        """Post the very same bytes again, all at the same moment, and return the statuses."""
        assert callback.sent is not None, "only what was sent can be repeated"
        outgoing, times = callback.sent, min(times, MOST_REPEATS)
        together, heard = threading.Barrier(times), list[int]()

        def once() -> None:
            together.wait()
            heard.append(post(outgoing, callback.manner).status)

        crowd = [threading.Thread(target=once) for _ in range(times)]
        for thread in crowd:
            thread.start()
        for thread in crowd:
            thread.join()
        return heard

    def past(self) -> list[Callback]:
        """Return every callback sent so far, oldest first."""
        with self._changed:
            return [one for one in self._past.values() if one.sent]

    def close(self) -> None:
        """Drop what is waiting, let what is under way end, and join the threads."""
        with self._changed:
            self._closing.set()
            self._due.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _remember(self, callback: Callback) -> None:
        with self._changed:
            callback.id = callback.id or f"cb-{next(self._count)}"
            self._past[callback.id] = callback

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                job()
            except Exception:
                log.exception("a callback could not be sent")
            finally:
                self._done()

    def _next(self) -> Callable[[], object] | None:
        with self._changed:
            while not self._closing.is_set():
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    self._busy += 1
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
        return None

    def _done(self) -> None:
        with self._changed:
            self._busy -= 1
            self._changed.notify_all()


def post(outgoing: Outgoing, manner: Manner) -> Heard:
    """Post once and say what came back; a broken connection is an answer too, not an exception."""
    try:
        with session() as http:
            answer = http.post(
                outgoing.url,
                data=outgoing.body,
                headers=outgoing.headers,
                timeout=(manner.connect_seconds, manner.read_seconds),
                allow_redirects=manner.redirects,
            )
        return Heard(answer.status_code, answer.content)
    except requests.ReadTimeout:
        return Heard(failure="rt")
    except requests.RequestException:
        return Heard(failure="ct")
