"""A small invented case, its log and its bundle, and ways to bend them."""

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

from evidence import (
    bag,
    checkpoint,
    compose,
    container,
    export_note,
    merkle,
    names,
    note,
    records,
    rows,
    seal,
    tlog_proof,
)  # fmt: skip
from evidence.checkpoint import Checkpoint
from evidence.contents import Consistency, Ended, Erased, Omission, Opening, Proof
from evidence.errors import CheckpointError, RecordError, UnreadableBundle
from evidence.records import Record
from evidence.report import Report
from evidence.rows import Row
from evidence.tlog_proof import TlogProof
from evidence.verify import verify_file
from tests.evidence import keys
from tests.evidence.keys import Holder
from tests.evidence.worlds import (
    CASE,
    CASE_NO,
    LOG,
    ORIGIN,
    TSA,
    WITNESS,
    World,
    authority,
    erase,
    nodes,
    record_id,
    signed_case,
    small_case,
    witness,
)

LEAVES = ("data/records.jsonl", "data/cited.jsonl", "data/system.jsonl")

Edit = Callable[[dict[str, bytes]], None]


@dataclass(frozen=True)
class Export:
    """Everything that goes into one case's bundle."""

    checkpoint: Checkpoint
    records: Sequence[bytes]
    cited: Sequence[bytes]
    system: Sequence[bytes]
    openings: Sequence[Opening]
    parts: Mapping[str, bytes]
    omitted: Sequence[Omission]
    proofs: Sequence[Proof]
    rows: Sequence[Row]
    custody: bytes
    log: Mapping[str, bytes]  # the files of the log's signer and its ended epochs
    erased: Sequence[Erased] = ()
    case: str = CASE
    case_no: str = CASE_NO
    view: str = "full"
    note: bytes | None = None  # the signed checkpoint
    timeline: str = "11月20日 通知已受理。\n"


def export(
    world: World,
    omit: Mapping[tuple[str, str], str] | None = None,
    erase: Sequence[str] = (),
    view: str = "full",
) -> Export:
    """What an honest exporter makes of the case; intake parts are left out, as they are another scope's."""
    read = [records.read(leaf) for leaf in world.leaves]
    ours = [one for one in read if one.fields["stream"] == f"case:{CASE}"]
    kept = [one for one in ours if one.id not in erase]
    cited = [one for one in read if any(one.hash.hex() in mine.cites for mine in kept)]
    system = [one for one in read if is_shown(one, world)]
    hidden = {(one.id, name): "other-people" for one in cited for name in one.parts}
    hidden |= dict(omit or {})
    shown = [
        (one, name) for one in [*kept, *cited, *system] for name in one.parts if (one.id, name) not in hidden
    ]
    gone = [Erased(one.fields["cseq"], one.hash, one.id) for one in ours if one.id in erase]
    wanted = [*ours, *cited, *system]
    return Export(
        checkpoint=world.checkpoint(),
        records=[one.leaf for one in kept],
        cited=[one.leaf for one in cited],
        system=[one.leaf for one in system],
        openings=[opening(world, one.id, name) for one, name in shown],
        parts={one.parts[name]: world.parts[one.id, name][1] for one, name in shown},
        omitted=[Omission(id, name, reason) for (id, name), reason in sorted(hidden.items())],
        proofs=proofs(world, wanted, world.epoch),
        rows=list(vouched(world, [one for one in shown if one[0] in kept]).values()),
        custody=custody(world, kept),
        log={**ended_files(world, wanted), **signed_files(world)},
        erased=gone,
        view=view,
        note=world.note(),
    )


def members(world: World | None = None) -> dict[str, bytes]:
    return files(export(world or small_case()))


def files(of: Export) -> dict[str, bytes]:
    """The files of an export, made by the functions that the real exporter uses."""
    kinds = Counter(_kind(leaf) for leaf in of.records)
    last = len(of.records) + len(of.erased)
    fixed = {
        "case.json": compose.case_document(of.case, of.case_no, of.view, of.checkpoint),
        "records.jsonl": b"".join(map(compose.leaf_line, of.records)),
        "erased.jsonl": b"".join(compose.erased_line(one.record, one.cseq, one.hash) for one in of.erased),
        "cited.jsonl": b"".join(map(compose.leaf_line, of.cited)),
        "system.jsonl": b"".join(map(compose.leaf_line, of.system)),
        "openings.jsonl": b"".join(map(compose.opening_line, of.openings)),
        "log/checkpoint.txt": of.note or of.checkpoint.body(),
        "log/proofs.json": b"".join(compose.proofs(sorted(of.proofs, key=_index), of.checkpoint.size)),
        "tables.jsonl": b"".join(compose.row_line(row) for row in sorted(of.rows, key=lambda row: row.key)),
        "completeness.json": b"".join(compose.completeness(of.case, kinds, last, of.omitted)),
        "custody.jsonl": of.custody,
        "timeline.txt": of.timeline.encode(),
    }
    made = {f"data/{name}": data for name, data in fixed.items()}
    return made | {compose.part_name(commit): data for commit, data in of.parts.items()} | dict(of.log)


def is_shown(one: Record, world: World) -> bool:
    """Whether a record of the system stream stands in system.jsonl (§7.3)."""
    made = [leaf for leaf in world.leaves if b'"heads.made"' in leaf]
    if one.fields["stream"] != "system" or one.leaf in made:
        return one.leaf in made[-1:]
    return one.kind in ("log.started", "epoch.started", "key.rotated", "key.compromised", "anchor.received")


def opening(world: World, id: str, name: str) -> Opening:
    k, data = world.parts[id, name]
    return Opening(id, name, seal.commitment(k, data).hex(), seal.commit_key(k).hex())


def proofs(world: World, wanted: Sequence[Record], epoch: int | None = None) -> list[Proof]:
    """Inclusion proofs of those of the records that stand in this epoch, the present one if none is named."""
    hashes = world.hashes(epoch)
    node, size = nodes(hashes), len(hashes)
    found = [(one.id, hashes.index(one.hash)) for one in wanted if one.hash in hashes]
    return [Proof(id, index, tuple(merkle.inclusion_proof(index, size, node))) for id, index in found]


def vouched(world: World, shown: Sequence[tuple[Record, str]]) -> dict[rows.Key, Row]:
    told = [(one.id, world.parts[one.id, name][1]) for one, name in shown if name == "facts"]
    return rows.newest(rows.parse_facts(data, id) for id, data in told)


def custody(world: World, kept: Sequence[Record]) -> bytes:
    lines = []
    for one in kept:
        if one.kind.startswith("custody."):
            told = rows.parse_facts(world.parts[one.id, "facts"][1], one.id).told
            lines.append(compose.custody_line(one, told))
    return b"".join(lines)


def ended_files(world: World, wanted: Sequence[Record]) -> dict[str, bytes]:
    made = {}
    for epoch in range(1, world.epoch):
        point = world.checkpoint(epoch=epoch)
        started = records.read(world.leaves[world.begins[epoch]]).id
        listed = sorted(proofs(world, wanted, epoch), key=_index)
        ended = Ended(point.origin, point.root, point.size, started)
        made[compose.epoch_name(epoch)] = b"".join(compose.epoch_proofs(listed, ended))
    return made


def signed_files(world: World) -> dict[str, bytes]:
    if not world.holders:
        return {}
    vkeys = [holder.key.vkey for holder in world.holders]
    tokens = {
        compose.anchor_name(world_epoch(world, number), number - begin(world, number), kind): token
        for number, kind, token in anchors(world)
        if kind in ("tsa", "witness")
    }
    return {
        "data/log/keys.txt": compose.keys_document(vkeys),
        "data/log/policy.txt": compose.policy_document(vkeys, [WITNESS], [TSA]),
        "data/log/consistency.json": b"".join(compose.consistency(steps(world))),
        **{compose.note_name(epoch, size): data for (epoch, size), data in world.notes.items()},
        **tokens,
        **exhibit(world),
    }


def steps(world: World) -> list[Consistency]:
    made = []
    for epoch, size in sorted(world.notes):
        hashes = world.hashes(epoch)
        if size < len(hashes):
            path = merkle.consistency_proof(size, len(hashes), nodes(hashes))
            made.append(Consistency(f"{LOG}/{epoch}", size, len(hashes), tuple(path)))
    return made


def anchors(world: World) -> list[tuple[int, str, bytes]]:
    read = [records.parse_leaf(leaf) for leaf in world.leaves]
    return [
        (
            number,
            rows.parse_facts(world.parts[leaf["id"], "facts"][1], leaf["id"]).told["kind"],
            world.parts[leaf["id"], "token"][1],
        )
        for number, leaf in enumerate(read)
        if leaf["kind"] == "anchor.received"
    ]


def exhibit(world: World) -> dict[str, bytes]:
    """A tlog-proof of the case's last record, which stands in the present epoch."""
    last = [records.read(leaf) for leaf in world.leaves if f'"case:{CASE}"'.encode() in leaf][-1]
    (proof,) = proofs(world, [last])
    made = tlog_proof.write(TlogProof(proof.index, proof.path, world.note() or b""))
    return {compose.proof_name("E001", last.fields["cseq"]): made}


def world_epoch(world: World, number: int) -> int:
    return sum(begin <= number for begin in world.begins)


def begin(world: World, number: int) -> int:
    return world.begins[world_epoch(world, number) - 1]


def packed(members: Mapping[str, bytes], holder: Holder | Literal["last"] | None = "last") -> bytes:
    """A bundle around these members with right manifests, whatever they are called.

    Its export note is made by the holder of the log's last key, or by the one
    who is given; None leaves out the note, or keeps one among the members.
    """
    oxum = f"{sum(len(data) for name, data in members.items() if name.startswith('data/'))}"
    count = sum(name.startswith("data/") for name in members)
    tags = {"bagit.txt": bag.DECLARATION, "bag-info.txt": f"Payload-Oxum: {oxum}.{count}\n".encode()}
    whole = tags | dict(members)
    whole |= manifests(whole)
    signer = _last_holder(members) if holder == "last" else holder
    if signer is not None and "export.note" not in members:
        whole["export.note"] = export_signature(whole, signer)
    return zipped(whole)


def manifests(members: Mapping[str, bytes]) -> dict[str, bytes]:
    """The four manifests of a bag, from scratch."""
    payload = sorted(name for name in members if name.startswith("data/"))
    tags = sorted(members.keys() - payload - names.MANIFESTS - {"export.note"})
    made = {f"manifest-{name}.txt": _listed(members, payload, name) for name in names.ALGORITHMS}
    whole = {**members, **made}
    return made | {
        f"tagmanifest-{name}.txt": _listed(whole, sorted([*tags, *made]), name) for name in names.ALGORITHMS
    }


def export_signature(whole: Mapping[str, bytes], signer: Holder) -> bytes:
    case, body = whole["data/case.json"], whole["data/log/checkpoint.txt"].partition(b"\n\n")[0] + b"\n"
    lists = [whole[f"tagmanifest-{name}.txt"] for name in names.ALGORITHMS]
    try:
        text = export_note.text(json.loads(case)["export"], checkpoint.parse(body), *lists)
    except (ValueError, KeyError, TypeError, CheckpointError):
        text = b"none\n"  # a forgery that broke what the note is about
    return note.joined(text, [signer.line(text)])


def zipped(members: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    writer = container.Writer(target)
    for name in sorted(members):
        writer.member(name, len(members[name]), crc32(members[name]), [members[name]])
    writer.finish()
    return target.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def edited(edit: Edit, world: World | None = None) -> bytes:
    """The honest bundle after an edit of its files, wrapped up and signed again as if nothing was."""
    changed = members(world)
    edit(changed)
    return packed(changed)


def changed(of: Export, **changes: Any) -> bytes:
    """The bundle of an export in which some things are exchanged."""
    return packed(files(replace(of, **changes)))


def judged(data: bytes, folder: Path, policy: str | None = None) -> Report:
    file, trusted = folder / "bundle.zip", folder / "policy.txt"
    file.write_bytes(data)
    if policy is not None:
        trusted.write_text(policy, encoding="utf-8")
    return verify_file(file, trusted if policy is not None else None)


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
    leaves = [json.loads(line) for file in LEAVES for line in lines(members, file)]
    leaf = next(leaf for leaf in leaves if leaf["kind"] == kind)
    commit = next(one["commit"] for one in leaf["parts"] if one["name"] == name)
    return f"data/parts/{commit}"


def policy(*more: str, label: str = "first", origin: str = ORIGIN) -> str:
    """What a reader trusts: the log's key, counsel's witness and one time-stamp service."""
    root, _ = authority()
    return "".join(
        f"{line}\n"
        for line in (
            f"log {keys.log(origin, label).key.vkey}",
            f"witness counsel {witness().key.vkey}",
            "quorum counsel",
            f"tsa {TSA} {root.trusted().sha256}",
            *more,
        )
    )


def corpus() -> Iterator[tuple[str, bytes]]:
    """Named bundles that every verifier must judge alike: honest ones, and one for each way to forge one."""
    from tests.evidence import forgeries  # which is made of what stands above

    yield "honest: unsigned", packed(members())
    for name, of in {"signed": {}, "rotated": {"rotated": True}, "restored": {"restored": True}}.items():
        yield f"honest: {name}", packed(members(signed_case(**of)))
    gone = signed_case()
    erase(gone, record_id(3), record_id(8))
    hidden = {(record_id(3), "text"): "erased"}
    yield "honest: erased", packed(files(export(gone, omit=hidden, erase=[record_id(8)])))
    hidden = {(record_id(7), "request"): "internal"}
    yield "honest: minimised", packed(files(export(signed_case(), omit=hidden, view="minimised")))
    for name, (edit, _) in forgeries.FORGERIES.items():
        yield f"forged: {name}", edited(edit)
    for of, forged in (
        ({}, forgeries.SIGNED),
        ({"rotated": True}, forgeries.ROTATION),
        ({"restored": True}, forgeries.RESTORE),
    ):
        for name, (edit, _) in forged.items():
            yield f"forged: {name}", edited(edit, signed_case(**of))
    for name, (make, _) in forgeries.BUILT.items():
        yield f"forged: {name}", make()


def _listed(members: Mapping[str, bytes], listed: Sequence[str], algorithm: str) -> bytes:
    return "".join(
        f"{hashlib.new(algorithm, members[name]).hexdigest()}  {name}\n" for name in listed
    ).encode()


def _last_holder(members: Mapping[str, bytes]) -> Holder | None:
    # The keys of the invented logs are known by their labels.
    text = members.get("data/log/checkpoint.txt", b"").decode(errors="replace")
    lines = text.partition("\n\n")[2].splitlines()
    for label, epoch in product(("first", "rotated", "second"), (1, 2)):
        holder = keys.log(f"{LOG}/{epoch}", label)
        if lines and lines[-1] == holder.line(text.partition("\n\n")[0].encode() + b"\n").decode().rstrip():
            return holder
    return None


def _index(proof: Proof) -> int:
    return proof.index


def _kind(leaf: bytes) -> str:
    # A leaf that somebody changed is exported as it is.
    try:
        return records.read(leaf).kind
    except RecordError:
        return "unreadable"
