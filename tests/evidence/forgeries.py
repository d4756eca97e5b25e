"""Ways to forge a bundle, each with the codes by which it must be found."""

import json
from dataclasses import replace

from evidence import canonical, checkpoint, heads, note, records, seal
from tests.evidence import bundles, keys, worlds
from tests.evidence.bundles import export, files, lines, members, packed, reworded, unzipped
from tests.evidence.worlds import (
    ATTEMPT,
    LOG,
    ORIGIN,
    OTHER,
    SEEN_AT,
    World,
    compose_notice,
    erase,
    facts,
    key,
    record_id,
    signed,
    signed_case,
    small_case,
)


def drop(name, number):
    def edit(files):
        kept = lines(files, name)
        del kept[number]
        files[name] = b"".join(kept)

    return edit


def swap(name, one, other):
    def edit(files):
        kept = lines(files, name)
        kept[one], kept[other] = kept[other], kept[one]
        files[name] = b"".join(kept)

    return edit


def repeat(name, number):
    def edit(files):
        kept = lines(files, name)
        files[name] = b"".join([*kept[: number + 1], *kept[number:]])

    return edit


def reword(name, old, new):
    return lambda files: reworded(files, name, old, new)


def document(name, change):
    def edit(files):
        value = canonical.loads(files[name][:-1])
        change(value)
        files[name] = canonical.dumps(value) + b"\n"

    return edit


def delete_part(kind, name):
    def edit(files):
        del files[bundles.part(files, kind, name)]

    return edit


def reword_part(kind, name, old, new):
    return lambda files: reworded(files, bundles.part(files, kind, name), old, new)


def shift_proof(proofs):
    proofs["proofs"][0]["index"] += 1


def prove_a_stranger(proofs):
    proofs["proofs"].append({"index": 8, "path": [], "record": OTHER})


def prove_twice(proofs):
    last = proofs["proofs"][-1]
    proofs["proofs"].insert(2, last | {"index": 3})


def list_a_hash_twice(proofs):
    paths = [proof["path"] for proof in proofs["proofs"]]
    shared = next(entry for entry in paths[0] if any(entry in path for path in paths[1:]))
    paths[0][paths[0].index(shared)] = len(proofs["hashes"])
    proofs["hashes"].append(proofs["hashes"][shared])


def other_root(files):
    files["data/log/checkpoint.txt"] = replace(small_case().checkpoint(), root=b"\1" * 32).body()


def other_origin(files):
    reworded(files, "data/log/checkpoint.txt", "log/1", "log/2")


def hide_opening(files):
    """A part that is neither here nor listed: its line and its file are gone."""
    delete_part("attempt.accepted", "response")(files)
    kept = [line for line in lines(files, "data/openings.jsonl") if b'"response"' not in line]
    files["data/openings.jsonl"] = b"".join(kept)


def omit_an_unknown_part(completeness):
    completeness["omitted"].append({"name": "paper", "reason": "none", "record": record_id(1)})


def omit_an_open_part(completeness):
    completeness["omitted"].append({"name": "facts", "reason": "none", "record": record_id(1)})


def exchange_part(files):
    """Somebody exchanges a part and commits to the new bytes with a key of their own."""
    old = bundles.part(files, "attempt.accepted", "response").removeprefix("data/parts/")
    k, data = key("forger"), b'{"errcode":43004}'
    new = seal.commitment(k, data).hex()
    del files[f"data/parts/{old}"]
    files[f"data/parts/{new}"] = data
    line = next(line for line in lines(files, "data/openings.jsonl") if old.encode() in line)
    opening = json.loads(line) | {"commit": new, "k_commit": seal.commit_key(k).hex()}
    reworded(files, "data/openings.jsonl", line.decode(), canonical.dumps(opening).decode() + "\n")


RECORDS, CITED, OPENINGS = "data/records.jsonl", "data/cited.jsonl", "data/openings.jsonl"
PROOFS, TABLES, CASE, COMPLETE = (
    f"data/{name}" for name in ("log/proofs.json", "tables.jsonl", "case.json", "completeness.json")
)
FORGERIES = {
    "a word in a record changed": (reword(RECORDS, '"accepted"', '"returned"'), {"proof"}),
    "a record's time put back": (reword(RECORDS, "01:00:01.204Z", "00:00:01.204Z"), {"proof", "back-link"}),
    "a field added to a record": (reword(RECORDS, '"v":1}', '"v":1,"w":1}'), {"leaf-form"}),
    "a record spelt differently": (reword(RECORDS, '"v":1}', '"v":1 }'), {"leaf-form"}),
    "the first record dropped": (drop(RECORDS, 0), {"sequence", "back-link"}),
    "a middle record dropped": (drop(RECORDS, 2), {"sequence", "back-link"}),
    "the last record dropped": (drop(RECORDS, 4), {"sequence"}),
    "two records swapped": (swap(RECORDS, 1, 2), {"sequence", "back-link"}),
    "a record repeated": (repeat(RECORDS, 1), {"sequence", "back-link"}),
    "all records dropped": (lambda files: files.update({RECORDS: b""}), {"sequence"}),
    "the last line not ended": (lambda files: files.update({RECORDS: files[RECORDS][:-1]}), {"container"}),
    "the cited record dropped": (drop(CITED, 0), {"cited-missing"}),
    "the cited record changed": (reword(CITED, '"C1"', '"C3"'), {"cited-missing", "proof"}),
    "a record passed off as cited": (
        lambda files: files.update({CITED: files[CITED] + lines(files, RECORDS)[0]}),
        {"cited-missing", "sequence"},
    ),
    "a proof for another place": (document(PROOFS, shift_proof), {"proof"}),
    "a proof dropped": (document(PROOFS, lambda proofs: proofs["proofs"].pop()), {"proof"}),
    "a hash carried along unused": (
        document(PROOFS, lambda value: value["hashes"].append("a" * 64)),
        {"proof"},
    ),
    "a proof for a record that is not here": (document(PROOFS, prove_a_stranger), {"proof"}),
    "two proofs for one record": (document(PROOFS, prove_twice), {"proof"}),
    "a hash listed twice": (document(PROOFS, list_a_hash_twice), {"proof"}),
    "a path out of the list": (document(PROOFS, lambda value: value["hashes"].pop()), {"container"}),
    "proofs out of order": (document(PROOFS, lambda value: value["proofs"].reverse()), {"proof"}),
    "proofs of another size": (document(PROOFS, lambda value: value.update(size=8)), {"checkpoint"}),
    "another root": (other_root, {"proof"}),
    "another log": (other_origin, {"checkpoint"}),
    "a part changed": (reword_part("notice.composed", "text", "周一", "周五"), {"commitment"}),
    "a part exchanged with its commitment": (exchange_part, {"commitment"}),
    "an opening dropped": (drop(OPENINGS, 1), {"part-missing", "part-unlisted"}),
    "an opening repeated": (repeat(OPENINGS, 1), {"part-unlisted"}),
    "a part's file dropped": (delete_part("notice.composed", "text"), {"part-missing"}),
    "a part held back in silence": (hide_opening, {"part-missing"}),
    "a part of nobody": (lambda files: files.update({f"data/parts/{'a' * 64}": b"x"}), {"part-unlisted"}),
    "an omission of nothing": (document(COMPLETE, omit_an_unknown_part), {"part-unlisted"}),
    "an omission of what is here": (document(COMPLETE, omit_an_open_part), {"part-unlisted"}),
    "an omission not listed": (
        document(COMPLETE, lambda value: value["omitted"].clear()),
        {"part-missing"},
    ),
    "a row edited": (reword(TABLES, '"delivered"', '"returned"'), {"row-differs"}),
    "a row set back to an older state": (reword(TABLES, '"accepted"', '"submitted"'), {"row-differs"}),
    "a row given to an older record": (
        reword(TABLES, record_id(5), record_id(4)),
        {"row-unvouched"},
    ),
    "a row removed": (drop(TABLES, 0), {"row-missing"}),
    "a row invented": (
        reword(TABLES, ATTEMPT + '","record', OTHER + '","record'),
        {"row-unvouched", "row-missing"},
    ),
    "a row repeated": (repeat(TABLES, 0), {"row-unvouched"}),
    "another case number": (reword(CASE, "0017", "0018"), {"row-differs"}),
    "a case number with a bell in it": (
        document(CASE, lambda value: value.update(case_no="\a")),
        {"container"},
    ),
    "a case number in split letters": (
        document(CASE, lambda value: value.update(case_no="e\u0301")),
        {"container"},
    ),
    "another case": (reword(CASE, worlds.CASE, OTHER), {"sequence"}),
    "another size": (document(CASE, lambda value: value.update(checkpoint=8)), {"checkpoint"}),
    "another format": (document(CASE, lambda value: value.update(format=2)), {"container"}),
    "counts that are wrong": (
        document(COMPLETE, lambda value: value["counts"].pop("case.opened")),
        {"sequence"},
    ),
    "a first number that is wrong": (document(COMPLETE, lambda value: value.update(first=2)), {"sequence"}),
    "a last number that is wrong": (document(COMPLETE, lambda value: value.update(last=4)), {"sequence"}),
    "a JSON file whose line does not end": (
        lambda files: files.update({CASE: files[CASE][:-1]}),
        {"container"},
    ),
    "a checkpoint cut short": (
        lambda files: files.update({"data/log/checkpoint.txt": b"huizheng"}),
        {"checkpoint"},
    ),
    "a JSON file that is none": (lambda files: files.update({COMPLETE: b"{"}), {"container", "part-missing"}),
}


# ---- Forgeries of signed bundles: a thief of the log's key makes all lists and the export note anew. ----

CHECKPOINT, SYSTEM, KEYS = "data/log/checkpoint.txt", "data/system.jsonl", "data/log/keys.txt"
STEPS, EPOCH = "data/log/consistency.json", "data/log/epoch-1.json"
CUSTODY, POLICY, NOTE, EXHIBIT = (
    "data/custody.jsonl",
    "data/log/policy.txt",
    "export.note",
    "data/proofs/E001-6.tlog-proof",
)
ANCHORED = "data/log/checkpoints/1-5.note"
FIRST, ROTATED, SECOND = (
    keys.log(ORIGIN, "first"),
    keys.log(ORIGIN, "rotated"),
    keys.log(f"{LOG}/2", "second"),
)
STRANGER = keys.log(ORIGIN, "stranger")


def written_by(name, *holders, **other):
    """A note in place of one in the bundle: over the same or another checkpoint, signed by these."""

    def edit(files):
        body = files[name].partition(b"\n\n")[0] + b"\n"
        files[name] = signed(replace(checkpoint.parse(body), **other), *holders)

    return edit


def remove(name):
    return lambda files: files.pop(name) and None


def rename(name, new):
    return lambda files: files.update({new: files.pop(name)})


def put(name, data):
    return lambda files: files.update({name: data})


def without_signatures(files):
    files[CHECKPOINT] = files[CHECKPOINT].partition(b"\n\n")[0] + b"\n"


def exported(text=lambda text: text, holders=(FIRST,)):
    """An export note that says something else, or is signed by somebody else."""

    def edit(files):
        honest = note.parse(unzipped(packed(files))[NOTE]).text
        made = text(honest)
        files[NOTE] = note.joined(made, [holder.line(made) for holder in holders])

    return edit


def drop_kind(name, kind, last=False):
    def edit(files):
        kept = lines(files, name)
        places = [number for number, line in enumerate(kept) if f'"kind":"{kind}"'.encode() in line]
        del kept[places[-1 if last else 0]]
        files[name] = b"".join(kept)

    return edit


def list_a_step_twice(value):
    value["proofs"].append(value["proofs"][0])


SIGNED = {
    "the signatures taken off": (without_signatures, {"signature"}),
    "a checkpoint signed by a stranger": (written_by(CHECKPOINT, STRANGER), {"signature"}),
    "a checkpoint signed over another root": (written_by(CHECKPOINT, FIRST, root=b"\1" * 32), {"proof"}),
    "a checkpoint of another size": (written_by(CHECKPOINT, FIRST, size=11), {"checkpoint", "proof"}),
    "an export note that is not in its form": (
        exported(lambda text: text.replace(b"sha256 ", b"sha256 0", 1)),
        {"export-note"},
    ),
    "an export note with another number": (
        exported(lambda text: text[:19] + b"AAAA" + text[23:]),
        {"export-note"},
    ),
    "an export note over other lists": (
        exported(lambda text: text.replace(text[-10:-1], b"123456789")),
        {"export-note"},
    ),
    "an export note signed twice": (exported(holders=(FIRST, FIRST)), {"export-note"}),
    "an export note signed by a stranger too": (exported(holders=(FIRST, STRANGER)), {"export-note"}),
    "an export note signed by a stranger": (exported(holders=(STRANGER,)), {"export-note"}),
    "an empty export note": (put(NOTE, b""), {"export-note"}),
    "another export number": (
        document(CASE, lambda value: value.update(export="AAAA-BBBB-CCCC-DDDD")),
        {"export-number"},
    ),
    "another view": (document(CASE, lambda value: value.update(view="minimised")), {"export-number"}),
    "another origin": (document(CASE, lambda value: value.update(origin=f"{LOG}/2")), {"checkpoint"}),
    "the keys not listed": (remove(KEYS), {"container"}),
    "other keys listed": (put(KEYS, STRANGER.key.vkey.encode() + b"\n"), {"document"}),
    "a draft policy with another key": (
        put(POLICY, f"log {STRANGER.key.vkey}\nquorum none\n".encode()),
        {"document"},
    ),
    "a draft policy that is none": (put(POLICY, b"trust me\n"), {"document"}),
    "the record of the key dropped": (drop_kind(SYSTEM, "key.rotated"), {"signature", "proof"}),
    "the first record of the log dropped": (drop_kind(SYSTEM, "log.started"), {"epoch", "proof"}),
    "a fork that the signer signed": (written_by(ANCHORED, FIRST, root=b"\1" * 32), {"consistency"}),
    "a note over another size": (written_by(ANCHORED, FIRST, size=4), {"signature", "consistency"}),
    "a note beyond the checkpoint": (written_by(ANCHORED, FIRST, size=99), {"consistency"}),
    "a note under another name": (rename(ANCHORED, "data/log/checkpoints/1-6.note"), {"signature"}),
    "a note signed by a stranger": (written_by(ANCHORED, STRANGER), {"signature"}),
    "no proof of consistency": (
        document(STEPS, lambda value: value["proofs"].pop() and value["hashes"].clear()),
        {"consistency"},
    ),
    "a proof of consistency for nothing": (document(STEPS, list_a_step_twice), {"consistency"}),
    "a hash carried along in the proofs of consistency": (
        document(STEPS, lambda value: value["hashes"].append("a" * 64)),
        {"consistency"},
    ),
    "the last record dropped, and its summary": (drop(RECORDS, -1), {"sequence", "proof"}),
    "a line of custody dropped": (put(CUSTODY, b""), {"document"}),
    "a line of custody changed": (reword(CUSTODY, "DDDD", "EEEE"), {"document"}),
    "an exhibit's proof of another record": (rename(EXHIBIT, "data/proofs/E001-5.tlog-proof"), {"document"}),
    "an exhibit's proof of no record": (rename(EXHIBIT, "data/proofs/E001-7.tlog-proof"), {"document"}),
    "an exhibit's proof cut short": (reword(EXHIBIT, "tlog-proof@v1", "tlog-proof@v2"), {"document"}),
    "a time stamp that is not the record's": (put("data/anchors/1-6.tsr", b"0"), {"document"}),
    "a time stamp of no record": (put("data/anchors/1-7.tsr", b"0"), {"document"}),
    "an attachment that no record has": (put("data/files/letter.pdf", b"%PDF-1.7 forged"), {"document"}),
}


ROTATION = {
    "a checkpoint signed by the key that was retired": (written_by(CHECKPOINT, FIRST), {"signature"}),
    "a rotation that the old key did not sign": (
        written_by("data/log/checkpoints/1-12.note", ROTATED),
        {"signature"},
    ),
    "the record of the new key dropped": (
        drop_kind(SYSTEM, "key.rotated", last=True),
        {"signature", "proof"},
    ),
    "the export note signed by the retired key": (exported(holders=(FIRST,)), {"export-note"}),
}
RESTORE = {
    "the proofs of the ended epoch dropped": (remove(EPOCH), {"epoch", "proof", "checkpoint"}),
    "another root of the ended epoch": (
        document(EPOCH, lambda value: value.update(root="1" * 64)),
        {"epoch", "proof"},
    ),
    "another size of the ended epoch": (document(EPOCH, lambda value: value.update(size=8)), {"epoch"}),
    "the ended epoch under another number": (rename(EPOCH, "data/log/epoch-3.json"), {"container"}),
    "another record for the beginning of the epoch": (
        document(EPOCH, lambda value: value.update(started=record_id(1))),
        {"epoch"},
    ),
    "the beginning of the epoch dropped": (drop_kind(SYSTEM, "epoch.started"), {"epoch"}),
}


# ---- What stands in a list of heads, how deep a file may be, why a part may be left out. ----


def nested(depth):
    return lambda files: files.update({COMPLETE: b"[" * depth + b"]" * depth + b"\n"})


def hold_back_heads(files):
    delete_part("heads.made", "heads")(files)
    kept = [line for line in lines(files, OPENINGS) if b'"name":"heads"' not in line]
    files[OPENINGS] = b"".join(kept)


def hold_back_heads_openly(files):
    hold_back_heads(files)
    made = next(json.loads(line) for line in lines(files, SYSTEM) if b'"heads.made"' in line)
    one = {"name": "heads", "reason": "other-people", "record": made["id"]}
    document(COMPLETE, lambda value: value["omitted"].append(one))(files)


def give_another_reason(value):
    value["omitted"][0]["reason"] = "minimised"


FORGERIES |= {
    "a file nested deeper than is read": (nested(65), {"container"}),
    "a file nested as deep as is read": (nested(64), {"container"}),
    "a file nested deeper than any program reads": (nested(200_000), {"container"}),
    "an omission for a reason that is none": (document(COMPLETE, give_another_reason), {"part-unlisted"}),
}
SIGNED |= {
    "the list of heads held back in silence": (hold_back_heads, {"head", "part-missing"}),
    "the list of heads held back openly": (hold_back_heads_openly, {"head"}),
    "a list of heads without a line": (
        lambda files: files.update({bundles.part(files, "heads.made", "heads"): b""}),
        {"head", "commitment"},
    ),
    "a note of an epoch of seven digits": (
        rename(ANCHORED, "data/log/checkpoints/1000000-5.note"),
        {"unlisted-file"},
    ),
}


def stating(bend):
    """The bundle of a log whose list of heads is bent before it is recorded with the root that it has."""
    world = signed_case()
    id = record_id(len(world.leaves))
    world.make_heads()
    world.leaves.pop()
    world.heads["system"] = _system_before(world)
    lines = bend(world.lists[id][0], heads.listing(id, [world.lists[id][1]])[0])
    told_of = {"count": len(lines), "date": "2026-11-20", "root": heads.root(lines).hex()}
    world.system("heads.made", {"heads": b"".join(line + b"\n" for line in lines)}, **told_of)
    return packed(bundles.members(world))


def _system_before(world):
    read = [records.read(leaf) for leaf in world.leaves if b'"stream":"system"' in leaf][-1]
    return read.fields["cseq"], read.hash.hex()


def with_head(line, head):
    return canonical.dumps(canonical.loads(line) | {"head": head})


BENT = {
    "two lines beside each other": lambda lines, own: sorted([*lines, with_head(own, "0" * 64)]),
    "two lines far from each other": lambda lines, own: [with_head(own, "0" * 64), *lines, own],
    "lines out of order": lambda lines, own: lines[::-1],
    "no line for the case": lambda lines, own: [line for line in lines if line != own],
    "no line at all": lambda lines, own: [],
    "a line that is none": lambda lines, own: [*lines, b"{}"],
    "another head": lambda lines, own: [with_head(line, "0" * 64) if line == own else line for line in lines],
}


# ---- Bundles of a log into which its operator wrote what is not so; every file of them fits the others. ----


def begun(world):
    """A signed log with a case in it, before anybody outside saw it."""
    world.system("log.started")
    world.rotate("first")
    compose_notice(world)
    return world


def ended(world, **changes):
    before = {"note": None, "origin": world.origin, "root": "1" * 64, "size": 1} | changes
    return {"before": before, "lost": {"from": None, "to": None}, "reason": "restored"}


def an_epoch_begun_in_the_middle():
    world = signed_case()
    world.system("epoch.started", **ended(world, origin=f"{LOG}/9"))
    return packed(members(world))


def an_epoch_that_follows_a_later_one():
    world = signed_case(witnessed=False)
    world.begins.append(len(world.leaves))
    world.system("epoch.started", **ended(world, origin=f"{LOG}/9"))
    world.rotate("second")
    world.add("case.changed", {"facts": facts()})
    world.make_heads()
    return packed(members(world))


def erased_in_advance(number_to_part):
    """An erase.done names the record that comes after it."""

    def make():
        world = begun(World())
        later = record_id(len(world.leaves) + 1)
        erase(world, later)
        world.add("page.refused", {"facts": facts(told="refused")})
        world.make_heads()
        return packed(files(export(world, **number_to_part(later))))

    return make


def erased_in_part_only():
    world = begun(World())
    gone = world.add("page.refused", {"facts": facts(told="refused")})
    erase(world, gone, level=1)
    world.make_heads()
    return packed(files(export(world, erase=[gone])))


def erased_for_reasons_untold():
    world = begun(World())
    gone = world.add("page.refused", {"facts": facts(told="refused")})
    done = erase(world, gone)
    world.make_heads()
    return packed(files(export(world, erase=[gone], omit={(done, "facts"): "privileged"})))


def cosigned(world, point, holder, when=SEEN_AT):
    """A witness's answer over a checkpoint is entered; the log's key signed the note."""
    made = signed(point, world.holders[-1])
    told = {"origin": point.origin, "size": point.size, "time": None}
    parts = {"note": made, "token": holder.line(point.body(), when)}
    world.system("anchor.received", parts, kind="witness", service=holder.key.name, **told)
    return made


def a_fork_that_only_an_anchor_shows(size):
    def make():
        world = begun(World())
        world.anchor()
        fork = replace(world.checkpoint(size), root=b"\1" * 32)
        cosigned(world, fork, worlds.witness())
        world.make_heads()
        return packed(members(world))

    return make


BUILT = {
    "an epoch begun in the middle of a log": (an_epoch_begun_in_the_middle, {"epoch"}),
    "an epoch that follows a later one": (an_epoch_that_follows_a_later_one, {"epoch"}),
    "a record erased before it was written": (
        erased_in_advance(lambda id: {"erase": [id]}),
        {"sequence"},
    ),
    "a part erased before it was written": (
        erased_in_advance(lambda id: {"omit": {(id, "facts"): "erased"}}),
        {"part-missing"},
    ),
    "a leaf gone although only its content was erased": (erased_in_part_only, {"sequence"}),
    "a leaf gone and the extent of the erasure not told": (erased_for_reasons_untold, {"sequence"}),
    "a fork of the same size that only an anchor shows": (
        a_fork_that_only_an_anchor_shows(None),
        {"consistency"},
    ),
    "a fork at an earlier size that only an anchor shows": (
        a_fork_that_only_an_anchor_shows(5),
        {"consistency"},
    ),
}


# ---- Bundles that are right in themselves, and what a reader's policy says of them. ----


COUNSELS = tuple(keys.witness(f"w{number}.example/x", f"w{number}") for number in range(3))
DAY = 86_400


def two_of_three(label="first", origin=ORIGIN):
    named = "".join(f"witness w{number} {one.key.vkey}\n" for number, one in enumerate(COUNSELS))
    return f"log {keys.log(origin, label).key.vkey}\n{named}group g 2 w0 w1 w2\nquorum g\n"


def key_only(label, origin=ORIGIN):
    return f"log {keys.log(origin, label).key.vkey}\nquorum none\n"


def seen_by(*rounds):
    """Each round is a checkpoint that witnesses saw after so many days; a notice follows each."""

    def make():
        world = begun(World())
        for days in rounds:
            point = world.checkpoint()
            for holder, day in zip(COUNSELS, days, strict=False):
                made = cosigned(world, point, holder, SEEN_AT + day * DAY)
                world.notes.setdefault((world.epoch, point.size), made)
            world.add("notice.composed", {"facts": facts()})
        world.make_heads()
        return packed(members(world))

    return make


def honest(**of):
    return lambda: packed(members(signed_case(**of)))


def a_rotation_nobody_handed_over():
    """The key of the log changed, and the note that both keys should have signed is not there."""
    world = signed_case(rotated=True, witnessed=False)
    world.notes.clear()
    return packed(members(world))


JUDGED = {  # the bundle, the policy, whether it is anchored, and the codes of what is told of that
    "a key handed over by both": (honest(rotated=True), key_only("first"), True, set()),
    "the present key": (honest(rotated=True), key_only("rotated"), True, set()),
    "a key not handed over": (a_rotation_nobody_handed_over, key_only("first"), False, {"log-key"}),
    "a later epoch under its own key": (honest(restored=True), key_only("second", f"{LOG}/2"), True, set()),
    "a later epoch under the key before": (honest(restored=True), key_only("first"), False, {"log-key"}),
    "a quorum": (seen_by((0, 1)), two_of_three(), True, set()),
    "too few for a quorum": (seen_by((0,)), two_of_three(), False, {"witness"}),
    "one of a quorum who puts the time back": (seen_by((-2000, 0, 1)), two_of_three(), True, set()),
    "one alone who puts the time back": (seen_by((-2000,), (0, 1)), two_of_three(), True, set()),
    "witnesses whose times contradict": (seen_by((5, 5), (1, 1)), two_of_three(), True, {"anchor"}),
}
