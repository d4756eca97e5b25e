"""Make a database ready: tables up to date, and a log with its first record."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from storage.book import SYSTEM, Archive, Entry
from storage.keys import Keys, make_keys, read_keys
from storage.log import LogAbsent, read_head, start_log
from storage.migrations import upgrade


def ready_keys(path: Path, secret: bytes) -> Keys:
    """Return the deployment's keys, made now from ``secret`` if there is no key file yet."""
    return read_keys(path) if path.exists() else make_keys(path, secret)


def ready_database(url: str, archive: Archive, origin: str) -> bool:
    """Run the migrations and start the log if there is none; say whether it was started now."""
    upgrade(url)
    if has_log(archive.engine):
        return False
    with archive.writing() as book:
        start_log(book.connection, origin)
        book.add(
            Entry(
                "log.started", SYSTEM, "system:migrate", told={"origin": origin, "key": archive.keys.key_id}
            )
        )
    return True


def has_log(engine: Engine) -> bool:
    """Whether the log was started."""
    with engine.connect().execution_options(reading=True) as connection:
        try:
            read_head(connection)
        except LogAbsent:
            return False
    return True


def has_tables(engine: Engine) -> bool:
    """Whether there is any table in a database at all."""
    return bool(sa.inspect(engine).get_table_names())
