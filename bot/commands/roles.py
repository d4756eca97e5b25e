"""A process keeps its role: it takes it at its start, renews it, and ends where another one has it."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import structlog

from storage.book import Archive
from storage.readiness import is_away
from storage.roles import EMBEDDED, LEASE, SQLITE_HOST, Holder, leave_role, take_role

log = structlog.get_logger(__name__)

RENEW = LEASE.total_seconds() / 3
_SENTENCES = {
    EMBEDDED: "`serve` with its own worker runs already ({owner}): use that one, or run `huizheng web` and"
    " any number of `huizheng worker` on PostgreSQL. After a crash the place is free within 30 seconds.",
    SQLITE_HOST: "workers on {host} use this SQLite file, and a SQLite file serves one machine only: stop"
    " them, or move to PostgreSQL (docs/scaling.md). After a crash it is free within 30 seconds.",
}


class Role:
    """One role of this process in one database."""

    def __init__(self, archive: Archive, name: str, owner: str, host: str) -> None:
        self._archive, self._name, self._owner, self._host = archive, name, owner, host
        self._renewed = time.monotonic()

    def take(self) -> None:
        """Take the role, or end the command with one sentence."""
        holder = self._take()
        if holder is not None and _is_dead(holder, self._host):
            with self._archive.engine.begin() as connection:
                leave_role(connection, self._name, holder.owner)
            holder = self._take()
        if holder is not None:
            raise click.ClickException(_SENTENCES[self._name].format(owner=holder.owner, host=holder.host))

    def still_ours(self) -> bool:
        """Renew the role when it is time; False when another process has it."""
        if time.monotonic() - self._renewed < RENEW:
            return True
        try:
            holder = self._take()
        except Exception as error:
            if not is_away(error):
                raise
            return True  # nobody else can take it now either
        if holder is not None:
            log.error("role_lost", role=self._name, holder=holder.owner)
        return holder is None

    def leave(self) -> None:
        """Give the role back, if the database can be reached."""
        try:
            with self._archive.engine.begin() as connection:
                leave_role(connection, self._name, self._owner)
        except Exception as error:
            log.warning("role_not_given_back", role=self._name, error=type(error).__name__)

    def _take(self) -> Holder | None:
        with self._archive.engine.begin() as connection:
            holder = take_role(connection, self._name, self._owner, self._host, self._archive.clock)
        self._renewed = time.monotonic()
        return holder


def sqlite_host(archive: Archive) -> Role | None:
    """Return the role that all workers of this host share on SQLite; None on PostgreSQL."""
    if archive.engine.dialect.name != "sqlite":
        return None
    host = socket.gethostname()
    return Role(archive, SQLITE_HOST, host, host)


@contextmanager
def embedded(archive: Archive, when_lost: Callable[[], None]) -> Iterator[None]:
    """Hold the role of the embedded worker for the time of the block."""
    host = socket.gethostname()
    role, over = Role(archive, EMBEDDED, f"{host}/{os.getpid()}", host), threading.Event()
    role.take()

    def renew() -> None:
        while not over.wait(RENEW / 5):
            try:
                ours = role.still_ours()
            except Exception:
                log.exception("role_not_renewed")
                ours = False
            if not ours:
                when_lost()
                return

    thread = threading.Thread(target=renew, name="role", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        role.leave()


def _is_dead(holder: Holder, host: str) -> bool:
    """Whether the holder was a process of this very host that is gone."""
    name, _, pid = holder.owner.rpartition("/")
    if holder.host != host or name != host or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
