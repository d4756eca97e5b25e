"""The pretend firm with a signer: run in this process step by step, or behind its socket in a thread."""

import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy.engine import make_url

from bot.anchors.signer import SignerClient
from evidence import merkle, note
from evidence.checkpoint import Checkpoint
from evidence.checkpoint import parse as parse_body
from handlers.desk import Desk
from handlers.people import save_user
from scheduler.signer.server import listen, serve
from scheduler.signer.signing import Chance, Signer
from scheduler.signer.state import Folder
from storage import log, source
from storage.schema import record
from storage.tailing import LeafSource
from tests.world import World

LOG = "huizheng.a1b2c3d4/log"
ORIGIN = f"{LOG}/1"
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where the kind is no matter
EVERY = 0.02  # seconds between two looks at the log, in tests that wait for one


class Died(BaseException):
    """A signer that was killed at this point: nothing after it happens, nothing is cleaned up."""


class Office:
    """A world, and the folder of its signer, which may be opened and closed again and again."""

    def __init__(self, world: World, url: str, room: Path) -> None:
        self.world, self.url, self.room = world, url, room
        self.desk: Desk = replace(world.desk, signer=SignerClient(room / "s.sock"))
        self._numbers = iter(range(1, 10_000))

    @contextmanager
    def signer(self, dies_at: str = "", choose: Callable[[int], int] = secrets.randbelow) -> Iterator[Signer]:
        """Open the signer in this very thread; ``dies_at`` is the point at which it is killed."""

        def fail_at(point: str) -> None:
            if point == dies_at:
                raise Died(point)

        with closing(Folder(self.room / "signer")) as folder:
            yield Signer(folder, LeafSource(self.url), LOG, Chance(secrets.token_bytes, choose, fail_at))

    @contextmanager
    def running(self) -> Iterator[Signer]:
        """Run the signer behind its socket."""
        stop = threading.Event()
        with self.signer() as signer, listen(self.room / "s.sock") as server:
            thread = threading.Thread(target=serve, args=(server, signer, EVERY, stop.is_set))
            thread.start()
            try:
                yield signer
            finally:
                stop.set()
                thread.join()

    def grow(self, records: int = 1) -> int:
        """Append records; return the size of the log."""
        with self.world.desk.archive.writing() as book:
            for _ in range(records):
                number = next(self._numbers)
                save_user(book, f"user{number}", f"用户{number}", "auditor", "system:test")
        return self.head().size

    def head(self) -> log.Head:
        with self.world.desk.archive.reading() as view:
            return log.read_head(view.connection)

    def run(self, statement: str, **values: object) -> None:
        """Do what anybody with the database's password may do."""
        with self.world.desk.archive.engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def root(self, size: int) -> bytes:
        """Return the root over the first leaves' own bytes, in the plainest way."""
        with self.world.desk.archive.reading() as view:
            kept = view.connection.execute(sa.select(record.c.leaf).order_by(record.c.position)).scalars()
            return plain_root([merkle.leaf_hash(bytes(leaf)) for leaf in kept][:size])

    def leaves(self) -> list[source.Leaf]:
        with self.world.desk.archive.reading() as view:
            return list(source.all_leaves(view.connection))

    def away(self) -> None:
        """Close every connection of ours, as when everything was stopped for a restore."""
        self.world.desk.archive.engine.dispose()


def plain_root(hashes: list[bytes]) -> bytes:
    """RFC 6962 §2.1 as it is written there."""
    if len(hashes) < 2:
        return hashes[0] if hashes else merkle.EMPTY_ROOT
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return merkle.node_hash(plain_root(hashes[:half]), plain_root(hashes[half:]))


def checkpoint_of(signed: str | bytes | None) -> Checkpoint:
    return parse_body(note.parse(signed.encode() if isinstance(signed, str) else signed).text)


def holds(signed: str | bytes, *vkeys: str) -> bool:
    """Whether all of these keys signed this note."""
    held = signed.encode() if isinstance(signed, str) else signed
    keys = [note.parse_vkey(one) for one in vkeys]
    return set(note.opened(held, keys)[1]) == set(keys)


class Backup:
    """A copy of a whole database, made and put back as an operator would with the database's own means."""

    def __init__(self, office: Office, room: Path) -> None:
        self._office, self._url = office, make_url(office.url)
        self._copy = room / "backup.db"
        office.away()
        if self._sqlite:
            with (
                closing(sqlite3.connect(self._url.database)) as db,
                closing(sqlite3.connect(self._copy)) as to,
            ):
                db.backup(to)
        else:
            self._copied(f"{self._url.database}_backup", str(self._url.database))

    def restore(self) -> None:
        self._office.away()
        if self._sqlite:
            path = Path(str(self._url.database))
            for left in path.parent.glob(f"{path.name}-*"):
                left.unlink()
            shutil.copyfile(self._copy, path)
        else:
            self._copied(str(self._url.database), f"{self._url.database}_backup")

    def drop(self) -> None:
        if not self._sqlite:
            self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", f"{self._url.database}_backup")

    @property
    def _sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    def _copied(self, name: str, template: str) -> None:
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        self._run("CREATE DATABASE {} TEMPLATE {}", name, template)

    def _run(self, statement: str, *names: str) -> None:
        server = self._url.set(drivername="postgresql", database="postgres")
        with psycopg.connect(server.render_as_string(hide_password=False), autocommit=True) as db:
            db.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
