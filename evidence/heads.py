"""Heads: how many records each case had, without telling which case (docs/evidence-format.md §2.3, §7.4)."""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evidence import canonical, fields, merkle
from evidence.errors import CanonicalError, HeadsError

_LINE = {"head": fields.matches(fields.HEX64), "label": fields.matches(fields.HEX64)}


@dataclass(frozen=True)
class Last:
    """A stream's last record, and the salt of its first leaf (16 bytes), which blinds both."""

    stream: str
    salt: bytes
    cseq: int
    leaf_hash: bytes


def label(salt: bytes, stream: str, record_id: str) -> str:
    """Return under which label a stream stands in the list of this heads.made record."""
    return _mac(salt, f"huizheng/v1/label\n{stream}\n{record_id}")


def head(salt: bytes, cseq: int, leaf_hash: bytes) -> str:
    """Return what binds a stream to its last record."""
    return _mac(salt, f"huizheng/v1/head\n{cseq}\n{leaf_hash.hex()}")


def listing(record_id: str, lasts: Iterable[Last]) -> list[bytes]:
    """Return the lines of the part ``heads``, without newlines; raises HeadsError when a label repeats."""
    lines = sorted((label(last.salt, last.stream, record_id), _line(record_id, last)) for last in lasts)
    for (one, _), (next_one, _) in pairwise(lines):
        if one == next_one:
            raise HeadsError("one stream is listed twice")
    return [line for _, line in lines]


def root(lines: Sequence[bytes]) -> bytes:
    """Return the RFC 6962 root over the lines."""
    return merkle.tree_root(merkle.leaf_hash(line) for line in lines)


def check(
    data: bytes,
    told: Mapping[str, object],
    own: str,
    first_salt: bytes,
    chain: Sequence[tuple[int, bytes]],
) -> int:
    """Return the cseq to which a list binds the case whose records have these cseq and leaf hashes.

    ``data`` is the part ``heads``, ``told`` what its record tells, ``own`` the case's label in it.
    Returns 0 when no line bears that label; raises HeadsError with what is wrong.
    """
    lines = data.removesuffix(b"\n").split(b"\n") if data else []
    if data and not data.endswith(b"\n"):
        raise HeadsError("the last line does not end")
    count = told.get("count")
    if type(count) is not int or len(lines) != count:
        raise HeadsError("the list is of another length than its record tells")
    if root(lines).hex() != told.get("root"):
        raise HeadsError("the lines do not give the root that their record tells")
    found = _own_head(lines, own)
    return 0 if found is None else _bound(found, first_salt, chain)


def _mac(salt: bytes, text: str) -> str:
    return hmac.digest(salt, text.encode(), "sha256").hex()


def _line(record_id: str, last: Last) -> bytes:
    return canonical.dumps(
        {
            "head": head(last.salt, last.cseq, last.leaf_hash),
            "label": label(last.salt, last.stream, record_id),
        }
    )


def _own_head(lines: Sequence[bytes], own: str) -> str | None:
    # Labels that rise strictly hold none twice, so that one line at most is the case's.
    before, found = "", None
    for stated, head_of in _read(lines):
        if stated <= before:
            raise HeadsError("the lines are out of order, or one case stands twice")
        found = head_of if stated == own else found
        before = stated
    return found


def _read(lines: Sequence[bytes]) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines, start=1):
        try:
            value = canonical.loads(line)
        except CanonicalError:
            value = None
        if fields.misfit(value, _LINE) is not None:
            raise HeadsError(f"line {number} is not in its form")
        yield value["label"], value["head"]


def _bound(found: str, salt: bytes, chain: Sequence[tuple[int, bytes]]) -> int:
    for cseq, leaf_hash in chain:
        if hmac.compare_digest(head(salt, cseq, leaf_hash), found):
            return cseq
    raise HeadsError("the head fits none of the case's records: one is missing, or was changed")
