"""Bring a database up to date: one Alembic history for both databases."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from storage.engine import open_engine

HISTORY = Path(__file__).parent / "history"
_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String))


def upgrade(url: str) -> None:
    """Run every migration that the database has not seen yet."""
    # Loaded here only: every worker asks how its database stands, and must start soon.
    from alembic import command
    from alembic.config import Config

    engine = open_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            config = Config()
            config.set_main_option("script_location", str(HISTORY))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def newest_revision() -> str:
    """Return the name of the newest migration that this program knows."""
    return max(_names())


def revision_of(connection: Connection) -> str | None:
    """Return the name of the newest migration that a database has seen; None for an empty one."""
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(sa.select(_VERSION.c.version_num)).scalar()


def stands(engine: Engine) -> str:
    """Say how a database stands to this program: ``current``, ``older``, or ``newer``.

    A name that this program does not know was given by a newer one.
    """
    with engine.connect().execution_options(reading=True) as connection:
        revision = revision_of(connection)
    if revision == newest_revision():
        return "current"
    return "older" if revision is None or revision in _names() else "newer"


def _names() -> set[str]:
    """Return the names of all migrations, which are numbers and begin their files' names."""
    return {path.name.partition("_")[0] for path in (HISTORY / "versions").glob("*_*.py")}
