"""The lines and files of a bundle made from what an exporter knows; the counterpart of contents.py (§7).

Every function is pure. A file that may be long comes as pieces, to be written one after the other.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from evidence import canonical, export_note, names, sharing
from evidence.checkpoint import Checkpoint
from evidence.contents import Consistency, Ended, Omission, Opening, Proof
from evidence.records import Record
from evidence.rows import Row


def line(value: object) -> bytes:
    """Return a value as one line in JCS form."""
    return canonical.dumps(value) + b"\n"


def leaf_line(leaf: bytes) -> bytes:
    """Return a line of records.jsonl, cited.jsonl or system.jsonl: the leaf's exact bytes."""
    return leaf + b"\n"


def case_document(case: str, case_no: str, view: str, checkpoint: Checkpoint) -> bytes:
    """Return case.json; its export number follows from the rest (§7.1)."""
    return line(
        {
            "case": case,
            "case_no": case_no,
            "checkpoint": checkpoint.size,
            "export": export_note.number(case, view, checkpoint),
            "format": 1,
            "origin": checkpoint.origin,
            "view": view,
        }
    )


def erased_line(record: str, cseq: int, leaf_hash: bytes) -> bytes:
    """Return a line of erased.jsonl, in ``cseq`` order: a record of the case whose leaf was erased."""
    return line({"cseq": cseq, "hash": leaf_hash.hex(), "record": record})


def opening_line(opening: Opening) -> bytes:
    """Return a line of openings.jsonl; the disclosed bytes go into ``part_name(opening.commit)``."""
    return line(asdict(opening))


def row_line(row: Row) -> bytes:
    """Return a line of tables.jsonl; the file's lines stand in the order of ``Row.key``."""
    return line(asdict(row))


def custody_line(record: Record, told: Mapping[str, object]) -> bytes:
    """Return a line of custody.jsonl from a custody record and what its facts tell."""
    known = {"actor": record.fields["actor"], "at": record.fields["at"], "kind": record.kind}
    return line({**known, "record": record.id, "told": told})


def completeness(
    case: str, counts: Mapping[str, int], last: int, omitted: Iterable[Omission]
) -> Iterator[bytes]:
    """Yield completeness.json: records of each kind, the last ``cseq``, and which parts are left out.

    Erased leaves belong to the run from 1 to ``last`` but to no count.
    """
    yield b'{"counts":' + canonical.dumps(counts) + b',"first":1,"last":%d,"omitted":[' % last
    yield from _commas(canonical.dumps(asdict(one)) for one in omitted)
    yield b'],"stream":' + canonical.dumps(f"case:{case}") + b"}\n"


def proofs(listed: Iterable[Proof], size: int) -> Iterator[bytes]:
    """Yield proofs.json: one proof for each record in the bundle of this epoch, by index.

    Records that are erased have one too. Holds each hash once in memory.
    """
    yield from sharing.document(map(_inclusion, listed), {"size": size})


def epoch_proofs(listed: Iterable[Proof], ended: Ended) -> Iterator[bytes]:
    """Yield epoch-<n>.json: the same for the records of an ended epoch."""
    yield from sharing.document(map(_inclusion, listed), {**asdict(ended), "root": ended.root.hex()})


def consistency(listed: Iterable[Consistency]) -> Iterator[bytes]:
    """Yield consistency.json: one proof for each note under data/log/checkpoints, by epoch and size.

    A note that is as large as the tree that it is held against needs none.
    """
    yield from sharing.document(
        ((one.path, {"from": one.size, "origin": one.origin, "to": one.to}) for one in listed), {}
    )


def keys_document(vkeys: Iterable[str]) -> bytes:
    """Return keys.txt from the log's vkeys, oldest first."""
    return "".join(f"{vkey}\n" for vkey in vkeys).encode()


def policy_document(vkeys: Iterable[str], witnesses: Iterable[str], services: Iterable[str]) -> bytes:
    """Return policy.txt, a draft for the reader's own policy.

    It names our own keys only; of witnesses and time-stamp services it says, in comments, whom to ask:
    a key that came from us would prove nothing.
    """
    lines = [f"log {vkey}" for vkey in vkeys]
    lines += ["quorum none"]
    lines += [f"# witness {name} THE-KEY-THAT-THE-WITNESS-GIVES-YOU" for name in sorted(witnesses)]
    lines += [f"# tsa {name} SHA-256-OF-ITS-ROOT-CERTIFICATE" for name in sorted(services)]
    return "".join(f"{one}\n" for one in lines).encode()


def part_name(commit: str) -> str:
    """Return the member that holds the disclosed bytes of this commitment."""
    return f"{names.PARTS}{commit}"


def epoch_name(epoch: int) -> str:
    """Return the member that holds the proofs of an ended epoch."""
    return f"data/log/epoch-{epoch}.json"


def note_name(epoch: int, size: int) -> str:
    """Return the member that holds the signed note of an epoch at this size."""
    return f"{names.CHECKPOINTS}{epoch}-{size}.note"


def anchor_name(epoch: int, index: int, kind: str) -> str:
    """Return the member that repeats the token of the anchor.received at this index of an epoch."""
    return f"{names.ANCHORS}{epoch}-{index}.{'tsr' if kind == 'tsa' else 'cosignature'}"


def proof_name(exhibit: str, cseq: int) -> str:
    """Return the member with the tlog-proof of a record that an exhibit shows."""
    return f"{names.PROOFS}{exhibit}-{cseq}.tlog-proof"


def _inclusion(proof: Proof) -> tuple[tuple[bytes, ...], dict[str, object]]:
    return proof.path, {"index": proof.index, "record": proof.record}


def _commas(values: Iterable[bytes]) -> Iterator[bytes]:
    for place, value in enumerate(values):
        yield b"," + value if place else value
