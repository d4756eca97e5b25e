"""Who may use the console and the API: users, one-time links, tokens, repeated requests."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from storage.columns import Held
from storage.schema import api_token, idempotency, login_link, user

KEEP_ANSWERS = timedelta(days=1)


@dataclass(frozen=True)
class User:
    """Somebody on the firm's side."""

    id: str
    login: str
    name: str
    role: str  # admin, hr, legal, auditor
    active: bool
    sessions: int = 0  # which generation of sessions is good


def digest(secret: str) -> str:
    """Return the hash under which a random secret is kept; secrets here have 128 bits or more."""
    return hashlib.sha256(secret.encode()).hexdigest()


def user_by_id(connection: Connection, user_id: str) -> User | None:
    """Return a user."""
    row = connection.execute(sa.select(user).where(user.c.id == user_id)).one_or_none()
    return None if row is None else _user(row)


def user_by_login(connection: Connection, login: str) -> User | None:
    """Return the user of this login."""
    row = connection.execute(sa.select(user).where(user.c.login == login)).one_or_none()
    return None if row is None else _user(row)


def end_sessions(connection: Connection, user_id: str) -> None:
    """Make every session of this user worthless."""
    connection.execute(sa.update(user).where(user.c.id == user_id).values(sessions=user.c.sessions + 1))


def add_login_link(connection: Connection, secret: str, user_id: str, expires_at: datetime) -> None:
    """Keep a one-time link."""
    connection.execute(
        sa.insert(login_link).values(digest=digest(secret), user_id=user_id, expires_at=expires_at)
    )


def use_login_link(connection: Connection, secret: str, real: datetime) -> User | None:
    """Use a one-time link; None when it is unknown, used or too old."""
    used = connection.execute(
        sa.update(login_link)
        .where(
            login_link.c.digest == digest(secret),
            login_link.c.used_at.is_(None),
            login_link.c.expires_at > real,
        )
        .values(used_at=real)
        .returning(login_link.c.user_id)
    ).scalar()
    return None if used is None else user_by_id(connection, used)


def add_api_token(
    connection: Connection, secret: str, user_id: str, name: str, scopes: list[str], at: datetime
) -> None:
    """Keep an API token's hash."""
    connection.execute(
        sa.insert(api_token).values(
            digest=digest(secret), user_id=user_id, name=name, scopes=scopes, created_at=at
        )
    )


def use_api_token(connection: Connection, secret: str) -> tuple[User, frozenset[str]] | None:
    """Return whose token this is and what it may do; None when unknown or revoked."""
    chosen = sa.select(api_token).where(
        api_token.c.digest == digest(secret), api_token.c.revoked_at.is_(None)
    )
    row = connection.execute(chosen).one_or_none()
    holder = row and user_by_id(connection, row.user_id)
    return (holder, frozenset(row.scopes)) if row and holder and holder.active else None


@dataclass(frozen=True)
class Answered:
    """The answer that a repeated request gets again."""

    fingerprint: str
    status: int
    body: dict[str, Any]


def earlier_answer(connection: Connection, key: str, at: datetime) -> Answered | None:
    """Return what a request with this Idempotency-Key was answered within the last day."""
    connection.execute(sa.delete(idempotency).where(idempotency.c.at < at - KEEP_ANSWERS))
    row = connection.execute(sa.select(idempotency).where(idempotency.c.key == key)).one_or_none()
    return None if row is None else Answered(row.fingerprint, row.status, json.loads(row.body.of(key)))


def keep_answer(connection: Connection, key: str, answered: Answered, at: datetime) -> None:
    """Keep an answer for repeats of the request, in the transaction of what it did."""
    connection.execute(
        sa.insert(idempotency).values(
            key=key, fingerprint=answered.fingerprint, status=answered.status,
            body=Held(key, json.dumps(answered.body, ensure_ascii=False)), at=at,
        )
    )  # fmt: skip


def forget_answers(connection: Connection, words: Collection[str]) -> None:
    """Forget the kept answers in which any of these ids or numbers stands."""
    for row in connection.execute(sa.select(idempotency.c.key, idempotency.c.body)).all():
        if row.body is not None and any(word in row.body.of(row.key) for word in words):
            connection.execute(sa.delete(idempotency).where(idempotency.c.key == row.key))


def _user(row: Any) -> User:
    return User(row.id, row.login, row.name, row.role, row.active, row.sessions)
