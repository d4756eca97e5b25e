"""Column types of our own: an exact instant, and personal data that is encrypted at rest."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware moment, kept as whole milliseconds since 1970 on both databases."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware datetime into milliseconds; a naive one is a fault of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return (value - EPOCH) // timedelta(milliseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Turn milliseconds back into an aware datetime in UTC."""
        return None if value is None else EPOCH + timedelta(milliseconds=value)


@dataclass(frozen=True)
class Held:
    """Personal text together with the id of the row that it belongs to.

    The id is sealed inside, so a ciphertext copied into another person's row is
    noticed when it is read (:meth:`of`).
    """

    row: str
    text: str

    def of(self, row: str) -> str:
        """Return the text if it really belongs to this row. Raises Misplaced."""
        if self.row != row:
            raise Misplaced(row)
        return self.text

    def __repr__(self) -> str:
        return f"Held(row={self.row!r}, text=…)"


class Misplaced(Exception):  # noqa: N818
    """Personal data was moved from one row to another behind our back."""

    def __init__(self, row: str) -> None:
        super().__init__(f"personal data in row {row} was written for another row; run `huizheng audit`")
        self.row = row


class Sealer(Protocol):
    """What the personal column needs from the keys."""

    def seal_personal(self, label: str, plain: bytes) -> bytes:
        """Encrypt under the deployment's key."""

    def open_personal(self, label: str, sealed: bytes) -> bytes:
        """Decrypt; raises when anything was changed."""


class Personal(sa.types.TypeDecorator[Held]):
    """Personal data: AES-GCM under the deployment key, bound to its column and its row."""

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, label: str) -> None:
        super().__init__()
        self.label = label

    def process_bind_param(self, value: Held | None, dialect: Dialect) -> bytes | None:
        """Encrypt ``row id ‖ 0x00 ‖ text``."""
        if value is None:
            return None
        return sealer_of(dialect).seal_personal(self.label, f"{value.row}\0{value.text}".encode())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Held | None:
        """Decrypt; the reader must still ask :meth:`Held.of`."""
        if value is None:
            return None
        row, _, text = sealer_of(dialect).open_personal(self.label, bytes(value)).decode().partition("\0")
        return Held(row, text)


def lend_keys(dialect: Dialect, sealer: Sealer) -> None:
    """Give an engine's dialect the keys: column types see nothing else of their engine."""
    dialect.huizheng_sealer = sealer  # type: ignore[attr-defined]  # the one hook a column type can reach


def sealer_of(dialect: Dialect) -> Sealer:
    """Return the keys lent to this engine."""
    sealer: Sealer = dialect.huizheng_sealer  # type: ignore[attr-defined]  # set by lend_keys
    return sealer
