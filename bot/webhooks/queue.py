"""One writer for all concurrent webhooks of a web process: many arrivals share one commit."""

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from storage.book import Archive, Book

MOST = 64
LINGER = 0.005  # seconds to wait for companions once the first one is there

Work = Callable[[Book], int]
_Item = tuple[Work, "Future[int]"]


class IntakeQueue:
    """Takes work from request threads and answers each after the commit that holds it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._items: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._thread.start()

    def put(self, work: Work, timeout: float) -> int:
        """Do ``work`` in a shared transaction and return what it returned. Raises what it raised.

        After ``timeout`` seconds it raises TimeoutError; work that was not begun
        until then is never done, and what was begun may still be committed.
        """
        done: Future[int] = Future()
        self._items.put((work, done))
        try:
            return done.result(timeout)
        except TimeoutError:
            done.cancel()
            raise

    def close(self) -> None:
        """Finish what is queued and stop."""
        self._items.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._items.get()) is not None:
            batch, more = self._gather(first)
            self._commit([item for item in batch if item[1].set_running_or_notify_cancel()])
            if not more:
                return

    def _gather(self, first: _Item) -> tuple[list[_Item], bool]:
        batch, until = [first], time.monotonic() + LINGER
        while len(batch) < MOST:
            try:
                item = self._items.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if item is None:
                return batch, False
            batch.append(item)
        return batch, True

    def _commit(self, batch: list[_Item]) -> None:
        """Commit a batch together; if that fails, each alone, so that one bad item spoils no other."""
        if not batch:
            return
        try:
            with self._archive.writing() as book:
                results = [work(book) for work, _ in batch]
        except Exception as error:
            if len(batch) == 1:
                batch[0][1].set_exception(error)
                return
            for item in batch:
                self._commit([item])
            return
        for (_, done), result in zip(batch, results, strict=True):
            done.set_result(result)
