"""What stands in a cell into which anybody with the database's password may have written."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.columns import EPOCH, Instant


def as_stored(table: sa.Table) -> list[sa.ColumnElement[Any]]:
    """Return a table's columns to select, moments as the bare numbers that they should be."""
    return [
        sa.type_coerce(one, sa.BigInteger).label(one.name) if isinstance(one.type, Instant) else one
        for one in table.c
    ]


def octets(value: Any) -> bytes:
    """Return a binary cell's bytes; whatever else stands there (SQLite keeps any type) counts as none."""
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else b""


def text(value: Any) -> str:
    """Return a cell as text that can be compared, sorted and printed, whatever stands there."""
    return value if isinstance(value, str) else repr(value)


def moment(value: Any) -> datetime | None:
    """Return the moment of a cell of milliseconds (storage/columns.py); None if it holds none."""
    try:
        return EPOCH + timedelta(milliseconds=value)
    except (TypeError, OverflowError):
        return None
