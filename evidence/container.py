"""The ZIP around a bundle: one possible file for given members, so that no byte goes unexplained (§7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from struct import Struct
from typing import BinaryIO

from evidence.errors import BundleError

# APPNOTE.TXT 4.3.7, 4.3.12, 4.3.14, 4.3.15, 4.3.16: field layouts of the five structures that we write.
LOCAL = Struct("<4s5H3I2H")
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
class Entry:
    """What the headers of one member state, ``offset`` being that of its first header."""

    name: bytes
    crc: int
    size: int
    offset: int

    def local(self) -> bytes:
        """Return the header before the member's bytes."""
        return LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, *self._facts(), len(self.name), 0) + self.name

    def central(self) -> bytes:
        """Return the member's line of the directory at the end."""
        facts, lengths = self._facts(), (len(self.name), 0, 0, 0, 0, 0, self.offset)
        return _CENTRAL.pack(b"PK\1\2", _VERSION, _VERSION, 0, 0, *facts, *lengths) + self.name

    def _facts(self) -> tuple[int, ...]:
        return _MIDNIGHT, _DAY, self.crc, self.size, self.size


class Writer:
    """Writes members, which must come sorted by name, as the one file that they make."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self._directory = bytearray()
        self._count = self._offset = 0

    def member(self, name: str, size: int, crc: int, pieces: Iterable[bytes]) -> None:
        """Write one member whose pieces have this length and CRC together.

        Raises BundleError when the file would reach 4 GiB.
        """
        entry = Entry(name.encode("ascii"), crc, size, self._offset)
        header = entry.local()
        self._offset += len(header) + size
        if self._offset > LARGEST:
            raise BundleError(
                "a bundle must stay below 4 GiB; leave large parts out and list them as omitted"
            )
        self._target.write(header)
        for piece in pieces:
            self._target.write(piece)
        self._directory += entry.central()
        self._count += 1

    def finish(self) -> None:
        """Write the directory after the last member."""
        self._target.write(self._directory)
        self._target.write(ending(self._count, len(self._directory), self._offset))


def ending(count: int, size: int, offset: int) -> bytes:
    """Return what stands after a directory of this many members, this size and this offset."""
    few = min(count, _MANY)
    end = _END.pack(b"PK\5\6", 0, 0, few, few, size, offset, 0)
    return (_zip64(count, size, offset) if count >= _MANY else b"") + end


def _zip64(count: int, size: int, offset: int) -> bytes:
    versions, rest = (_ZIP64_VERSION, _ZIP64_VERSION), _ZIP64_END.size - 12
    record = _ZIP64_END.pack(b"PK\6\6", rest, *versions, 0, 0, count, count, size, offset)
    return record + _ZIP64_LOCATOR.pack(b"PK\6\7", 0, offset + size, 1)
