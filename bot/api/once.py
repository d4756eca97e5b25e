"""Writing in one transaction, and each act once, however often its request is repeated."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import request
from pydantic import BaseModel

from bot.api.entry import Caller
from bot.api.problems import Problem
from storage.access import Answered, earlier_answer, keep_answer
from storage.book import Archive, Book

_Made = TypeVar("_Made")


@dataclass(frozen=True)
class Once:
    """What a request that must act once was answered, and whether it had been answered before."""

    body: Mapping[str, Any]
    repeated: bool

    @property
    def headers(self) -> dict[str, str]:
        """What tells the caller that nothing was done this time."""
        return {"Idempotency-Replayed": "true"} if self.repeated else {}


def write(archive: Archive, act: Callable[[Book], _Made]) -> _Made:
    """Act in one transaction, and a second time if the first failed.

    A request that came in between may have made the very row or kept the very answer that this
    one was about to: the second time it is found. Nothing of a failed transaction stays.
    """
    try:
        return _write(archive, act)
    except Exception:
        return _write(archive, act)


def write_once(archive: Archive, who: Caller, body: BaseModel, act: Callable[[Book], BaseModel]) -> Once:
    """Act unless this user's Idempotency-Key has been answered already; then return that answer.

    The answer is kept in the act's own transaction. Raises Problem when the key was used for
    another request. A refused request is not remembered: it did nothing.
    """
    key, sent = _named(who, body)

    def act_or_repeat(book: Book) -> Once:
        fingerprint = book.keys.blind("api/request", sent)
        earlier = earlier_answer(book.connection, key, book.clock.real())
        if earlier is not None:
            return _repeat(earlier, fingerprint)
        made = act(book).model_dump(mode="json")
        keep_answer(book.connection, key, Answered(fingerprint, 201, made), book.clock.real())
        return Once(made, repeated=False)

    return write(archive, act_or_repeat)


def answered_before(archive: Archive, who: Caller, body: BaseModel) -> Mapping[str, Any] | None:
    """Return what this request was answered with earlier, for an act that needs transactions of its own.

    Raises Problem when the key was used for another request.
    """
    key, sent = _named(who, body)
    with archive.writing() as book:
        earlier = earlier_answer(book.connection, key, book.clock.real())
        return None if earlier is None else _repeat(earlier, book.keys.blind("api/request", sent)).body


def remember(archive: Archive, who: Caller, body: BaseModel, made: Mapping[str, Any]) -> None:
    """Keep the answer to such an act, unless it is kept already."""
    key, sent = _named(who, body)
    with archive.writing() as book:
        if earlier_answer(book.connection, key, book.clock.real()) is None:
            answered = Answered(book.keys.blind("api/request", sent), 201, dict(made))
            keep_answer(book.connection, key, answered, book.clock.real())


def _named(who: Caller, body: BaseModel) -> tuple[str, str]:
    """Return the key under which an answer is kept, and the request that it answers."""
    sent = json.dumps([request.method, request.path, body.model_dump(mode="json")], sort_keys=True)
    return f"api/{who.user.id}/{request.headers['Idempotency-Key']}", sent


def _repeat(earlier: Answered, fingerprint: str) -> Once:
    if earlier.fingerprint != fingerprint:
        raise Problem(
            "idempotency-key-reused",
            "this Idempotency-Key belongs to another request of the last day: make a new one for each act",
        )
    return Once(earlier.body, repeated=True)


def _write(archive: Archive, act: Callable[[Book], _Made]) -> _Made:
    with archive.writing() as book:
        return act(book)
