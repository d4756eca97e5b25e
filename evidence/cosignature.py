"""A witness's cosignature: what it signs and when it says that it did (C2SP tlog-cosignature, Ed25519)."""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from evidence.errors import NoteError

STAMP_LENGTH = 8  # bytes of big-endian seconds since 1970 before the Ed25519 signature
SIGNATURE_LENGTH = STAMP_LENGTH + 64

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Dated(Protocol):
    """The signature of a witness's line, of which only the bytes matter here."""

    @property
    def data(self) -> bytes:
        """The bytes after the key id."""


def message(body: bytes, seconds: int) -> bytes:
    """Return what a witness signs over a checkpoint body at a time in seconds since 1970."""
    return b"cosignature/v1\ntime %d\n" % seconds + body


def signed_at(signature: Dated) -> int:
    """Return the seconds since 1970 at which a witness says that it signed; raises NoteError."""
    seconds = int.from_bytes(signature.data[:STAMP_LENGTH])
    if len(signature.data) != SIGNATURE_LENGTH or seconds >= 1 << 63:
        raise NoteError("a cosignature is not 8 bytes of time and 64 bytes of signature")
    return seconds


def time_of(signature: Dated) -> datetime:
    """Return when a witness says that it signed, in UTC; raises NoteError."""
    try:
        return _EPOCH + timedelta(seconds=signed_at(signature))
    except OverflowError as error:
        raise NoteError("a cosignature's time lies beyond the year 9999") from error
