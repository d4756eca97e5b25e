"""Reading a bundle that another program packed again, so that a report can tell that from forgery (§8)."""

import zipfile
from collections.abc import Iterator
from struct import error
from tempfile import TemporaryFile
from typing import BinaryIO
from zlib import error as deflate_error

from evidence.archive import Members, read_exactly
from evidence.container import LARGEST, Writer
from evidence.errors import BundleError, ContainerError, UnreadableBundle

_PIECE = 1 << 20  # bytes that are unpacked at once


def read_loosely(file: BinaryIO) -> Members:
    """Return the members of any ZIP that holds each name once, from a copy that is packed as ours are.

    Raises UnreadableBundle when there is no telling what the members are.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            return _packed_again(archive)
    except (zipfile.BadZipFile, deflate_error, error) as cause:
        raise UnreadableBundle(f"not a whole ZIP file: {cause}") from cause
    except (BundleError, ContainerError) as cause:
        raise UnreadableBundle(f"not a ZIP file of ours: {cause}") from cause
    except (OSError, EOFError, ValueError, LookupError, NotImplementedError, RuntimeError) as cause:
        raise UnreadableBundle(f"not a ZIP file of ours: {type(cause).__name__}") from cause


def _packed_again(archive: zipfile.ZipFile) -> Members:
    listed = [one for one in archive.infolist() if not one.is_dir()]
    _must_be_plain(listed)
    with TemporaryFile() as file:
        writer = Writer(file)
        for one in sorted(listed, key=_ascii):
            writer.member(_ascii(one), one.file_size, one.CRC, _pieces(archive, one))
        writer.finish()
        file.flush()
        return read_exactly(file)


def _pieces(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> Iterator[bytes]:
    # zipfile hands out no more bytes than the directory states, and checks their CRC at the end.
    left = one.file_size
    with archive.open(one) as member:
        while piece := member.read(_PIECE):
            left -= len(piece)
            yield piece
    if left:
        raise zipfile.BadZipFile(f"{one.filename!r} is shorter than it says")


def _ascii(one: zipfile.ZipInfo) -> str:
    return one.filename.encode("ascii", "backslashreplace").decode()


def _must_be_plain(listed: list[zipfile.ZipInfo]) -> None:
    if len({_ascii(one) for one in listed}) != len(listed):
        raise UnreadableBundle("a name stands twice in the ZIP file")
    if sum(one.file_size for one in listed) > LARGEST:
        raise UnreadableBundle("the ZIP file unpacks to more than 4 GiB")
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in listed):
        raise UnreadableBundle("the ZIP file is compressed in an unusual way")
