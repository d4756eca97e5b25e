"""Whether a database can be used at all, in one sentence with the remedy."""

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from storage.log import LogAbsent, read_head
from storage.migrations import is_current


def problem_with(engine: Engine) -> str | None:
    """Return what is wrong with the database behind ``database.url``, or None."""
    try:
        if not is_current(engine):
            return "database.url names a database that is not up to date: run `huizheng migrate`."
        with engine.connect().execution_options(reading=True) as connection:
            read_head(connection)
    except LogAbsent:
        return "database.url names a database without an evidence log: run `huizheng migrate`."
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        return f"database.url cannot be reached ({reason}): start the database or correct the address."
    return None
