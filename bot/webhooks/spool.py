"""What comes while the database is away waits on disk and is replayed, in order, once it is back."""

import threading
import time
from functools import partial

import structlog

from bot.webhooks.queue import IntakeQueue
from handlers.spooled import Arrival, pack, take_arrival, unpack
from storage import inbox
from storage.book import Book, Ids
from storage.keys import KeyFault
from storage.log import LogHalted
from storage.readiness import is_away
from storage.spool import Spool

log = structlog.get_logger(__name__)

WAIT = 0.5  # seconds that a webhook waits for the database; WeChat hangs up after 5
EVERY = 1.0  # seconds between two looks at the spool
TAKE = 64  # files in one commit
REPLAY_WAIT = 30.0


class Intake:
    """Takes each arrival into the database, or else onto the disk; it is safe when ``take`` returns."""

    def __init__(self, arrivals: IntakeQueue, spool: Spool, ids: Ids) -> None:
        self._arrivals, self._spool, self._ids = arrivals, spool, ids
        self._away, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)
        self._thread.start()

    def take(self, arrival: Arrival) -> None:
        """Keep an arrival. Raises SpoolFault when neither the database nor the disk takes it."""
        if not self._away.is_set():
            try:
                self._arrivals.put(partial(_now, arrival), WAIT)
                return
            except Exception as error:
                if not is_away(error) and not isinstance(error, LogHalted):
                    raise  # a halt lasts until a person ends it, longer than a platform repeats
        self._spool.keep(self._ids.uuid(), pack(arrival))
        self._away.set()  # the next ones need not wait; a replay that succeeds ends this
        log.warning("webhook_spooled", channel=arrival.channel, account=arrival.account)

    def count(self, name: str) -> None:
        """Count an event, if the database can be reached."""
        try:
            self._arrivals.put(partial(_count, name), WAIT)
        except Exception as error:
            if not is_away(error):
                raise

    def close(self) -> None:
        """Stop looking at the spool, finish what is queued; what lies on disk waits for the next start."""
        self._closing.set()
        self._thread.join()
        self._arrivals.close()

    def replay(self) -> int:
        """Take in what waits on disk, oldest first, until the database refuses; return how many files."""
        done, names = 0, self._spool.waiting()
        for first in range(0, len(names), TAKE):
            batch = names[first : first + TAKE]
            if self._closing.is_set() or not self._replay(batch):
                return done
            done += len(batch)
        self._away.clear()
        return done

    def _run(self) -> None:
        while not self._closing.wait(EVERY):
            for act in (self._tidy, self._catch_up):  # a file that cannot be moved must not stop the replay
                try:
                    act()
                except Exception:
                    log.exception("spool_failed")

    def _catch_up(self) -> None:
        if done := self.replay():
            log.info("spool_replayed", files=done)

    def _tidy(self) -> None:
        if moved := self._spool.tidy(time.time()):
            log.warning("spool_moved_aside", files=moved)
            self._arrivals.put(partial(_count, "spool_aside/unfinished", times=moved), REPLAY_WAIT)

    def _replay(self, names: list[str]) -> bool:
        """Take in some files in one commit; False when the database is not back yet."""
        whole = {name: arrival for name in names if (arrival := self._opened(name)) is not None}
        try:
            self._arrivals.put(partial(_late, list(whole.values())), REPLAY_WAIT)
        except Exception as error:
            if is_away(error) or isinstance(error, LogHalted):
                return False
            if len(whole) == 1:
                self._give_up(next(iter(whole)), error)
                return True
            return all([self._replay([name]) for name in whole])
        for name in whole:
            self._spool.drop(name)
        return True

    def _opened(self, name: str) -> Arrival | None:
        try:
            return unpack(self._spool.read(name))
        except FileNotFoundError:
            return None  # another process of this host has just replayed it
        except OSError as error:  # rights, or a bad sector: it stays where it is, the others go on
            log.error("spool_file_unreadable", file=name, error=type(error).__name__, remedy="docs/spool.md")
            return None
        except (KeyFault, ValueError) as error:
            self._give_up(name, error)
            return None

    def _give_up(self, name: str, error: Exception) -> None:
        """One file that cannot be taken in must not keep the others waiting."""
        self._spool.put_aside(name)
        log.error("spool_file_unusable", file=name, error=type(error).__name__, remedy="docs/spool.md")
        self.count("spool_aside/unusable")


def _now(arrival: Arrival, book: Book) -> int:
    return take_arrival(book, arrival)


def _late(arrivals: list[Arrival], book: Book) -> int:
    return sum(take_arrival(book, one) for one in arrivals)


def _count(name: str, book: Book, times: int = 1) -> int:
    for _ in range(times):
        inbox.count(book.connection, name)
    return 0
