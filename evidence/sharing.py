"""Proof documents: paths name their hashes by number, since neighbours share most of their path (§7)."""

from collections.abc import Iterable, Iterator, Mapping

from evidence import canonical


def document(
    entries: Iterable[tuple[tuple[bytes, ...], Mapping[str, object]]], others: Mapping[str, object]
) -> Iterator[bytes]:
    """Yield one JSON line ``{"hashes":[…],"proofs":[…],…}`` from paths and what stands beside each path.

    ``others`` are the document's further fields. Holds each hash and the text of the paths in memory.
    """
    numbers: dict[bytes, int] = {}
    listed = bytearray()
    for path, beside in entries:
        places = [numbers.setdefault(sibling, len(numbers)) for sibling in path]
        listed += (b"," if listed else b"") + canonical.dumps({**beside, "path": places})
    fields: dict[str, object] = {**others, "hashes": numbers, "proofs": listed}
    for place, name in enumerate(sorted(fields)):
        yield (b"," if place else b"{") + canonical.dumps(name) + b":"
        if name == "hashes":
            yield from _hashes(numbers)
        else:
            yield b"[" + listed + b"]" if name == "proofs" else canonical.dumps(fields[name])
    yield b"}\n"


def _hashes(numbers: Iterable[bytes]) -> Iterator[bytes]:
    yield b"["
    for place, sibling in enumerate(numbers):
        yield b'%b"%b"' % (b"," if place else b"", sibling.hex().encode())
    yield b"]"
