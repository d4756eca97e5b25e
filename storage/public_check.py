"""Whether a record code printed on a paper is one of ours; nothing about the person is read."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.schema import record

CODE_BYTES = 10  # docs/evidence-format.md §6


@dataclass(frozen=True)
class Composed:
    """A notice that was composed: when, and the full hash of its record."""

    at: datetime
    leaf_hash: str


def find_code(connection: Connection, code: str) -> Composed | None:
    """Return the notice whose record bears this code, None when there is none."""
    prefix = _prefix(code)
    if prefix is None or len(prefix) != CODE_BYTES:
        return None
    chosen = sa.select(record.c.at, record.c.leaf_hash).where(
        record.c.kind == "notice.composed",
        record.c.leaf_hash >= prefix + bytes(32 - CODE_BYTES),
        record.c.leaf_hash <= prefix + b"\xff" * (32 - CODE_BYTES),
    )
    row = connection.execute(chosen).first()
    return None if row is None else Composed(row.at, bytes(row.leaf_hash).hex())


def _prefix(code: str) -> bytes | None:
    try:
        return base64.b32decode(code.replace("-", "").upper())
    except (binascii.Error, ValueError):
        return None
