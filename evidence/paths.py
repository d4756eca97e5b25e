"""A document of inclusion proofs, read entry by entry, since it may be long (§7.1)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from evidence import canonical, fields
from evidence.contents import Contents, Proof
from evidence.errors import CanonicalError

_HEAD, _MIDDLE = b'{"hashes":[', b'"proofs":['
_HASHES = re.compile(rb'(?:"[0-9a-f]{64}"(?:,"[0-9a-f]{64}")*+)?')
_NUMBER = rb"(?:0|[1-9][0-9]{0,14})"
_ENTRY = re.compile(
    rb'\{"index":(%b),"path":\[((?:%b(?:,%b)*+)?)\],"record":"(%b)"\}(,|\])'
    % (_NUMBER, _NUMBER, _NUMBER, fields.UUID7.encode())
)
_NONE = fields.listed(lambda _: False)
_PROOFS = {"hashes": _NONE, "proofs": _NONE, "size": fields.counted(0)}
_EPOCH = _PROOFS | {
    "origin": fields.matches(fields.ORIGIN),
    "root": fields.matches(fields.HEX64),
    "started": fields.matches(fields.UUID7),
}


class Paths:
    """The proofs of one document; ``fields`` holds what stands beside hashes and proofs."""

    def __init__(self, fields: Mapping[str, Any], data: bytes, start: int, hashes: bytes) -> None:
        self.fields = fields
        self._data = data
        self._start = start  # of the first entry
        self._hashes = hashes
        self._used = bytearray(len(hashes) // 32)

    def __iter__(self) -> Iterator[Proof]:
        """Yield the proofs as they stand, once: their text is let go at the end."""
        at = self._start
        while entry := _ENTRY.match(self._data, at):
            path = tuple(map(self._hash, map(int, entry[2].split(b",") if entry[2] else ())))
            yield Proof(entry[3].decode(), int(entry[1]), path)
            at = entry.end()
        self._data = b""

    @property
    def lean(self) -> bool:
        """Whether the proofs use every hash and none stands twice: nothing else is carried along."""
        count = len(self._used)
        kept = {self._hashes[at : at + 32] for at in range(0, 32 * count, 32)}
        return len(kept) == count == sum(self._used)

    def _hash(self, number: int) -> bytes:
        self._used[number] = 1
        return self._hashes[32 * number : 32 * number + 32]


def read(contents: Contents, name: str, ended: bool) -> Paths | None:
    """Read proofs.json, or the file of an ended epoch; None and a finding when it is not in its form."""
    data = contents.members.read(name)
    try:
        return _read(data, _EPOCH if ended else _PROOFS)
    except CanonicalError as error:
        contents.malformed(name, str(error))
        return None


def _read(data: bytes, rules: Mapping[str, fields.Rule]) -> Paths:
    end = data.find(b"]")
    start = data.find(_MIDDLE, end) + len(_MIDDLE)
    if not data.startswith(_HEAD) or start < end or not _HASHES.fullmatch(data, len(_HEAD), end):
        raise CanonicalError("not a list of hashes and one of proofs")
    hashes = _decoded(data, len(_HEAD), end)
    stop = _past_entries(data, start, len(hashes) // 32)
    # What is left is short; the two lists are empty in it.
    short = _HEAD + data[end:start] + data[stop:]
    found = canonical.loads(short[:-1] if short.endswith(b"\n") else b"")
    wrong = fields.misfit(found, rules)
    if wrong is not None:
        raise CanonicalError(f"{wrong} is not in its form")
    return Paths(found, data, start, hashes)


def _decoded(data: bytes, start: int, end: int) -> bytes:
    # Each hash takes 64 digits, two quotation marks and a comma; copied in pieces, for there may be many.
    step, hashes = 67 * 4096, bytearray()
    for at in range(start, end, step):
        text = data[at : min(at + step, end)].replace(b'"', b"").replace(b",", b"")
        hashes += bytes.fromhex(text.decode())
    return bytes(hashes)


def _past_entries(data: bytes, start: int, count: int) -> int:
    """Return where the list of proofs is closed, all of whose paths name one of so many hashes."""
    at = start
    while entry := _ENTRY.match(data, at):
        if entry[2] and max(map(int, entry[2].split(b","))) >= count:
            raise CanonicalError("a path names a hash that is not listed")
        at = entry.end()
        if entry[4] == b"]":
            return at - 1
    if at > start:
        raise CanonicalError("a proof is not in its form")
    return at
