"""What must hold of the records of a bundle, their order and their place in the log (§7, §8)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from evidence import merkle, records
from evidence.contents import Contents, Proof
from evidence.errors import ProofError
from evidence.records import Record
from evidence.report import Finding


def check(contents: Contents) -> Iterator[Finding]:
    """Yield everything that is wrong with records, proofs, checkpoint and counts."""
    yield from _log(contents)
    yield from _inclusion(contents)
    yield from _sequence(contents)
    yield from _summary(contents)
    yield from _citations(contents)


def _log(contents: Contents) -> Iterator[Finding]:
    if contents.checkpoint is None:
        return
    for record in contents.all_records:
        if record.fields["log"] != contents.checkpoint.origin:
            yield _about(record, "checkpoint", "checkpoint.origin", log=record.fields["log"])
    stated = [document[key] for document, key in _sizes(contents)]
    if any(size != contents.checkpoint.size for size in stated):
        yield Finding("checkpoint", None, "checkpoint.size", {"size": contents.checkpoint.size})


def _sizes(contents: Contents) -> Iterator[tuple[dict[str, int], str]]:
    if contents.case is not None:
        yield dict(contents.case), "checkpoint"
    if contents.proofs is not None:
        yield dict(contents.proofs), "size"


def _inclusion(contents: Contents) -> Iterator[Finding]:
    if contents.checkpoint is None or contents.proofs is None:
        return
    proofs = _proofs(contents)
    by_record = {proof.record: proof for proof in proofs}
    for record in contents.all_records:
        yield from _stands(
            record, by_record.get(record.id), contents.checkpoint.size, contents.checkpoint.root
        )
    if not _lean(contents.proofs):
        yield Finding("proof", None, "proof.hashes")
    known = {record.id for record in contents.all_records}
    if len(by_record) != len(proofs) or by_record.keys() != known:
        yield Finding("proof", None, "proof.spare")
    for group in (proofs, _ordered(contents.records, by_record), _ordered(contents.cited, by_record)):
        if any(later.index <= earlier.index for earlier, later in pairwise(group)):
            yield Finding("proof", None, "proof.order")
            break


def _proofs(contents: Contents) -> list[Proof]:
    assert contents.proofs is not None
    hashes = [bytes.fromhex(text) for text in contents.proofs["hashes"]]
    return [
        Proof(one["record"], one["index"], tuple(hashes[number] for number in one["path"]))
        for one in contents.proofs["proofs"]
    ]


def _lean(proofs: Mapping[str, Any]) -> bool:
    # Every hash stands once and is used: nothing else can be carried along in the list.
    used = {entry for proof in proofs["proofs"] for entry in proof["path"]}
    return used == set(range(len(proofs["hashes"]))) and len(set(proofs["hashes"])) == len(proofs["hashes"])


def _ordered(group: tuple[Record, ...], proofs: dict[str, Proof]) -> list[Proof]:
    return [proofs[record.id] for record in group if record.id in proofs]


def _stands(record: Record, proof: Proof | None, size: int, root: bytes) -> Iterator[Finding]:
    if proof is None:
        yield _about(record, "proof", "proof.missing")
        return
    try:
        merkle.verify_inclusion(record.hash, proof.index, size, proof.path, root)
    except ProofError as error:
        yield _about(record, "proof", "proof", index=proof.index, why=str(error))


def _sequence(contents: Contents) -> Iterator[Finding]:
    stream = f"case:{contents.case['case']}" if contents.case else None
    before = records.FIRST
    for number, record in enumerate(contents.records, start=1):
        if record.fields["cseq"] != number:
            yield _about(record, "sequence", "sequence", expected=number, cseq=record.fields["cseq"])
        if record.fields["cprev"] != before:
            yield _about(record, "back-link", "back-link", cseq=record.fields["cseq"])
        if stream and record.fields["stream"] != stream:
            yield _about(record, "sequence", "sequence.stream", stream=record.fields["stream"])
        before = record.hash.hex()
    counted = Counter(record.id for record in contents.all_records)
    for id in sorted(id for id, times in counted.items() if times > 1):
        yield Finding("sequence", id, "sequence.twice")


def _summary(contents: Contents) -> Iterator[Finding]:
    stated = contents.completeness
    if stated is None:
        return
    actual = {
        "counts": dict(Counter(record.kind for record in contents.records)),
        "first": 1,
        "last": len(contents.records),
        "stream": f"case:{contents.case['case']}" if contents.case else stated["stream"],
    }
    for name, value in actual.items():
        if stated[name] != value:
            yield Finding("sequence", None, "sequence.summary", {"name": name})
    if not contents.records:
        yield Finding("sequence", None, "sequence.empty")


def _citations(contents: Contents) -> Iterator[Finding]:
    held = {record.hash.hex() for record in contents.cited}
    wanted = {cited for record in contents.records for cited in record.cites}
    for record in contents.records:
        for cited in record.cites:
            if cited not in held:
                yield _about(record, "cited-missing", "cited-missing", cited=cited)
    for record in contents.cited:
        if record.hash.hex() not in wanted or record.kind not in records.INTAKE_KINDS:
            yield _about(record, "cited-missing", "cited-missing.uncalled")


def _about(record: Record, code: str, words: str, **values: object) -> Finding:
    return Finding(code, record.id, words, values)
