"""Bind ourselves to how many records each case has (docs/evidence-format.md §2.3)."""

from datetime import datetime

from casework.workdays import BEIJING
from evidence import heads
from storage.book import SYSTEM, Archive, Book, Entry, Part
from storage.heads import case_ends, heads_due
from storage.log import read_head

LINES = "application/jsonl"


def make_heads(book: Book) -> str:
    """Add a heads.made over all case streams, and return its id; the caller adds nothing more to the book.

    The log's head row is locked from here to the commit, so that no record of a
    case can slip between what is said here and the place of the record. Raises
    ValueError when the book already holds a record: that one would stand
    before this record and not be counted in it.
    """
    if book.holds_records:
        raise ValueError("heads are made in a transaction of their own")
    read_head(book.connection, lock=True)
    record_id = book.ids.uuid()
    lines = heads.listing(record_id, case_ends(book.connection))
    told = {
        "count": len(lines),
        "date": book.now.astimezone(BEIJING).date().isoformat(),
        "root": heads.root(lines).hex(),
    }
    parts = {"heads": Part(b"".join(line + b"\n" for line in lines), LINES)}
    return book.add(Entry("heads.made", SYSTEM, "system:worker", told=told, parts=parts), record_id)


def make_daily_heads(archive: Archive, occasion: datetime) -> str | None:
    """Make the heads of the day that began at ``occasion``, unless they are made or no case has moved."""
    with archive.reading() as view:
        if not heads_due(view.connection, occasion):
            return None
    with archive.writing() as book:
        read_head(book.connection, lock=True)  # of two workers the second one finds them made
        return make_heads(book) if heads_due(book.connection, occasion) else None
