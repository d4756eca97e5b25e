"""One-time codes by which an employee's account is bound."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.access import digest
from storage.schema import bind_code


def add_code(
    connection: Connection, code: str, employee_id: str, channel: str, account: str, expires_at: datetime
) -> None:
    """Keep a new code's hash."""
    connection.execute(
        sa.insert(bind_code).values(
            digest=digest(code),
            employee_id=employee_id,
            channel=channel,
            account=account,
            expires_at=expires_at,
        )
    )


def use_code(connection: Connection, code: str, channel: str, account: str, now: datetime) -> str | None:
    """Use a code up and return whom it binds; None when unknown, used, too old or for another account."""
    used = (
        sa.update(bind_code)
        .where(
            bind_code.c.digest == digest(code),
            bind_code.c.channel == channel,
            bind_code.c.account == account,
            bind_code.c.used_at.is_(None),
            bind_code.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(bind_code.c.employee_id)
    )
    return connection.execute(used).scalar()
