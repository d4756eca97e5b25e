"""Fresh real databases for tests: a SQLite file, or a database on the one PostgreSQL server of the run."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psycopg
from filelock import FileLock, Timeout
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.postgres import PostgresServer

KINDS = ("sqlite", "postgresql")
PREFIX = f"huizheng-tests-{os.geteuid()}-"


@dataclass(frozen=True)
class TestRun:
    """What all workers of one test run share: a folder, named by its controller and known to each."""

    __test__ = False  # pytest: not a class of tests

    folder: Path

    @contextmanager
    def database(self, kind: str, folder: Path, *, migrated: bool) -> Iterator[str]:
        """Lend a fresh database and yield its address; it is dropped afterwards, open connections or not."""
        lend = self._sqlite if kind == "sqlite" else self._postgresql
        with lend(folder, migrated) as url:
            yield url

    @contextmanager
    def _sqlite(self, folder: Path, migrated: bool) -> Iterator[str]:
        path = folder / f"{uuid4().hex}.sqlite3"
        if migrated:
            shutil.copyfile(self._sqlite_template(), path)
        yield f"sqlite:///{path}"
        for left in folder.glob(path.name + "*"):
            left.unlink()

    @contextmanager
    def _postgresql(self, folder: Path, migrated: bool) -> Iterator[str]:
        del folder  # it lives on the server
        server = self._server()
        source = self._postgresql_template(server) if migrated else "template0"
        name = f"{self._mark}_{uuid4().hex}"
        _create(server, name, source)
        try:
            yield _address(server, name)
        finally:
            _drop(server, name)

    def _server(self) -> URL:
        """Return the run's server, started by whichever worker comes first."""
        if own := os.environ.get("HUIZHENG_TEST_POSTGRES"):
            return make_url(own).set(drivername="postgresql+psycopg")
        server = PostgresServer(self.folder / "pg")
        with self._once("server") as first:
            if first:
                server.create()
                server.start()
        return make_url(server.url())

    def _sqlite_template(self) -> Path:
        path = self.folder / "template.sqlite3"
        with self._once("sqlite") as first:
            if first:
                _migrate(f"sqlite:///{path}")
                with closing(sqlite3.connect(path)) as db:
                    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path

    def _postgresql_template(self, server: URL) -> str:
        name = f"{self._mark}_template"
        with self._once("postgresql") as first:
            if first:
                _drop(server, name)  # a first try may have failed half-way
                _create(server, name, "template0")
                _migrate(_address(server, name))
        return name

    @property
    def _mark(self) -> str:
        """What the names of this run's databases begin with, also on a developer's own server."""
        return self.folder.name.replace("-", "_").lower()

    @contextmanager
    def _once(self, what: str) -> Iterator[bool]:
        """Say whether this process is the first to do it; a failure leaves it to the next one."""
        done = self.folder / f"{what}.done"
        with FileLock(self.folder / f"{what}.lock"):
            yield not done.exists()
            done.touch()

    def end(self) -> None:
        """Give back everything that the run has taken."""
        if os.environ.get("HUIZHENG_TEST_POSTGRES"):
            _drop_all(self._server(), self._mark)
        PostgresServer(self.folder / "pg").stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def started_run() -> Iterator[TestRun]:
    """Open a run for the time of the block, and end those whose process died without ending them."""
    room = Path(tempfile.gettempdir())
    if len(str(room)) > 60:  # a Unix socket's whole path may have 107 bytes
        room = Path("/tmp")
    with FileLock(room / f"{PREFIX}start.lock"):
        _end_orphans(room)
        run = TestRun(Path(tempfile.mkdtemp(prefix=PREFIX, dir=room)))
        run.folder.chmod(0o711)  # PostgreSQL, which may run as another user, must get to its own room
        alive = FileLock(run.folder / "alive.lock")
        alive.acquire()
    try:
        yield run
    finally:
        run.end()
        alive.release()


def _end_orphans(room: Path) -> None:
    # The kernel lets go of a dead process's lock, so a folder whose lock is free has no owner.
    for folder in room.glob(f"{PREFIX}*/"):
        try:
            with FileLock(folder / "alive.lock", timeout=0):
                TestRun(folder).end()
        except Timeout:
            continue


def _migrate(url: str) -> None:
    from storage.migrations import upgrade  # late: tests that need no tables run without it

    upgrade(url)


def _address(server: URL, database: str) -> str:
    return server.set(database=database).render_as_string(hide_password=False)


def _create(server: URL, name: str, source: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
    with _connected(server) as db:
        db.execute(statement)


def _drop(server: URL, name: str) -> None:
    with _connected(server) as db:
        db.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _drop_all(server: URL, mark: str) -> None:
    with _connected(server) as db:
        names = db.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [mark]
        ).fetchall()
    for (name,) in names:
        _drop(server, name)


def _connected(server: URL) -> psycopg.Connection:
    plain = server.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)
