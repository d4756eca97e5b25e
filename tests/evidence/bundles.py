"""A small invented case, its log and its bundle, and ways to bend them."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from evidence import bundle, compose, container, merkle, records, rows, seal, verify
from evidence.checkpoint import Checkpoint
from evidence.contents import Omission, Opening, Proof
from evidence.errors import UnreadableBundle
from evidence.report import Report
from evidence.rows import Row

ORIGIN = "huizheng.k3v9q2xw/log/1"
CASE, EMPLOYEE, NOTICE, ATTEMPT, RECEIPT = (f"019aa1ef-1111-7000-8000-00000000000{n}" for n in range(1, 6))
EXPORT = "019aa1f0-eeee-7000-8000-000000000001"

Edit = Callable[[dict[str, bytes]], None]


def record_id(number: int) -> str:
    return f"019aa1f0-6a94-7000-8000-{number:012x}"


def key(label: str) -> bytes:
    return sha256(label.encode()).digest()


def attempt_columns(state: str) -> dict[str, object]:
    return {name: None for name in rows.COLUMNS["attempt"]} | {"number": 1, "state": state}


@dataclass
class World:
    """A log under construction: its leaves in order, and the parts behind them."""

    leaves: list[bytes] = field(default_factory=list)
    parts: dict[tuple[str, str], tuple[bytes, bytes]] = field(
        default_factory=dict
    )  # (record, name) -> k, bytes
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)  # stream -> cseq, leaf hash

    def add(
        self,
        kind: str,
        parts: Mapping[str, bytes],
        stream: str = f"case:{CASE}",
        refs: Sequence[str] = (),
        keys: Mapping[str, bytes] | None = None,
        **changes: object,
    ) -> str:
        """Append a record and return its id."""
        number = len(self.leaves)
        cseq, cprev = self.heads.get(stream, (0, records.FIRST))
        id = record_id(number)
        for name, data in parts.items():
            self.parts[id, name] = (keys or {}).get(name, key(f"{id} {name}")), data
        leaf = records.make_leaf(
            plain_leaf(number)
            | {"kind": kind, "stream": stream, "cseq": cseq + 1, "cprev": cprev, "refs": list(refs)}
            | {"parts": [self.commitment(id, name) for name in sorted(parts)]}
            | changes
        )
        self.leaves.append(leaf)
        self.heads[stream] = cseq + 1, merkle.leaf_hash(leaf).hex()
        return id

    def commitment(self, id: str, name: str) -> dict[str, str]:
        k, data = self.parts[id, name]
        return {"commit": seal.commitment(k, data).hex(), "media": "application/octet-stream", "name": name}

    def hashes(self) -> list[bytes]:
        return [merkle.leaf_hash(leaf) for leaf in self.leaves]

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(ORIGIN, len(self.leaves), merkle.tree_root(self.hashes()))


def plain_leaf(number: int) -> dict[str, Any]:
    """The fields of a leaf that stands alone and is right."""
    return {
        "v": 1,
        "log": ORIGIN,
        "id": record_id(number),
        "salt": key(f"salt {number}").hex()[:32],
        "kind": "case.opened",
        "stream": f"case:{CASE}",
        "cseq": 1,
        "cprev": records.FIRST,
        "at": "2026-11-20T01:00:01.204Z",
        "actor": "system:worker",
        "assurance": "C1",
        "parts": [],
        "refs": [],
        "build": "huizheng/0.1.0",
        "class": "case",
    }


def nodes(hashes: Sequence[bytes]) -> Callable[[int, int], bytes]:
    """Look up complete subtrees in a tree that was filled by appending, as storage does."""
    stored = {(0, index): leaf for index, leaf in enumerate(hashes)}
    frontier: tuple[bytes, ...] = ()
    for size, leaf in enumerate(hashes):
        frontier, completed = merkle.append(frontier, size, leaf)
        stored.update({(level, index): node for level, index, node in completed})
    return lambda level, index: stored[level, index]


def facts(*listed: tuple[str, str, Mapping[str, object]], **told: object) -> bytes:
    return rows.make_facts(listed, told)


def empty(table: str, **columns: object) -> dict[str, object]:
    return {name: None for name in rows.COLUMNS[table]} | columns


def small_case() -> World:
    """Opened, composed, tried, accepted, delivered, with neighbours between; delivery cites its intake."""
    world = World()
    world.add("log.started", {}, stream="system", **{"class": "system"})
    case = empty("injury_case", case_no="GS-2026-0017", summary="骑车上班途中被撞\n同等责任")
    world.add("case.opened", {"facts": facts(("injury_case", CASE, case), told="立案")})
    notice = empty("notice", case_id=CASE, title="返岗提醒")
    composed = {"facts": facts(("notice", NOTICE, notice)), "text": "请于周一返岗。".encode()}
    composed_id = world.add("notice.composed", composed)
    code = records.record_code(merkle.leaf_hash(world.leaves[-1]))
    world.add("firm.saved", {"facts": facts()}, stream="system", **{"class": "system"})
    started = facts(("attempt", ATTEMPT, attempt_columns("submitted")), record_code=code)
    attempt = world.add(
        "attempt.started", {"facts": started, "request": code.encode()}, refs=[f"about {composed_id}"]
    )
    accepted = {
        "facts": facts(("attempt", ATTEMPT, attempt_columns("accepted"))),
        "response": b'{"errcode":0}',
    }
    world.add("attempt.accepted", accepted, refs=[f"outcome-of {attempt}"], state="accepted")
    intake = "intake:wechat_oa/main/2026-11"
    world.add("intake.received", {"raw": b"<xml/>"}, stream=intake, **{"class": "intake"})
    cited = merkle.leaf_hash(world.leaves[-1]).hex()
    receipt = facts(("receipt", RECEIPT, empty("receipt", outcome="delivered", attempt_id=ATTEMPT)))
    world.add("receipt.received", {"facts": receipt, "raw": b"<xml/>"}, refs=[f"cites {cited}"])
    world.add("log.started", {}, stream="system", **{"class": "system"})
    return world


def export(world: World, omit: Mapping[tuple[str, str], str] | None = None) -> compose.Export:
    """What an honest exporter makes of the case; intake parts are left out, as they are another scope's."""
    read = [records.read(leaf) for leaf in world.leaves]
    ours = [one for one in read if one.fields["stream"] == f"case:{CASE}"]
    cited = [one for one in read if any(one.hash.hex() in mine.cites for mine in ours)]
    hidden = {(one.id, name): "committed again under the case" for one in cited for name in one.parts}
    hidden |= dict(omit or {})
    shown = [(one, name) for one in ours for name in one.parts if (one.id, name) not in hidden]
    return compose.Export(
        case=CASE,
        case_no="GS-2026-0017",
        export=EXPORT,
        view="full",
        checkpoint=world.checkpoint(),
        records=[one.leaf for one in ours],
        cited=[one.leaf for one in cited],
        openings=[opening(world, one.id, name) for one, name in shown],
        parts={one.parts[name]: world.parts[one.id, name][1] for one, name in shown},
        omitted=[Omission(id, name, reason) for (id, name), reason in sorted(hidden.items())],
        proofs=proofs(world, [*ours, *cited]),
        rows=list(vouched(world, shown).values()),
        timeline="11月20日 通知已受理。\n",
    )


def opening(world: World, id: str, name: str) -> Opening:
    k, data = world.parts[id, name]
    return Opening(id, name, seal.commitment(k, data).hex(), seal.commit_key(k).hex())


def proofs(world: World, wanted: Sequence[records.Record]) -> list[Proof]:
    hashes = world.hashes()
    node, size = nodes(hashes), len(hashes)
    places = [(one.id, hashes.index(one.hash)) for one in wanted]
    return [Proof(id, index, tuple(merkle.inclusion_proof(index, size, node))) for id, index in places]


def vouched(world: World, shown: Sequence[tuple[records.Record, str]]) -> dict[rows.Key, Row]:
    told = [(one.id, world.parts[one.id, name][1]) for one, name in shown if name == "facts"]
    return rows.newest(rows.parse_facts(data, id) for id, data in told)


def members(world: World | None = None) -> dict[str, bytes]:
    return compose.members(export(world or small_case()))


def packed(members: Mapping[str, bytes]) -> bytes:
    """A bundle around these members with right manifests, whatever they are called."""
    target = io.BytesIO()
    oxum = f"{sum(len(data) for name, data in members.items() if name.startswith('data/'))}"
    count = sum(name.startswith("data/") for name in members)
    tags = {"bagit.txt": bundle.DECLARATION, "bag-info.txt": f"Payload-Oxum: {oxum}.{count}\n".encode()}
    whole = tags | dict(members)
    container.write(target, whole | bundle.manifests(whole))
    return target.getvalue()


def edited(edit: Edit) -> bytes:
    """The honest bundle after an edit of its files, wrapped up again as if nothing had happened."""
    changed = members()
    edit(changed)
    return packed(changed)


def judged(data: bytes, folder: Path) -> Report:
    file = folder / "bundle.zip"
    file.write_bytes(data)
    return verify.verify_file(file)


def passes(data: bytes, folder: Path) -> bool:
    try:
        return judged(data, folder).verified
    except UnreadableBundle:
        return False


def found(report: Report) -> set[str]:
    """The codes that speak against a bundle."""
    return {one.code for one in report.internal.findings + report.complete.findings} - {"omitted"}


def lines(members: dict[str, bytes], name: str) -> list[bytes]:
    return members[name].splitlines(keepends=True)


def reworded(members: dict[str, bytes], name: str, old: str, new: str) -> None:
    """Replace text in a file; complains when there is nothing to replace."""
    assert old.encode() in members[name]
    members[name] = members[name].replace(old.encode(), new.encode())


def part(members: dict[str, bytes], kind: str, name: str) -> str:
    """The file that holds a part of the first record of a kind."""
    leaf = next(
        leaf for leaf in map(json.loads, lines(members, "data/records.jsonl")) if leaf["kind"] == kind
    )
    commit = next(one["commit"] for one in leaf["parts"] if one["name"] == name)
    return f"data/parts/{commit}"


def changed(of: compose.Export, **changes: Any) -> bytes:
    """The bundle of an export in which some things are exchanged."""
    return packed(compose.members(replace(of, **changes)))
