"""The ZIP around a bundle: one possible file for given members, so that no byte goes unexplained (§7)."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from struct import Struct, error
from typing import BinaryIO
from zlib import crc32
from zlib import error as deflate_error

from evidence.errors import BundleError, ContainerError, UnreadableBundle

# APPNOTE.TXT 4.3.7, 4.3.12, 4.3.14, 4.3.15, 4.3.16: field layouts of the five structures that we write.
_LOCAL = Struct("<4s5H3I2H")
_CENTRAL = Struct("<4s6H3I5H2I")
_ZIP64_END = Struct("<4sQ2H2I4Q")
_ZIP64_LOCATOR = Struct("<4sIQI")
_END = Struct("<4s4H2IH")

_VERSION = 10  # needed and made by: 1.0, MS-DOS attributes, none set
_ZIP64_VERSION = 45
_MIDNIGHT, _DAY = 0, 0x0021  # 00:00:00 on 1980-01-01, the earliest moment a ZIP can state
_MANY = 0xFFFF  # from so many members on, the count stands in the zip64 end record
LARGEST = 0xFFFF_FFFF - 1  # bytes of the whole file; beyond it every member would need an extra field


@dataclass(frozen=True)
class _Entry:
    name: bytes
    crc: int
    size: int
    offset: int

    def local(self) -> bytes:
        return _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, *self._facts(), len(self.name), 0) + self.name

    def central(self) -> bytes:
        facts, lengths = self._facts(), (len(self.name), 0, 0, 0, 0, 0, self.offset)
        return _CENTRAL.pack(b"PK\1\2", _VERSION, _VERSION, 0, 0, *facts, *lengths) + self.name

    def _facts(self) -> tuple[int, ...]:
        return _MIDNIGHT, _DAY, self.crc, self.size, self.size


def write(target: BinaryIO, members: Mapping[str, bytes]) -> None:
    """Write the members, sorted by name, as the one file that they make.

    Raises BundleError when the file would reach 4 GiB.
    """
    entries, offset = [], 0
    for name in sorted(members):
        data = members[name]
        entry = _Entry(name.encode("ascii"), crc32(data), len(data), offset)
        offset += len(entry.local()) + len(data)
        _must_fit(offset)
        target.write(entry.local())
        target.write(data)
        entries.append(entry)
    target.write(_directory(entries, offset))


def read_exactly(data: bytes) -> dict[str, bytes]:
    """Return the members of a file that ``write`` made; raises ContainerError for any other byte in it."""
    entries: list[_Entry] = []
    members: dict[str, bytes] = {}
    offset = 0
    while data.startswith(b"PK\3\4", offset):
        entry = _entry(data, offset)
        if entries and entry.name <= entries[-1].name:
            raise ContainerError("members are not sorted by name")
        start = offset + len(entry.local())
        offset = start + entry.size
        members[entry.name.decode()] = _member(data[start:offset], entry)
        entries.append(entry)
    if data[offset:] != _directory(entries, offset):
        raise ContainerError(f"unexpected bytes after the last member, at {offset}")
    return members


def read_loosely(data: bytes) -> dict[str, bytes]:
    """Return the members of any ZIP that holds each name once, e.g. one packed again by another program.

    Raises UnreadableBundle when there is no telling what the members are.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = archive.infolist()
            _must_be_plain(listed)
            return {one.filename: archive.read(one) for one in listed if not one.is_dir()}
    except (zipfile.BadZipFile, deflate_error, error) as cause:
        raise UnreadableBundle(f"not a whole ZIP file: {cause}") from cause
    except (OSError, EOFError, ValueError, LookupError, NotImplementedError, RuntimeError) as cause:
        raise UnreadableBundle(f"not a ZIP file of ours: {type(cause).__name__}") from cause


def _entry(data: bytes, offset: int) -> _Entry:
    if len(data) < offset + _LOCAL.size:
        raise ContainerError("cut off inside a member's header")
    stated = _LOCAL.unpack_from(data, offset)
    start = offset + _LOCAL.size
    entry = _Entry(data[start : start + stated[9]], stated[6], stated[8], offset)
    if not entry.name.isascii() or data[offset : start + stated[9]] != entry.local():
        raise ContainerError(f"a member's header is not ours, at {offset}")
    return entry


def _member(data: bytes, entry: _Entry) -> bytes:
    if len(data) != entry.size or crc32(data) != entry.crc:
        raise ContainerError(f"{entry.name.decode()} is not what its header says")
    return data


def _directory(entries: Iterable[_Entry], offset: int) -> bytes:
    central = [entry.central() for entry in entries]
    count, size = len(central), sum(map(len, central))
    few = min(count, _MANY)
    end = _END.pack(b"PK\5\6", 0, 0, few, few, size, offset, 0)
    return b"".join(central) + (_zip64(count, size, offset) if count >= _MANY else b"") + end


def _zip64(count: int, size: int, offset: int) -> bytes:
    versions, rest = (_ZIP64_VERSION, _ZIP64_VERSION), _ZIP64_END.size - 12
    record = _ZIP64_END.pack(b"PK\6\6", rest, *versions, 0, 0, count, count, size, offset)
    return record + _ZIP64_LOCATOR.pack(b"PK\6\7", 0, offset + size, 1)


def _must_fit(length: int) -> None:
    if length > LARGEST:
        raise BundleError("a bundle must stay below 4 GiB; leave large parts out and list them as omitted")


def _must_be_plain(listed: list[zipfile.ZipInfo]) -> None:
    if len({one.filename for one in listed}) != len(listed):
        raise UnreadableBundle("a name stands twice in the ZIP file")
    if sum(one.file_size for one in listed) > LARGEST:
        raise UnreadableBundle("the ZIP file unpacks to more than 4 GiB")
    if any(one.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for one in listed):
        raise UnreadableBundle("the ZIP file is compressed in an unusual way")
