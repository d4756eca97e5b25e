"""Whether a database can be used at all, in one sentence with the remedy."""

from sqlalchemy.engine import Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from storage.log import LogAbsent, read_head
from storage.migrations import stands

_REMEDIES = {
    "older": "is not up to date: run `huizheng migrate`",
    "newer": "was migrated by a newer program: upgrade this one, or restore the backup made before",
}


def problem_with(engine: Engine) -> str | None:
    """Return what is wrong with the database behind ``database.url``, or None."""
    try:
        if (stands_at := stands(engine)) != "current":
            return f"database.url names a database that {_REMEDIES[stands_at]}."
        with engine.connect().execution_options(reading=True) as connection:
            read_head(connection)
    except LogAbsent:
        return "database.url names a database without an evidence log: run `huizheng migrate`."
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        return f"database.url cannot be reached ({reason}): start the database or correct the address."
    return None


def is_away(error: Exception) -> bool:
    """Whether work failed because the database cannot be reached or used now, so that it may succeed later.

    A wait that ran out counts, and so do a full disk and tables that a
    migration has not made yet; a row that does not fit never will.
    """
    if isinstance(error, IntegrityError | DataError):
        return False
    return isinstance(error, TimeoutError | PoolTimeout | DBAPIError)
