"""The files of a bundle made from what an exporter knows; the counterpart of contents.py (§7)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from evidence import canonical, records
from evidence.checkpoint import Checkpoint
from evidence.contents import Omission, Opening, Proof
from evidence.errors import RecordError
from evidence.rows import Row


@dataclass(frozen=True)
class Export:
    """Everything that goes into one case's bundle.

    ``records`` and ``cited`` are exact leaves, in ``cseq`` order and in log order. ``parts`` holds the
    disclosed bytes by commitment in hex. ``proofs`` holds one proof for each leaf of both.
    """

    case: str
    case_no: str
    export: str
    view: str
    checkpoint: Checkpoint
    records: Sequence[bytes]
    cited: Sequence[bytes]
    openings: Sequence[Opening]
    parts: Mapping[str, bytes]
    omitted: Sequence[Omission]
    proofs: Sequence[Proof]
    rows: Sequence[Row]
    timeline: str


def members(export: Export) -> dict[str, bytes]:
    """Return the payload files for ``bundle.write``; the same export always gives the same bytes."""
    fixed = {
        "case.json": _line(_case(export)),
        "records.jsonl": _leaves(export.records),
        "cited.jsonl": _leaves(export.cited),
        "openings.jsonl": b"".join(_line(asdict(opening)) for opening in export.openings),
        "log/checkpoint.txt": export.checkpoint.body(),
        "log/proofs.json": _line(_proofs(export)),
        "tables.jsonl": b"".join(_line(asdict(row)) for row in sorted(export.rows, key=lambda row: row.key)),
        "completeness.json": _line(_completeness(export)),
        "timeline.txt": export.timeline.encode(),
    }
    parts = {f"parts/{commit}": data for commit, data in export.parts.items()}
    return {f"data/{name}": data for name, data in (fixed | parts).items()}


def _line(value: object) -> bytes:
    return canonical.dumps(value) + b"\n"


def _leaves(leaves: Sequence[bytes]) -> bytes:
    return b"".join(leaf + b"\n" for leaf in leaves)


def _case(export: Export) -> dict[str, object]:
    return {
        "case": export.case,
        "case_no": export.case_no,
        "checkpoint": export.checkpoint.size,
        "export": export.export,
        "format": 1,
        "view": export.view,
    }


def _proofs(export: Export) -> dict[str, object]:
    # Neighbours share most of their path, so each hash is written once and named by its number.
    numbers: dict[bytes, int] = {}
    proofs = [
        {
            "index": proof.index,
            "path": [numbers.setdefault(sibling, len(numbers)) for sibling in proof.path],
            "record": proof.record,
        }
        for proof in sorted(export.proofs, key=lambda proof: proof.index)
    ]
    return {
        "hashes": [sibling.hex() for sibling in numbers],
        "proofs": proofs,
        "size": export.checkpoint.size,
    }


def _completeness(export: Export) -> dict[str, object]:
    return {
        "counts": Counter(_kind(leaf) for leaf in export.records),
        "first": 1,
        "last": len(export.records),
        "omitted": [asdict(omission) for omission in export.omitted],
        "stream": f"case:{export.case}",
    }


def _kind(leaf: bytes) -> str:
    # A leaf that somebody changed is exported as it is: the verifier has to find it, not we.
    try:
        return records.read(leaf).kind
    except RecordError:
        return "unreadable"
