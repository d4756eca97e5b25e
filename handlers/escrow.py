"""The deployment key is given to two holders, and put together again as a test."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.book import SYSTEM, Archive, Book, Entry, Reader
from storage.keys import KeyFault
from storage.last_told import LastTold, last_told
from storage.shares import Share, joined, key_id_of, split

ACTOR = "system:command-line"
GOOD_FOR = timedelta(days=365)


@dataclass(frozen=True)
class Escrow:
    """What the log knows of the escrow of the key in use; ``lacking`` names what is still to be done."""

    escrowed_at: datetime | None
    rehearsed_at: datetime | None
    lacking: str | None


def escrow(archive: Archive) -> tuple[Share, Share]:
    """Split the key in use; the caller writes the shares, then confirms with ``escrowed``."""
    return split(archive.keys, archive.ids.bytes(32))


def escrowed(archive: Archive, shares: tuple[Share, Share]) -> None:
    """Record that the shares were written: their check digits, which tell nothing of the key."""
    _add(archive, "key.escrowed", shares)


def rehearse(archive: Archive, one: Share, other: Share) -> None:
    """Put the key together in memory and compare it with the one in use. Raises KeyFault."""
    keys = joined(one, other)
    if not hmac.compare_digest(keys.secret, archive.keys.secret):
        used = key_id_of(archive.keys.secret)
        raise KeyFault(f"the shares give key {keys.key_id}, in use is {used}: escrow it anew")
    _add(archive, "key.rehearsed", (one, other))


def state_of_escrow(view: Book | Reader) -> Escrow:
    """Say whether the key in use was escrowed and, within a year, rehearsed."""
    given, tried = _of_key(view, "key.escrowed"), _of_key(view, "key.rehearsed")
    lacking = None
    if given is None:
        lacking = "the deployment key is not escrowed: run `huizheng keys escrow`"
    elif tried is None or tried.told.get("shares") != given.told.get("shares"):
        lacking = "the escrow was never rehearsed: run `huizheng keys rehearse` with both holders"
    elif view.now - tried.at > GOOD_FOR:
        lacking = "the escrow was not rehearsed for a year: run `huizheng keys rehearse`"
    return Escrow(given.at if given else None, tried.at if tried else None, lacking)


def _of_key(view: Book | Reader, kind: str) -> LastTold | None:
    """The newest record of the kind, if it is about the key in use."""
    found = last_told(view, kind)
    return found if found and found.told.get("key") == key_id_of(view.keys.secret) else None


def _add(archive: Archive, kind: str, shares: tuple[Share, Share]) -> None:
    told = {"key": shares[0].key_id, "shares": sorted(share.check for share in shares)}
    with archive.writing() as book:
        book.add(Entry(kind, SYSTEM, ACTOR, told=told))
