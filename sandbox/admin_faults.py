"""The hidden side of the sandbox, where gateways are made to fail: dice, tokens, error codes, the clock."""

from datetime import timedelta

from flask import Response, jsonify

from sandbox.admin import Unusable, admin, body
from sandbox.fates import Dice
from sandbox.world import here

__all__ = ["admin"]


@admin.post("/dice")
def dice() -> Response:
    """Draw every fate from the menu by a seed, or with null go back to last digits; tell what was drawn."""
    book, seed = here().fates, body().get("seed")
    drawn = {} if book.dice is None else dict(book.dice.drawn)
    book.dice = None if seed is None else Dice(str(seed))
    return jsonify(drawn=drawn)


@admin.post("/clock")
def clock() -> Response:
    """Set business time forward by so many seconds."""
    here().clock.move(timedelta(seconds=float(body().get("seconds", 0))))
    return jsonify(now=here().clock.now().isoformat())


@admin.post("/tokens")
def tokens() -> Response:
    """Make the access tokens "expired" (42001) or "revoked" (40001)."""
    make = body().get("make")
    if make not in ("expired", "revoked"):
        raise Unusable('make must be "expired" or "revoked"')
    issued = here().wechat.tokens
    (issued.expire if make == "expired" else issued.revoke)()
    return jsonify(make=make)


@admin.post("/faults")
def faults() -> Response:
    """Let the next calls of the WeChat API fail with an errcode, unprocessed."""
    world, given = here(), body()
    with world.lock:
        world.wechat.faults += [int(given.get("errcode", -1))] * int(given.get("times", 1))
        return jsonify(waiting=world.wechat.faults)
