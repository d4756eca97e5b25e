"""Open a database, SQLite or PostgreSQL, so that the same code keeps the same promises on both."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Engine, make_url

from storage.columns import Sealer, lend_keys

WORKER_WAIT_MS = 30_000


def open_engine(url: str, sealer: Sealer | None = None, wait_ms: int = WORKER_WAIT_MS) -> Engine:
    """Return an engine; ``wait_ms`` is how long a writer waits for the database before it fails."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = _open_sqlite(parsed, wait_ms)
    elif parsed.get_backend_name() == "postgresql":
        engine = _open_postgresql(parsed, wait_ms)
    else:
        raise ValueError(f"database.url names {parsed.get_backend_name()}: use sqlite or postgresql+psycopg")
    if sealer is not None:
        lend_keys(engine.dialect, sealer)
    return engine


def _open_sqlite(url: URL, wait_ms: int) -> Engine:
    engine = sa.create_engine(
        url, hide_parameters=True, connect_args={"timeout": wait_ms / 1000, "check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON",
            f"busy_timeout={wait_ms}",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A deferred transaction that reads first can fail with "busy" whatever the timeout.
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _open_postgresql(url: URL, wait_ms: int) -> Engine:
    settings = f"-c lock_timeout={wait_ms} -c idle_in_transaction_session_timeout=60000"
    return sa.create_engine(
        url,
        hide_parameters=True,  # an error's text goes into logs; its parameters are people's data
        pool_pre_ping=True,
        pool_size=20,
        max_overflow=10,
        isolation_level="READ COMMITTED",
        connect_args={"options": settings, "connect_timeout": 5, **_NOTICE_A_DEAD_HOST},
    )


# A host that vanished without a word is noticed within half a minute (libpq, "Connection Parameters").
_NOTICE_A_DEAD_HOST = {
    "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000,
}  # fmt: skip


def take_time(connection: sa.Connection) -> None:
    """Let this transaction stay open between two statements as long as it needs, to draw papers meanwhile."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")


def is_busy(error: Exception) -> bool:
    """Whether a database refused only because others were using it, so that a later try may succeed."""
    if isinstance(error, sa.exc.TimeoutError):  # no connection of the pool came free
        return True
    cause = error.orig if isinstance(error, sa.exc.OperationalError) else None
    code = getattr(cause, "sqlite_errorcode", None)
    return getattr(cause, "sqlstate", None) in _BUSY or (code is not None and code & 0xFF in _LOCKED)


# PostgreSQL's lock_not_available, deadlock_detected, serialization_failure, too_many_connections;
# SQLite's SQLITE_BUSY and SQLITE_LOCKED, of which the extended codes keep the low byte.
_BUSY = ("55P03", "40P01", "40001", "53300")
_LOCKED = (5, 6)
