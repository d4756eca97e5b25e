"""One transaction in which business rows, their records and the evidence log move together."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.engine import Connection, Engine

from evidence.errors import SealError
from evidence.rows import make_facts
from storage import log
from storage.keys import Keys
from storage.rows import Put, timestamp, write_row
from storage.schema import record_part
from storage.vault import Kept, Opening, Vault

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
BUILD = "huizheng/0.1.0"

Vouch = tuple[str, str, dict[str, Any]]  # table, row id, vouched columns


class Clock(Protocol):
    """Business time and real time (handlers/ports.py says which is for what)."""

    def now(self) -> datetime:
        """Business time."""

    def real(self) -> datetime:
        """Real time."""


class Ids(Protocol):
    """Identifiers and random bytes."""

    def uuid(self) -> str:
        """A version 7 UUID."""

    def token(self, length: int) -> str:
        """Random characters without look-alikes."""

    def bytes(self, length: int) -> bytes:
        """Random bytes."""


@dataclass(frozen=True)
class Part:
    """Bytes that a record commits to, with their media type."""

    data: bytes
    media: str = JSON


@dataclass(frozen=True)
class Entry:
    """What happened, as a handler tells it to the book; the book makes the record of it."""

    kind: str
    stream: str
    actor: str
    rows: Sequence[Put] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, Part | Kept] = field(default_factory=dict)
    refs: Sequence[str] = ()
    party: str | None = None
    channel: str | None = None
    state: str | None = None
    assurance: str = "C0"
    src_at: datetime | None = None
    scope: str | None = None  # under whose key the parts are kept; the stream's own if not said
    extra: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # unvouched columns by row id


def case_stream(case_id: str) -> str:
    """Return the stream of a case's records."""
    return f"case:{case_id}"


def intake_stream(channel: str, account: str, at: datetime) -> str:
    """Return the stream into which one account's webhooks of one month are sealed."""
    return f"intake:{channel}/{account}/{at:%Y-%m}"


SYSTEM = "system"


class Book:
    """What a handler writes in: rows through records only, all in one transaction."""

    def __init__(self, connection: Connection, keys: Keys, clock: Clock, ids: Ids, *, sandbox: bool) -> None:
        self.connection, self.keys, self.clock, self.ids = connection, keys, clock, ids
        self.now = clock.now()
        self.sandbox = sandbox
        self._vault = Vault(connection, keys, ids.uuid, ids.bytes)
        self._pending: list[log.Pending] = []
        self._parts: list[dict[str, str]] = []
        self._after: list[Callable[[], None]] = []

    @property
    def holds_records(self) -> bool:
        """Whether a record waits for the end of the transaction."""
        return bool(self._pending)

    def keep(self, stream: str, data: bytes, media: str, scope: str | None = None) -> Kept:
        """Keep bytes under a stream's key, for a row or a part to name."""
        return self._vault.keep(scope or scope_of(stream), data, media)

    def open(self, blob_id: str) -> Opening:
        """Open kept bytes."""
        return self._vault.open(blob_id)

    def open_all(self, blob_ids: Collection[str]) -> dict[str, Opening | SealError]:
        """Open several at once; one that cannot be opened is its error."""
        return self._vault.open_all(blob_ids)

    def renew(self, scope: str) -> None:
        """Destroy a scope's key and keep what is left under a new one."""
        self._vault.renew(scope)

    def add(self, entry: Entry, record_id: str | None = None) -> str:
        """Write an entry's rows now and its record when the transaction ends; return the record's id."""
        record_id = record_id or self.ids.uuid()
        rows = [self._write(put, record_id, entry) for put in entry.rows]
        parts = self._keep_parts(entry, rows)
        self._parts += (
            {"record_id": record_id, "name": name, "blob_id": kept.id} for name, kept in parts.items()
        )
        self._pending.append(log.Pending(self._fields(record_id, entry, parts), self.now))
        return record_id

    def afterwards(self, act: Callable[[], None]) -> None:
        """Do something in memory once the transaction is committed."""
        self._after.append(act)

    def seal(self) -> None:
        """Append the collected records to the log; the caller commits right after."""
        self._vault.flush()
        if self._pending:
            self.connection.execute(record_part.insert(), self._parts)
            log.append(self.connection, self._pending)

    def committed(self) -> None:
        """Run what waits for the commit."""
        for act in self._after:
            act()

    def _write(self, put: Put, record_id: str, entry: Entry) -> Vouch:
        columns = write_row(self.connection, put, record_id, entry.extra.get(put.id, {}))
        return put.table, put.id, columns

    def _keep_parts(self, entry: Entry, rows: list[Vouch]) -> dict[str, Kept]:
        facts = make_facts(rows, dict(entry.told))
        parts: dict[str, Part | Kept] = {"facts": Part(facts), **entry.parts}
        return {
            name: part
            if isinstance(part, Kept)
            else self.keep(entry.stream, part.data, part.media, entry.scope)
            for name, part in sorted(parts.items())
        }

    def _fields(self, record_id: str, entry: Entry, parts: Mapping[str, Kept]) -> dict[str, Any]:
        optional = {
            "party": entry.party,
            "channel": entry.channel,
            "state": entry.state,
            "src_at": entry.src_at and timestamp(entry.src_at),
            "clock": "sandbox" if self.sandbox else None,
        }
        return {
            "v": 1,
            "id": record_id,
            "salt": self.ids.bytes(16).hex(),
            "kind": entry.kind,
            "stream": entry.stream,
            "at": timestamp(self.now),
            "actor": entry.actor,
            "assurance": entry.assurance,
            "parts": [
                {"name": name, "media": kept.media, "commit": kept.commitment.hex()}
                for name, kept in parts.items()
            ],
            "refs": list(entry.refs),
            "build": BUILD,
            "class": entry.stream.partition(":")[0],
        } | {name: value for name, value in optional.items() if value is not None}


def scope_of(stream: str) -> str:
    """Return the key scope of a stream: one per case, one per intake month, one for the system."""
    kind, _, name = stream.partition(":")
    return f"intake:{name.rpartition('/')[2]}" if kind == "intake" else stream


@dataclass(frozen=True)
class Archive:
    """A database with its keys, clock and ids: where books are opened."""

    engine: Engine
    keys: Keys
    clock: Clock
    ids: Ids
    sandbox: bool = False

    @contextmanager
    def writing(self) -> Iterator[Book]:
        """Open a book; leaving the block seals its records and commits, an exception undoes all of it."""
        with self.engine.connect() as connection:
            with connection.begin():
                book = Book(connection, self.keys, self.clock, self.ids, sandbox=self.sandbox)
                yield book
                book.seal()
            book.committed()

    @contextmanager
    def reading(self) -> Iterator["Reader"]:
        """Open a consistent view for reading only."""
        options = {"reading": True}
        with self.engine.connect().execution_options(**options) as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield Reader(connection, self.keys, self.clock)


class Reader:
    """A consistent view of the database, with the keys to open what is kept."""

    def __init__(self, connection: Connection, keys: Keys, clock: Clock) -> None:
        self.connection, self.keys, self.clock = connection, keys, clock
        self.now = clock.now()
        self._vault = Vault(connection, keys, _refuse, _refuse)

    def open(self, blob_id: str) -> Opening:
        """Open kept bytes."""
        return self._vault.open(blob_id)

    def open_all(self, blob_ids: Collection[str]) -> dict[str, Opening | SealError]:
        """Open several at once; one that cannot be opened is its error."""
        return self._vault.open_all(blob_ids)


def _refuse(*_: object) -> Any:
    raise RuntimeError("a reader writes nothing")
