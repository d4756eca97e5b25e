"""/log: our signed checkpoint for anybody, and what a witness that comes by itself asks for and brings."""

from collections.abc import Sequence

from flask import Blueprint, Response, request

from bot.anchors.cosigning import MEDIA, NotCosigned, cosigned_line
from bot.anchors.submission import SIZE_MEDIA, written
from evidence.note import Key
from handlers.anchors import take_cosignature
from handlers.ask_anchors import proof_between
from handlers.desk import Desk
from handlers.vouching import Anchored
from storage import checkpoints
from storage.checkpoints import Kept
from storage.log import LogHalted, read_head

TEXT = "text/plain; charset=utf-8"
LARGEST = 16 * 1024  # bytes of cosignature lines
_LONGEST_SIZE = 15  # digits


def offer(desk: Desk, witnesses: Sequence[Key]) -> Blueprint:
    """Return the public pages of the log; only these witnesses' cosignatures are taken."""
    blueprint = Blueprint("offer", __name__)

    @blueprint.get("/log/checkpoint")
    def checkpoint() -> Response:
        kept = _newest(desk)
        return _nothing_signed() if kept is None else Response(kept.note, content_type=TEXT)

    @blueprint.get("/log/add-checkpoint")
    def add_checkpoint() -> Response:
        old, kept = _size("old"), _newest(desk)
        if old is None:
            return _said("give the size that you saw last: ?old=0 for none", 400)
        if kept is None:
            return _nothing_signed()
        if old > kept.size:
            return Response(f"{kept.size}\n", 409, content_type=SIZE_MEDIA)
        proof = proof_between(desk.archive, old, kept.size) if old else []
        return Response(written(old, proof, kept.note), content_type=TEXT)

    @blueprint.post("/log/cosignatures")
    def cosignatures() -> Response:
        request.max_content_length = LARGEST
        size = _size("size")
        if size is None:
            return _said("say over which checkpoint: ?size=…", 400)
        return _taken(desk, witnesses, size, request.get_data())

    return blueprint


def _taken(desk: Desk, witnesses: Sequence[Key], size: int, lines: bytes) -> Response:
    with desk.archive.reading() as view:
        kept = checkpoints.at(view.connection, read_head(view.connection).origin, size)
    if kept is None:
        return _said("no signed checkpoint of that size", 404)
    found = _cosigned(lines, kept.note, witnesses)
    if found is None:
        return _said("no line of a witness that we know holds: is its vkey in evidence.witness_keys?", 403)
    try:
        with desk.archive.writing() as book:
            new = take_cosignature(book, found[0].name, kept.note, found[1])
    except LogHalted:
        return _said("the log is halted and records nothing: ask the firm why", 503)
    return _said("recorded" if new else "recorded before", 200)


def _cosigned(lines: bytes, note: bytes, witnesses: Sequence[Key]) -> tuple[Key, Anchored] | None:
    for key in witnesses:
        try:
            line, at = cosigned_line(lines, note, key)
        except NotCosigned:
            continue
        return key, Anchored(line, MEDIA, at)
    return None


def _newest(desk: Desk) -> Kept | None:
    with desk.archive.reading() as view:
        return checkpoints.newest(view.connection, read_head(view.connection).origin)


def _size(name: str) -> int | None:
    given = request.args.get(name, "")
    plain = given.isascii() and given.isdigit() and len(given) <= _LONGEST_SIZE
    return int(given) if plain else None


def _nothing_signed() -> Response:
    return _said("this log has no signed checkpoint yet", 404)


def _said(text: str, status: int) -> Response:
    return Response(f"{text}\n", status, content_type=TEXT)
