"""A signed bundle of a case with very many records, written piece by piece as an exporter does."""

from collections.abc import Iterator
from itertools import count as counting
from pathlib import Path

from evidence import compose, export_note, merkle, note, records, seal
from evidence.bag import Bag
from evidence.checkpoint import Checkpoint
from evidence.contents import Opening, Proof
from evidence.rows import Row
from tests.evidence import keys
from tests.evidence.worlds import (
    CASE,
    CASE_NO,
    ORIGIN,
    attempt_columns,
    empty,
    facts,
    key,
    nodes,
    plain_leaf,
    record_id,
    signed,
)

HOLDER = keys.log(ORIGIN, "first")
INFO = {"External-Identifier": CASE_NO}


def large_bundle(target: Path, wanted: int) -> None:
    """Write a bundle of so many records of one case, each with facts and one more part."""
    with Bag(target.parent) as bag, target.open("wb") as file:
        point = _Log(bag).filled(wanted)
        bag.write(file, INFO, _signed_text, export_note.number(CASE, "full", point), point)


class _Log:
    """The log while it grows: only hashes and ids are kept."""

    def __init__(self, bag: Bag) -> None:
        self.bag = bag
        self.hashes: list[bytes] = []
        self.ids: list[str] = []
        self.rows: dict[str, str] = {}  # attempt -> newest record
        self.last: dict[str, tuple[int, str]] = {}

    def filled(self, wanted: int) -> Checkpoint:
        with self.bag.open("data/openings.jsonl") as openings:
            with self.bag.open("data/system.jsonl") as lines:
                told = {"isolation": "same-user", "new": HOLDER.key.vkey, "old": None}
                for kind, told_of in (("log.started", {}), ("key.rotated", told)):
                    lines.write(self.record(openings, kind, "system", {"facts": facts(**told_of)}))
            with self.bag.open("data/records.jsonl") as lines:
                for number in range(wanted):
                    lines.write(self.record(openings, *self.story(number)))
        point = Checkpoint(ORIGIN, len(self.hashes), merkle.tree_root(self.hashes))
        self.finish(point, wanted)
        return point

    def story(self, number: int) -> tuple[str, str, dict[str, bytes]]:
        stream, attempt = f"case:{CASE}", f"019aa1ef-3333-7000-8000-{number // 4:012x}"
        if number == 0:
            case = empty("injury_case", case_no=CASE_NO)
            return "case.opened", stream, {"facts": facts(("injury_case", CASE, case))}
        self.rows[attempt] = record_id(len(self.ids))
        told = facts(("attempt", attempt, attempt_columns(f"state {number}")), said="又试了一次" * 20)
        return "attempt.unknown", stream, {"facts": told, "response": b'{"errcode":%d}' % number * 40}

    def record(self, openings, kind: str, stream: str, parts: dict[str, bytes]) -> bytes:
        id, (cseq, cprev) = record_id(len(self.ids)), self.last.get(stream, (0, records.FIRST))
        committed = []
        for name, data in sorted(parts.items()):
            k = key(f"{id} {name}")
            commit = seal.commitment(k, data).hex()
            self.bag.add(compose.part_name(commit), data)
            openings.write(compose.opening_line(Opening(id, name, commit, seal.commit_key(k).hex())))
            committed.append({"commit": commit, "media": "application/json", "name": name})
        changes = {"kind": kind, "stream": stream, "cseq": cseq + 1, "cprev": cprev, "parts": committed}
        leaf = records.make_leaf(plain_leaf(len(self.ids)) | changes)
        self.ids.append(id)
        self.hashes.append(merkle.leaf_hash(leaf))
        self.last[stream] = cseq + 1, self.hashes[-1].hex()
        return compose.leaf_line(leaf)

    def finish(self, point: Checkpoint, wanted: int) -> None:
        node, bag = nodes(self.hashes), self.bag
        proofs = (
            Proof(id, index, tuple(merkle.inclusion_proof(index, point.size, node)))
            for index, id in zip(counting(), self.ids, strict=False)
        )
        kinds = {"case.opened": 1, "attempt.unknown": wanted - 1}
        for name, pieces in {
            "data/log/proofs.json": compose.proofs(proofs, point.size),
            "data/log/consistency.json": compose.consistency([]),
            "data/completeness.json": compose.completeness(CASE, kinds, wanted, []),
            "data/tables.jsonl": map(compose.row_line, self.table()),
        }.items():
            with bag.open(name) as member:
                for piece in pieces:
                    member.write(piece)
        bag.add("data/case.json", compose.case_document(CASE, CASE_NO, "full", point))
        bag.add("data/log/checkpoint.txt", signed(point, HOLDER))
        bag.add("data/log/keys.txt", compose.keys_document([HOLDER.key.vkey]))
        bag.add("data/log/policy.txt", compose.policy_document([HOLDER.key.vkey], [], []))
        for name in ("cited.jsonl", "custody.jsonl", "erased.jsonl", "timeline.txt"):
            bag.add(f"data/{name}", b"")

    def table(self) -> Iterator[Row]:
        for attempt, id in sorted(self.rows.items()):
            number = int(id[-12:], 16) - 2
            yield Row("attempt", attempt, id, attempt_columns(f"state {number}"))
        yield Row("injury_case", CASE, record_id(2), empty("injury_case", case_no=CASE_NO))


def _signed_text(text: bytes) -> bytes:
    return note.joined(text, [HOLDER.line(text)])
