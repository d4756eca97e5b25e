"""A small strict reader and writer of ASN.1 DER (ITU-T X.690), as far as time stamps need it."""

from dataclasses import dataclass

from evidence.errors import StampError

INTEGER, OCTETS, OID, SEQUENCE, SET, TIME = 0x02, 0x04, 0x06, 0x30, 0x31, 0x18
_LONGEST = 4  # bytes that state a length: up to 4 GiB
_LONGEST_INTEGER = 32  # bytes; serial numbers, which may have 20, are not even read
_LONGEST_OID = 64  # bytes; real ones have a dozen


def tagged(number: int) -> int:
    """Return the tag byte of a constructed value with this context number."""
    return 0xA0 | number


@dataclass(frozen=True)
class Value:
    """One value: its tag byte, its contents, and all its bytes as they stood."""

    tag: int
    content: bytes
    whole: bytes

    def children(self) -> list["Value"]:
        """Return the values inside a constructed one; raises StampError."""
        if not self.tag & 0x20:
            raise StampError("a value that holds others is expected")
        return _all(self.content)

    def number(self) -> int:
        """Return a non-negative INTEGER; raises StampError."""
        body = self.expect(INTEGER).content
        if len(body) > _LONGEST_INTEGER:
            raise StampError("an integer is longer than any that is used")
        if not body or body[0] & 0x80 or (len(body) > 1 and body[0] == 0 and not body[1] & 0x80):
            raise StampError("not a non-negative integer in its shortest form")
        return int.from_bytes(body)

    def oid(self) -> str:
        """Return an OBJECT IDENTIFIER in dotted form; raises StampError."""
        first, *rest = _arcs(self.expect(OID).content)
        top = min(first // 40, 2)
        return ".".join(map(str, (top, first - 40 * top, *rest)))

    def expect(self, tag: int) -> "Value":
        """Return the value itself when it has this tag; raises StampError."""
        if self.tag != tag:
            raise StampError(f"tag {tag:#04x} is expected, not {self.tag:#04x}")
        return self


def one(data: bytes) -> Value:
    """Read exactly one value; raises StampError when something is left over."""
    values = _all(data)
    if len(values) != 1:
        raise StampError(f"one value is expected, not {len(values)}")
    return values[0]


def written(tag: int, *contents: bytes) -> bytes:
    """Return a value with these contents, one after another."""
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def _all(data: bytes) -> list[Value]:
    values, at = [], 0
    while at < len(data):
        start, length = _header(data, at)
        if start + length > len(data):
            raise StampError("a value is cut off")
        values.append(Value(data[at], data[start : start + length], data[at : start + length]))
        at = start + length
    return values


def _header(data: bytes, at: int) -> tuple[int, int]:
    # Returns where the contents begin and how long they are.
    if data[at] & 0x1F == 0x1F or at + 1 >= len(data):
        raise StampError("a tag of several bytes, or a value without a length")
    length, start = data[at + 1], at + 2
    if length < 0x80:
        return start, length
    size = length & 0x7F
    if not 1 <= size <= _LONGEST or start + size > len(data):
        raise StampError("a length is cut off, too long or not stated")
    length = int.from_bytes(data[start : start + size])
    if length < 0x80 or length >> 8 * (size - 1) == 0:
        raise StampError("a length is not in its shortest form")
    return start + size, length


def _arcs(body: bytes) -> list[int]:
    if not 1 <= len(body) <= _LONGEST_OID or body[-1] & 0x80:
        raise StampError("an object identifier is empty, cut off or too long")
    arcs, arc = [], 0
    for place, byte in enumerate(body):
        if byte == 0x80 and (place == 0 or not body[place - 1] & 0x80):
            raise StampError("an object identifier is not in its shortest form")
        arc = arc << 7 | byte & 0x7F
        if not byte & 0x80:
            arcs.append(arc)
            arc = 0
    return arcs
