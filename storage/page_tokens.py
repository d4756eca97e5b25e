"""The secret in the address of an employee's page, and how often its identity check failed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.columns import Held
from storage.keys import Keys
from storage.schema import page_token


@dataclass(frozen=True)
class PageToken:
    """The secret in the address of an employee's page."""

    delivery_id: str
    token: str
    expires_at: datetime
    revoked_at: datetime | None
    failures: int


def token_digest(keys: Keys, token: str) -> str:
    """Return the look-up hash of a page token."""
    return keys.blind("page", token)


def find_token(connection: Connection, keys: Keys, token: str, *, lock: bool = False) -> PageToken | None:
    """Return the page token, expired and revoked ones included."""
    chosen = sa.select(page_token).where(page_token.c.digest == token_digest(keys, token))
    row = connection.execute(chosen.with_for_update() if lock else chosen).one_or_none()
    return None if row is None else _token(row)


def token_of(connection: Connection, delivery_id: str) -> PageToken | None:
    """Return a delivery's page token."""
    chosen = sa.select(page_token).where(page_token.c.delivery_id == delivery_id)
    row = connection.execute(chosen).one_or_none()
    return None if row is None else _token(row)


def keep_token(
    connection: Connection, keys: Keys, delivery_id: str, token: str, expires_at: datetime
) -> None:
    """Keep the secret of a delivery's page."""
    digest = token_digest(keys, token)
    connection.execute(
        sa.insert(page_token).values(
            digest=digest, delivery_id=delivery_id, token=Held(digest, token), expires_at=expires_at
        )
    )


def count_failure(connection: Connection, delivery_id: str) -> None:
    """Count a failed identity check."""
    connection.execute(
        sa.update(page_token)
        .where(page_token.c.delivery_id == delivery_id)
        .values(failures=page_token.c.failures + 1)
    )


def forgive_failures(connection: Connection, delivery_id: str) -> None:
    """Begin counting anew: the right answer was given."""
    connection.execute(
        sa.update(page_token).where(page_token.c.delivery_id == delivery_id).values(failures=0)
    )


def _token(row: Any) -> PageToken:
    return PageToken(row.delivery_id, row.token.of(row.digest), row.expires_at, row.revoked_at, row.failures)
