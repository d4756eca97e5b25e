"""Bring a database up to date: one Alembic history for both databases."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from storage.engine import open_engine

HISTORY = Path(__file__).parent / "history"


def upgrade(url: str) -> None:
    """Run every migration that the database has not seen yet."""
    engine = open_engine(url)
    try:
        with engine.connect() as connection, connection.begin():
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def is_current(engine: Engine) -> bool:
    """Whether the database has seen the newest migration."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    with engine.connect().execution_options(reading=True) as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(HISTORY))
    return config
