"""Letting people and programs in: one-time links and API tokens."""

from collections.abc import Mapping
from datetime import timedelta

from storage import access
from storage.book import Book

READ, WORK, EXPORT = "read", "work", "export"
HOLD = "hold"  # to put a case on hold
ASK, ERASE = "ask", "erase"  # to ask that something be erased; to approve what somebody else asked
RIGHTS: Mapping[str, frozenset[str]] = {  # by role; the console and the API ask the same table
    "admin": frozenset({READ, WORK, EXPORT, HOLD, ASK, ERASE}),
    "hr": frozenset({READ, WORK, EXPORT, ASK}),
    "legal": frozenset({READ, EXPORT, HOLD, ASK, ERASE}),
    "auditor": frozenset({READ}),
}

LINK_LIVES = timedelta(hours=12)


def make_login_link(book: Book, user_id: str) -> str:
    """Return the secret of a link that signs this user in once."""
    secret = book.ids.token(32)
    access.add_login_link(book.connection, secret, user_id, book.clock.real() + LINK_LIVES)
    return secret


def make_api_token(book: Book, user_id: str, name: str, scopes: list[str]) -> str:
    """Return a new API token; only its hash is kept."""
    secret = f"hz_{book.ids.token(40)}"
    access.add_api_token(book.connection, secret, user_id, name, scopes, book.now)
    return secret
