"""A bundle under construction: a BagIt 1.0 bag (RFC 8493) in one ZIP, spooled in a temporary file."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from struct import Struct
from tempfile import SpooledTemporaryFile, TemporaryFile
from types import TracebackType
from typing import BinaryIO, NamedTuple, Protocol, Self
from zlib import crc32

from evidence import export_note, names
from evidence.checkpoint import Checkpoint
from evidence.container import Writer
from evidence.errors import BundleError

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

_PIECE = 1 << 20  # bytes that are copied at once
_STATE = Struct("<QQI32s64s")  # offset in the spool file, size, CRC, SHA-256, SHA-512
_INFO_LINE = re.compile(r"[A-Za-z][A-Za-z0-9-]*: [^\r\n\x00-\x1f]+")


class _State(NamedTuple):
    offset: int
    size: int
    crc: int
    sha256: bytes
    sha512: bytes


class Member(Protocol):
    """A member that is being written."""

    def write(self, data: bytes, /) -> int:
        """Append bytes."""


class Bag:
    """Collects the members of a bundle in a temporary file; a context manager, which removes that file.

    About 350 bytes of memory go to each member, however long it is.
    """

    def __init__(self, folder: Path) -> None:
        """Spool into this folder, which needs as much room as the bundle will have."""
        self._folder = folder
        self._spool = TemporaryFile(dir=folder)  # noqa: SIM115  (closed by close)
        self._numbers: dict[str, int] = {}
        self._states = bytearray()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary file."""
        self._spool.close()

    def __contains__(self, name: str) -> bool:
        return name in self._numbers

    def add(self, name: str, data: bytes) -> None:
        """Add a whole member. Raises BundleError for a name that §7.1 does not list, or a second time."""
        self._must_be_new(name)
        self._put(name, [data])

    @contextmanager
    def open(self, name: str) -> Iterator[Member]:
        """Open a member to be written piece by piece, beside others; it is added when the block ends well.

        Raises BundleError like ``add``.
        """
        self._must_be_new(name)
        with SpooledTemporaryFile(_PIECE, dir=str(self._folder)) as own:
            yield own
            own.seek(0)
            self._put(name, iter(lambda: own.read(_PIECE), b""))

    def write(
        self,
        target: BinaryIO,
        info: Mapping[str, str],
        sign: Callable[[bytes], bytes] | None,
        number: str,
        checkpoint: Checkpoint,
    ) -> None:
        """Write the bundle, adding bagit.txt, bag-info.txt, all four manifests and, signed, export.note.

        ``sign`` returns the signed note over an export note's text (§7.2). The same members and info give
        the same bytes but for that note. Raises BundleError for a missing member, and for info that does
        not fit on a line.
        """
        self._must_be_whole(signed=sign is not None)
        self._put("bagit.txt", [DECLARATION])
        self._put("bag-info.txt", [self._info(info)])
        self._list("manifest", [name for name in self._numbers if names.is_payload(name)])
        self._list("tagmanifest", [name for name in self._numbers if not names.is_payload(name)])
        if sign is not None:
            self._put("export.note", [sign(self._export_text(number, checkpoint))])
        self._pack(target)

    def _must_be_whole(self, signed: bool) -> None:
        wanted = names.PAYLOAD | (names.SIGNED - names.DERIVED if signed else frozenset())
        missing = sorted(wanted - self._numbers.keys())
        if missing:
            raise BundleError(f"not the members of a bundle: missing {missing}")

    def _must_be_new(self, name: str) -> None:
        if not names.is_allowed(name) or name in names.DERIVED:
            raise BundleError(f"a bundle has no file {name} of the exporter's")

    def _put(self, name: str, pieces: Iterable[bytes]) -> None:
        if name in self._numbers:
            raise BundleError(f"the file {name} was added before")
        offset, size, crc = self._spool.seek(0, 2), 0, 0
        digests = [hashlib.new(algorithm) for algorithm in names.ALGORITHMS]
        for piece in pieces:
            self._spool.write(piece)
            size, crc = size + len(piece), crc32(piece, crc)
            for digest in digests:
                digest.update(piece)
        self._numbers[name] = len(self._numbers)
        self._states += _STATE.pack(offset, size, crc, *(digest.digest() for digest in digests))

    def _info(self, info: Mapping[str, str]) -> bytes:
        sizes = [self._state(name).size for name in self._numbers if names.is_payload(name)]
        oxum = f"Payload-Oxum: {sum(sizes)}.{len(sizes)}"
        lines = [*(f"{label}: {value}" for label, value in info.items()), oxum]
        if not all(_INFO_LINE.fullmatch(line) for line in lines):
            raise BundleError("a label or value of bag-info.txt does not fit on one line")
        return "".join(f"{line}\n" for line in lines).encode()

    def _list(self, manifest: str, listed: list[str]) -> None:
        listed.sort()
        for algorithm in names.ALGORITHMS:
            self._put(f"{manifest}-{algorithm}.txt", self._lines(listed, algorithm))

    def _lines(self, listed: list[str], algorithm: str) -> Iterator[bytes]:
        for name in listed:
            digest: bytes = getattr(self._state(name), algorithm)
            yield f"{digest.hex()}  {name}\n".encode()

    def _export_text(self, number: str, checkpoint: Checkpoint) -> bytes:
        lists = [b"".join(self._pieces(f"tagmanifest-{algorithm}.txt")) for algorithm in names.ALGORITHMS]
        return export_note.text(number, checkpoint, *lists)

    def _pack(self, target: BinaryIO) -> None:
        writer = Writer(target)
        for name in sorted(self._numbers):
            state = self._state(name)
            writer.member(name, state.size, state.crc, self._pieces(name))
        writer.finish()

    def _state(self, name: str) -> _State:
        return _State(*_STATE.unpack_from(self._states, self._numbers[name] * _STATE.size))

    def _pieces(self, name: str) -> Iterator[bytes]:
        offset, size, *_ = self._state(name)
        self._spool.seek(offset)
        while size > 0:
            piece = self._spool.read(min(size, _PIECE))
            size -= len(piece)
            yield piece


def is_info(data: bytes, oxum: str) -> bool:
    """Whether this is a bag-info.txt of ours that ends with this Payload-Oxum line."""
    *lines, last = data.decode("utf-8", "replace").split("\n")
    return not last and lines[-1:] == [oxum] and all(_INFO_LINE.fullmatch(line) for line in lines)
