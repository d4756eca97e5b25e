"""An invented log and the case in it: unsigned, or signed, anchored, rotated and restored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

from evidence import heads, merkle, note, records, rows, seal
from evidence.checkpoint import Checkpoint
from evidence.heads import Last
from tests.evidence import keys, stamps
from tests.evidence.keys import Holder

LOG = "huizheng.k3v9q2xw/log"
ORIGIN = f"{LOG}/1"
CASE, EMPLOYEE, NOTICE, ATTEMPT, RECEIPT = (f"019aa1ef-1111-7000-8000-00000000000{n}" for n in range(1, 6))
OTHER = "019aa1f0-eeee-7000-8000-000000000001"
CASE_NO = "GS-2026-0017"
WITNESS, TSA = "witness.example/counsel", "tsa.example.cn"
SEEN_AT = int(datetime(2026, 11, 20, 1, 0, 5, tzinfo=UTC).timestamp())


def record_id(number: int) -> str:
    return f"019aa1f0-6a94-7000-8000-{number:012x}"


def key(label: str) -> bytes:
    return sha256(label.encode()).digest()


def witness() -> Holder:
    return keys.witness(WITNESS)


@cache
def authority() -> tuple[stamps.Holder, stamps.Holder]:
    """A time-stamp service's root, and the certificate that it stamps with."""
    root = stamps.certified("Root")
    return root, stamps.certified("Stamper", root, ca=False)


@dataclass
class World:
    """A log under construction: its leaves in order, epoch by epoch, and the parts behind them."""

    leaves: list[bytes] = field(default_factory=list)  # over all epochs
    begins: list[int] = field(default_factory=lambda: [0])  # how many leaves stood before each epoch
    parts: dict[tuple[str, str], tuple[bytes, bytes]] = field(default_factory=dict)  # by record, name
    heads: dict[str, tuple[int, str]] = field(default_factory=dict)  # stream -> cseq, leaf hash
    salts: dict[str, bytes] = field(default_factory=dict)  # stream -> salt of its first leaf
    holders: list[Holder] = field(default_factory=list)  # of the log's keys, oldest first
    notes: dict[tuple[int, int], bytes] = field(default_factory=dict)  # (epoch, size) -> anchored note
    lists: dict[str, tuple[list[bytes], Last]] = field(default_factory=dict)  # by heads.made

    @property
    def epoch(self) -> int:
        return len(self.begins)

    @property
    def origin(self) -> str:
        return f"{LOG}/{self.epoch}"

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
            | {"log": self.origin, "parts": [self.commitment(id, name) for name in sorted(parts)]}
            | changes
        )
        self.leaves.append(leaf)
        self.heads[stream] = cseq + 1, merkle.leaf_hash(leaf).hex()
        self.salts.setdefault(stream, bytes.fromhex(records.parse_leaf(leaf)["salt"]))
        return id

    def system(self, kind: str, parts: Mapping[str, bytes] | None = None, /, **told: object) -> str:
        """Append a record of the system's stream that tells something."""
        whole = {"facts": facts(**told), **(parts or {})}
        return self.add(kind, whole, stream="system", **{"class": "system"})

    def commitment(self, id: str, name: str) -> dict[str, str]:
        k, data = self.parts[id, name]
        return {"commit": seal.commitment(k, data).hex(), "media": "application/octet-stream", "name": name}

    def hashes(self, epoch: int | None = None) -> list[bytes]:
        """The leaf hashes of an epoch, of the present one if none is named."""
        number = (epoch or self.epoch) - 1
        end = self.begins[number + 1] if number + 1 < self.epoch else len(self.leaves)
        return [merkle.leaf_hash(leaf) for leaf in self.leaves[self.begins[number] : end]]

    def checkpoint(self, size: int | None = None, epoch: int | None = None) -> Checkpoint:
        hashes = self.hashes(epoch)[:size]
        return Checkpoint(f"{LOG}/{epoch or self.epoch}", len(hashes), merkle.tree_root(hashes))

    def holder(self) -> Holder | None:
        return self.holders[-1] if self.holders else None

    def note(self) -> bytes | None:
        """The signed note over the whole present log, where it has a signer."""
        return signed(self.checkpoint(), self.holders[-1]) if self.holders else None

    def rotate(self, label: str, isolation: str = "separate-user") -> None:
        """A key comes into use; where it takes over from another, both sign a checkpoint."""
        before = [one for one in self.holders if one.key.name == self.origin]
        holder = keys.log(self.origin, label)
        old = before[-1].key.vkey if before else None
        self.system("key.rotated", isolation=isolation, new=holder.key.vkey, old=old)
        self.holders.append(holder)
        if before:
            point = self.checkpoint()
            self.notes[self.epoch, point.size] = signed(point, before[-1], holder)

    def anchor(self) -> None:
        """The present log is signed, then seen by a witness and by a time-stamp service."""
        point = self.checkpoint()
        made = self.notes.setdefault((self.epoch, point.size), signed(point, self.holders[-1]))
        told = {"origin": point.origin, "size": point.size, "time": "2026-11-20T01:00:05.000Z"}
        cosigned = witness().line(point.body(), SEEN_AT)
        self.system(
            "anchor.received", {"note": made, "token": cosigned}, kind="witness", service=WITNESS, **told
        )
        root, stamper = authority()
        token = stamps.response(made, stamper, (root,))
        self.system("anchor.received", {"note": made, "token": token}, kind="tsa", service=TSA, **told)

    def make_heads(self, state: Mapping[str, tuple[int, str]] | None = None) -> str:
        """Append a heads.made; ``state`` replaces what is true with what is stated."""
        id = record_id(len(self.leaves))
        lasts = {
            stream: Last(stream, self.salts[stream], cseq, bytes.fromhex(last))
            for stream, (cseq, last) in (self.heads | dict(state or {})).items()
            if stream.startswith("case:")
        }
        lines = heads.listing(id, lasts.values())
        self.lists[id] = lines, lasts[f"case:{CASE}"]
        told = {"count": len(lines), "date": "2026-11-20", "root": heads.root(lines).hex()}
        return self.system("heads.made", {"heads": b"".join(line + b"\n" for line in lines)}, **told)

    def restart(self, held: bytes | None, label: str = "second") -> None:
        """Begin a new epoch, as after a restore, when this was the last note that anybody held."""
        point = self.checkpoint()
        size = int(held.split(b"\n")[1]) if held else 0
        lost = {"from": point.size, "to": size} if size > point.size else {"from": None, "to": None}
        before = {
            "note": held.decode() if held else None,
            "origin": point.origin,
            "root": point.root.hex(),
            "size": point.size,
        }
        self.begins.append(len(self.leaves))
        self.system("epoch.started", before=before, lost=lost, reason="restored")
        self.rotate(label)


def signed(point: Checkpoint, *holders: Holder) -> bytes:
    return note.joined(point.body(), [holder.line(point.body()) for holder in holders])


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


def attempt_columns(state: str) -> dict[str, object]:
    return {name: None for name in rows.COLUMNS["attempt"]} | {"number": 1, "state": state}


def facts(*listed: tuple[str, str, Mapping[str, object]], **told: object) -> bytes:
    return rows.make_facts(listed, told)


def empty(table: str, **columns: object) -> dict[str, object]:
    return {name: None for name in rows.COLUMNS[table]} | columns


def small_case() -> World:
    """Opened, composed, tried, accepted, delivered, with neighbours between; delivery cites its intake."""
    world = World()
    world.add("log.started", {}, stream="system", **{"class": "system"})
    compose_notice(world)
    world.add("firm.saved", {"facts": facts()}, stream="system", **{"class": "system"})
    send_notice(world)
    deliver_notice(world)
    world.add("selfcheck.done", {}, stream="system", **{"class": "system"})
    return world


def signed_case(rotated: bool = False, restored: bool = False, witnessed: bool = True) -> World:
    """The same in a log with a signer, seen from outside, with another case, heads and an earlier export.

    ``rotated``: the key changes in between; ``restored``: the log begins anew in between.
    """
    world = World()
    world.system("log.started")
    world.rotate("first")
    compose_notice(world)
    world.add("firm.saved", {"facts": facts()}, stream="system", **{"class": "system"})
    if witnessed:
        world.anchor()
    send_notice(world)
    if restored:
        lost = Checkpoint(world.origin, len(world.leaves) + 3, key("a root that nobody can prove any more"))
        world.restart(signed(lost, world.holders[-1]))
    deliver_notice(world)
    if rotated:
        world.rotate("rotated")
    if witnessed:
        world.anchor()
    world.add("case.opened", {"facts": facts(told="别的案件")}, stream=f"case:{OTHER}")
    told = facts(export="AAAA-BBBB-CCCC-DDDD", records=5, sha256="0" * 64, view="full")
    world.add("custody.exported", {"facts": told}, actor=f"user:{OTHER}", **{"class": "custody"})
    world.make_heads()
    return world


def compose_notice(world: World) -> None:
    case = empty("injury_case", case_no=CASE_NO, summary="骑车上班途中被撞\n同等责任")
    world.add("case.opened", {"facts": facts(("injury_case", CASE, case), told="立案")})
    notice = empty("notice", case_id=CASE, title="返岗提醒")
    world.add(
        "notice.composed", {"facts": facts(("notice", NOTICE, notice)), "text": "请于周一返岗。".encode()}
    )


def send_notice(world: World) -> None:
    composed = next(leaf for leaf in world.leaves if b'"notice.composed"' in leaf)
    code = records.record_code(merkle.leaf_hash(composed))
    started = facts(("attempt", ATTEMPT, attempt_columns("submitted")), record_code=code)
    about = f"about {records.parse_leaf(composed)['id']}"
    attempt = world.add("attempt.started", {"facts": started, "request": code.encode()}, refs=[about])
    accepted = {
        "facts": facts(("attempt", ATTEMPT, attempt_columns("accepted"))),
        "response": b'{"errcode":0}',
    }
    world.add("attempt.accepted", accepted, refs=[f"outcome-of {attempt}"], state="accepted")


def deliver_notice(world: World) -> None:
    intake = "intake:wechat_oa/main/2026-11"
    world.add("intake.received", {"raw": b"<xml/>"}, stream=intake, **{"class": "intake"})
    cited = merkle.leaf_hash(world.leaves[-1]).hex()
    receipt = facts(("receipt", RECEIPT, empty("receipt", outcome="delivered", attempt_id=ATTEMPT)))
    world.add("receipt.received", {"facts": receipt, "raw": b"<xml/>"}, refs=[f"cites {cited}"])


def erase(world: World, *ids: str, ground: str = "period-over", level: int = 2) -> str:
    """Record that these records, or parts of them, were erased."""
    told = {"approved": f"user:{OTHER}", "asked": f"user:{CASE}", "ground": ground, "level": level}
    return world.add("erase.done", {"facts": facts(**told)}, refs=[f"erases {id}" for id in ids])
