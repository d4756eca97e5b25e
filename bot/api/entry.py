"""The door of the API: whose token it is, what it may do, and whether the request has the right form."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.exceptions import BadRequest

from bot.api.problems import Problem
from handlers.access import EXPORT, RIGHTS, WORK
from handlers.desk import Desk
from storage.access import User, use_api_token

LARGEST_BODY = 1024 * 1024  # bytes
READING = ("GET", "HEAD", "OPTIONS")
_KEY = re.compile(r"[!-~]{1,100}")


@dataclass(frozen=True)
class Caller:
    """The user behind a token, and the token's scopes."""

    user: User
    scopes: frozenset[str]

    @property
    def actor(self) -> str:
        """How records name this user."""
        return f"user:{self.user.id}"

    @property
    def sees_personal(self) -> bool:
        """Whether telephone and ID numbers are shown in full."""
        return "personal" in self.scopes and self.works

    @property
    def works(self) -> bool:
        """Whether the user's role may change anything; one that only reads sees no full number either."""
        return WORK in RIGHTS.get(self.user.role, frozenset())


class StrictJson(DefaultJSONProvider):
    """JSON as RFC 8259 has it: nesting too deep to read, or numbers that are none, are the sender's fault."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return the value. Raises ValueError."""
        try:
            return super().loads(s, parse_constant=_no_number, **kwargs)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def door(desk: Desk, scopes: Mapping[str, str]) -> Callable[[], None]:
    """Return what runs before each request; ``scopes`` says what each endpoint asks for.

    Endpoints that it does not name (the documentation) are open to everybody.
    """

    def let_in() -> None:
        scope = scopes.get(request.endpoint or "")
        if scope is None:
            return
        g.caller = _caller(desk)
        _check_rights(g.caller, scope)
        if request.method not in READING:
            _check_form()

    return let_in


def caller() -> Caller:
    """Return who asks."""
    known: Caller = g.caller
    return known


def _caller(desk: Desk) -> Caller:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise Problem(
            "token-missing", "send the header Authorization: Bearer hz_…; `huizheng token` makes one",
            headers={"WWW-Authenticate": 'Bearer realm="huizheng"'},
        )  # fmt: skip
    with desk.archive.reading() as view:
        held = use_api_token(view.connection, secret.strip())
    if held is None:
        raise Problem(
            "token-unknown", "this token is unknown or revoked, or its user is no longer active",
            headers={"WWW-Authenticate": 'Bearer realm="huizheng", error="invalid_token"'},
        )  # fmt: skip
    return Caller(*held)


def _check_rights(who: Caller, scope: str) -> None:
    if scope not in who.scopes:
        challenge = f'Bearer realm="huizheng", error="insufficient_scope", scope="{scope}"'
        raise Problem(
            "scope-missing", f"this token lacks the scope {scope}: make one with it",
            headers={"WWW-Authenticate": challenge}, scope=scope,
        )  # fmt: skip
    if scope == EXPORT:
        if EXPORT not in RIGHTS.get(who.user.role, frozenset()):
            raise Problem(
                "role-reads-only", f"the token's user is {who.user.role}, who takes no evidence out"
            )
    elif not who.works and request.method not in READING:
        raise Problem("role-reads-only", f"the token's user is {who.user.role}, who reads and never writes")


def _check_form() -> None:
    if request.method == "POST":
        _check_key()
    if request.mimetype != "application/json":
        raise Problem("body-not-declared-json", "send the body as JSON with Content-Type: application/json")
    try:
        body = request.get_json()
    except BadRequest as error:
        raise Problem("body-not-json", "the body is not JSON in UTF-8") from error
    if not isinstance(body, dict):
        raise Problem("body-not-json", "the body must be a JSON object: {…}")


def _check_key() -> None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise Problem(
            "idempotency-key-missing",
            "every POST needs the header Idempotency-Key: a new UUID for each act, the same for its repeats",
        )
    if not _KEY.fullmatch(key):
        raise Problem(
            "idempotency-key-unusable", "Idempotency-Key is 1 to 100 visible ASCII characters without spaces"
        )


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is no JSON number")
