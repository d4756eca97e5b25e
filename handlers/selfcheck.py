"""Once a day the log is recomputed from its own bytes, and what came of it is itself a record."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.audit import Audit, audit
from storage.book import SYSTEM, Archive, Book, Entry, Reader
from storage.last_told import last_told

EVERY = timedelta(hours=24)
ACTOR = "system:worker"
KIND = "selfcheck.done"


@dataclass(frozen=True)
class SelfCheck:
    """The newest self-check: when, and how many findings it had."""

    at: datetime
    findings: int


def last_selfcheck(view: Book | Reader) -> SelfCheck | None:
    """Return the newest self-check; None when there was none."""
    found = last_told(view, KIND)
    # One that cannot be read is no good news.
    return None if found is None else SelfCheck(found.at, int(found.told.get("findings", 1)))


def is_selfcheck_due(view: Book | Reader) -> bool:
    """Whether a day has gone by since the newest one."""
    last = last_selfcheck(view)
    return last is None or view.now - last.at >= EVERY


def check_self(archive: Archive) -> Audit | None:
    """Audit the whole database and record the result; None when another worker has done it meanwhile."""
    began = archive.clock.real()
    with archive.reading() as view:
        found = audit(view)
    with archive.writing() as book:
        if not is_selfcheck_due(book):
            return None
        took = (archive.clock.real() - began) // timedelta(milliseconds=1)
        told = {
            "findings": len(found.findings), "records": found.records, "root": found.root,
            "size": found.size, "took_ms": took,
        }  # fmt: skip
        book.add(Entry(KIND, SYSTEM, ACTOR, told=told))
    return found
