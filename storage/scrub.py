"""The database forgets deleted pages where it can be told to; what is not possible at once is done later."""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Engine

NAME = "erased.unscrubbed"  # in the data folder while older pages may still lie in the write-ahead file
WAIT_MS = 250  # for readers; an erasure is done without it


def scrub(engine: Engine, folder: Path) -> bool:
    """Cut SQLite's write-ahead file, which holds older pages; return whether nothing is left in it.

    SQLite overwrites what is deleted (secure_delete). Somebody who reads
    meanwhile forbids the cut: that is noted in ``folder``, and the next sweep
    tries again. PostgreSQL needs `VACUUM FULL` (docs/erasure.md).
    """
    done = engine.dialect.name != "sqlite" or _cut(engine)
    mark = folder / NAME
    if done:
        mark.unlink(missing_ok=True)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        mark.touch()
    return done


def is_scrubbed(folder: Path) -> bool:
    """Whether the last cut after an erasure succeeded."""
    return not (folder / NAME).exists()


def _cut(engine: Engine) -> bool:
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        raw.rollback()  # the checkpoint runs outside any transaction
        ((usual,),) = raw.execute("PRAGMA busy_timeout").fetchall()
        raw.execute(f"PRAGMA busy_timeout={WAIT_MS}")
        try:
            ((blocked, *_),) = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.OperationalError:
            return False
        finally:
            raw.execute(f"PRAGMA busy_timeout={usual}")
    return not blocked
