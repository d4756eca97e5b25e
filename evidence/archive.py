"""The members of a bundle's file, read through a memory map so that a long file needs no long memory."""

import mmap
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from evidence.container import LARGEST, LOCAL, Entry, ending
from evidence.errors import ContainerError, UnreadableBundle
from evidence.names import PARTS

_PIECE = 1 << 20  # bytes of a member that are handed out at once
_RELEASE = 1 << 24  # bytes after which what was read may leave the memory again
_AROUND = 1 << 16  # bytes that the system maps around a place that is read


class Members:
    """The members of one file in the order of their names, which is that of their numbers from 0."""

    def __init__(self, data: mmap.mmap, offsets: "array[int]") -> None:
        self._data = data
        self._offsets = offsets  # of the headers, by number
        self._touched = self._last = 0
        self._begin = 0  # number of the first part
        self._keys: array[int] | None = None  # of the parts, in their order

    def __len__(self) -> int:
        return len(self._offsets)

    def __contains__(self, name: str) -> bool:
        return self.find(name) is not None

    def name(self, number: int) -> str:
        """Return the name of a member."""
        return self._name(number).decode("ascii")

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the sorted names that begin so."""
        return (name for _, name in self.numbered(prefix))

    def numbered(self, prefix: str) -> Iterator[tuple[int, str]]:
        """Yield the numbers and the sorted names of members whose names begin so."""
        for number in range(self._first(prefix.encode()), len(self)):
            name = self.name(number)
            if not name.startswith(prefix):
                return
            yield number, name

    def number(self, name: str) -> int:
        """Return the number of a member that is there."""
        found = self.find(name)
        assert found is not None
        return found

    def find(self, name: str) -> int | None:
        """Return the number of the member of this name."""
        wanted = name.encode("utf-8", "replace")
        number = self._part(name) if name.startswith(PARTS) else self._first(wanted)
        return number if number < len(self) and self._name(number) == wanted else None

    def entry(self, number: int) -> Entry:
        """Return what a member's header states."""
        header = self._header(number)
        return Entry(self._name(number), header[6], header[8], self._offsets[number])

    def pieces(self, number: int) -> Iterator[bytes]:
        """Yield a member's bytes."""
        start, stop = self.span(number)
        for at in range(start, stop, _PIECE):
            yield self._bytes(at, min(_PIECE, stop - at))

    def read(self, name: str) -> bytes:
        """Return a whole member; nothing for one that is not there, of which the wrapping's findings tell."""
        number = self.find(name)
        return b"" if number is None else b"".join(self.pieces(number))

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield a member's lines with their newlines, which only the last may lack."""
        number = self.find(name)
        at, stop = (0, 0) if number is None else self.span(number)
        while at < stop:
            found = self._data.find(b"\n", at, stop)
            end = stop if found < 0 else found + 1
            yield self._bytes(at, end - at)
            at = end

    def span(self, number: int) -> tuple[int, int]:
        """Return where a member's bytes begin and end in the file."""
        header = self._header(number)
        start = self._offsets[number] + LOCAL.size + header[9]
        return start, start + header[8]

    def _part(self, name: str) -> int:
        # Most members are parts and each is looked up: the beginnings of their names are kept as numbers.
        if self._keys is None:
            self._begin = self._first(PARTS.encode())
            self._keys = array("Q", (_key(name) for name in self.names(PARTS)))
        low, high = bisect_left(self._keys, _key(name)), bisect_right(self._keys, _key(name))
        return self._first(name.encode("utf-8", "replace"), self._begin + low, self._begin + high)

    def _first(self, name: bytes, low: int = 0, high: int | None = None) -> int:
        high = len(self) if high is None else high
        while low < high:
            middle = (low + high) // 2
            if self._name(middle) < name:
                low = middle + 1
            else:
                high = middle
        return low

    def _name(self, number: int) -> bytes:
        return self._bytes(self._offsets[number] + LOCAL.size, self._header(number)[9])

    def _header(self, number: int) -> tuple[int, ...]:
        return LOCAL.unpack_from(self._data, self._offsets[number])

    def _bytes(self, start: int, length: int) -> bytes:
        near = abs(start - self._last) < _AROUND
        self._touched, self._last = self._touched + length + (0 if near else _AROUND), start
        if self._touched > _RELEASE:
            _release(self._data)
            self._touched = 0
        return self._data[start : start + length]


def read_exactly(file: BinaryIO) -> Members:
    """Return the members of a file that ``Writer`` made; raises ContainerError for any other byte in it."""
    data, offsets, offset, before = _mapped(file), array("Q"), 0, b""
    while data[offset : offset + 4] == b"PK\3\4":
        entry = _entry(data, offset)
        if entry.name <= before:
            raise ContainerError("members are not sorted by name")
        offsets.append(offset)
        before = entry.name
        offset = _past(data, entry)
    members = Members(data, offsets)
    if not _ends(data, members, offset):
        raise ContainerError(f"unexpected bytes after the last member, at {offset}")
    return members


def opened(path: Path) -> BinaryIO:
    """Open a file that may be a bundle; raises UnreadableBundle."""
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableBundle(f"{path} is larger than a bundle can be (4 GiB)")
        return path.open("rb")
    except OSError as error:
        raise UnreadableBundle(f"{path} cannot be read: {error.strerror}") from error


def _mapped(file: BinaryIO) -> mmap.mmap:
    try:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except ValueError as error:
        raise ContainerError("an empty file") from error


def _release(data: mmap.mmap) -> None:
    # Pages that were read count as ours until they are given back; the file still holds them.
    if hasattr(mmap, "MADV_DONTNEED"):
        data.madvise(mmap.MADV_DONTNEED)


def _entry(data: mmap.mmap, offset: int) -> Entry:
    if len(data) < offset + LOCAL.size:
        raise ContainerError("cut off inside a member's header")
    stated = LOCAL.unpack_from(data, offset)
    start = offset + LOCAL.size
    entry = Entry(data[start : start + stated[9]], stated[6], stated[8], offset)
    if not entry.name.isascii() or data[offset : start + stated[9]] != entry.local():
        raise ContainerError(f"a member's header is not ours, at {offset}")
    return entry


def _past(data: mmap.mmap, entry: Entry) -> int:
    """Return where a member ends whose bytes are what its header says."""
    at = entry.offset + LOCAL.size + len(entry.name)
    end, crc = at + entry.size, 0
    for start in range(at, end, _PIECE):
        crc = crc32(data[start : min(start + _PIECE, end)], crc)
        if start % _RELEASE < _PIECE:
            _release(data)
    if end > len(data) or crc != entry.crc:
        raise ContainerError(f"{entry.name.decode()} is not what its header says")
    return end


def _ends(data: mmap.mmap, members: Members, offset: int) -> bool:
    at = offset
    for number in range(len(members)):
        line = members.entry(number).central()
        if data[at : at + len(line)] != line:
            return False
        at += len(line)
    rest = ending(len(members), at - offset, offset)
    return len(data) - at == len(rest) and data[at:] == rest


def _key(name: str) -> int:
    # Eight bytes of what follows the folder's name keep the order of the names.
    return int.from_bytes(name[len(PARTS) : len(PARTS) + 8].encode().ljust(8, b"\0"))
