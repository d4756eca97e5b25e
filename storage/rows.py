"""Statements both databases share, and how a row's columns are written down in a record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from evidence.rows import COLUMNS
from storage.cells import octets
from storage.columns import Held, Personal
from storage.schema import blob, metadata


@dataclass(frozen=True)
class Put:
    """A row to write: all its columns when it is new, or only those that change."""

    table: str
    id: str
    columns: Mapping[str, Any]
    new: bool = True


def timestamp(moment: datetime) -> str:
    """Write a moment as the evidence format does: UTC, milliseconds, Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(value: Any) -> Any:
    """Return a column's value as a record writes it (docs/evidence-format.md §5)."""
    match value:
        case datetime():
            return timestamp(value)
        case Decimal():
            return str(value)
        case tuple() | list():
            return [plain(item) for item in value]
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case _:
            return value


def stated(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """Return what to select so that a ``*_blob`` column reads as the commitment of the bytes it names."""
    if not column.name.endswith("_blob"):
        return column
    commitment = sa.select(blob.c.commitment).where(blob.c.id == column).scalar_subquery()
    # An id that names nothing must not read like no id at all.
    named = sa.func.coalesce(commitment, sa.literal(b"", sa.LargeBinary))
    return sa.case((column.is_(None), sa.null()), else_=named).label(column.name)


def whole_rows(table: sa.Table) -> sa.Select[Any]:
    """Select a vouched table's rows in the form that ``vouched_columns`` takes."""
    return sa.select(*(stated(column) for column in table.c))


def vouched_columns(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a row of ``whole_rows`` that its record must state. Raises Misplaced."""
    return {name: _written(name, row[name], row["id"]) for name in COLUMNS[table]}


def _written(name: str, value: Any, row_id: str) -> Any:
    if isinstance(value, Held):
        return value.of(row_id)
    if name.endswith("_blob") and value is not None:
        return octets(value).hex()
    return plain(value)


def write_row(connection: Connection, put: Put, record_id: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Insert or change one vouched row and return its vouched columns as they now stand."""
    table = metadata.tables[put.table]
    values = _sealed(table, put.id, {**put.columns, **extra, "record_id": record_id})
    change: sa.Insert | sa.Update = (
        sa.insert(table).values(id=put.id, **values)
        if put.new
        else sa.update(table).where(table.c.id == put.id).values(**values)
    )
    if any(column.name.endswith("_blob") for column in table.c):  # RETURNING cannot look into another table
        connection.execute(change)
        row = connection.execute(whole_rows(table).where(table.c.id == put.id)).mappings().one()
    else:
        row = connection.execute(change.returning(*table.c)).mappings().one()
    return vouched_columns(put.table, dict(row))


def insert_or_ignore(
    connection: Connection,
    table: sa.Table,
    values: Mapping[str, Any],
    key: Iterable[str],
) -> bool:
    """Insert a row unless one with the same key is there; say whether it was inserted."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    keys = list(key)
    statement = insert(table).values(**values).on_conflict_do_nothing(index_elements=keys)
    # rowcount of an INSERT is not kept by every driver; a returned row is.
    return connection.execute(statement.returning(table.c[keys[0]])).first() is not None


def count_one(connection: Connection, table: sa.Table, name: str, by: int = 1) -> None:
    """Add to a named counter."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(table).values(name=name, count=by)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"count": table.c.count + by})
    )


def _sealed(table: sa.Table, row_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: Held(row_id, value) if isinstance(table.c[name].type, Personal) and value is not None else value
        for name, value in values.items()
    }
