"""Which version of the working calendar counts now, and how a version becomes evidence."""

from collections.abc import Mapping

from casework.calendar_form import calendar_body, version_order
from casework.calendars import Calendar
from storage import calendars
from storage.book import SYSTEM, Book, Entry, Reader
from storage.rows import Put


def current(view: Book | Reader, packaged: Calendar) -> Calendar:
    """Return the newest calendar: the packaged one, or a version that this firm has taken in.

    Of two with the same version the firm's own counts, since it is in the evidence log.
    """
    kept = calendars.newest_kept(view.connection)
    if kept is None or version_order(kept.version) < version_order(packaged.version):
        return packaged
    return kept


def keep_version(
    book: Book, calendar: Calendar, actor: str, told: Mapping[str, object] | None = None
) -> None:
    """Keep a version, sealed, unless it is kept already: a ladder names the version it was counted with."""
    if calendars.has_version(book.connection, calendar.version):
        return
    put = Put("calendar_version", calendar.version, {"body": calendar_body(calendar), "since": book.now})
    book.add(Entry("calendar.saved", SYSTEM, actor, rows=[put], told=told or {}))
