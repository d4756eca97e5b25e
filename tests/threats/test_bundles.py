"""The other side bends an export (threats T8, T9, T17), makes all lists anew, keeps or drops its note."""

import json
from collections.abc import Callable

import pytest

from evidence import canonical
from tests.evidence.bundles import zipped
from tests.export.firm import OTHER_NO, live_elsewhere, members
from tests.signer.office import ON_ONE
from tests.threats.bent import Files, judged, relisted
from tests.threats.court import ALL, Court, found, unmet

pytestmark = ON_ONE
RECORDS, COMPLETE = "data/records.jsonl", "data/completeness.json"


def test_wrapping_an_honest_bundle_again_gives_the_same_bytes(bag):
    court, files = bag
    assert relisted(files) == court.made[-1].read_bytes()


# ---- T8: what the bag holds is exchanged.


def reword(name: str, old: str, new: str) -> Callable[[Files], None]:
    def edit(files: Files) -> None:
        assert old.encode() in files[name]
        files[name] = files[name].replace(old.encode(), new.encode())

    return edit


def reply_in(files: Files) -> str:
    """The part that holds the employee's words."""
    leaf = next(
        one for one in map(json.loads, files[RECORDS].splitlines()) if one["kind"] == "reply.received"
    )
    commit = next(one["commit"] for one in leaf["parts"] if one["name"] == "text")
    return f"data/parts/{commit}"


def other_words(files: Files) -> None:
    files[reply_in(files)] = "好的，我同意".encode()


SWAPS = {
    "the words of the reply": (other_words, {"commitment"}),
    "a time in a record": (
        reword(RECORDS, "T06:00:00.000Z", "T01:00:00.000Z"),
        {"proof", "back-link", "head"},
    ),
    "the view": (reword("data/case.json", '"view":"full"', '"view":"minimised"'), {"export-number"}),
    "the timeline for people": (reword("data/timeline.txt", "2026", "2025"), set()),
    "the page that verifies": (reword("verify.html", "</html>", "<p>✓</p></html>"), set()),
    "the read-me": (reword("README.txt", "sha256", "sha255"), set()),
}


@pytest.mark.parametrize(("edit", "codes"), SWAPS.values(), ids=SWAPS)
def test_t8_t17_what_is_exchanged_is_found_whatever_is_made_anew(bag, edit, codes):
    court, files = bag
    edit(files)

    assert found(judged(court, zipped(files))) == codes | {"manifest"}
    assert found(judged(court, relisted(files))) == codes | {"export-note"}
    assert found(judged(court, relisted(files, note=False))) == codes | {"export-note"}


def test_t8_an_anchored_bundle_without_its_words_is_anchored_and_refused(bag):
    court, files = bag
    other_words(files)
    report = judged(court, relisted(files), *ALL)

    assert (unmet(report), report.verified) == (set(), False)  # the log is true, what is shown of it is not


# ---- T9: something is left out, or brought in.


def without(kind: str) -> Callable[[Files], None]:
    """Leave a record out with all that speaks of it, and count anew."""

    def edit(files: Files) -> None:
        kept = [line for line in files[RECORDS].splitlines(True) if f'"kind":"{kind}"'.encode() not in line]
        gone = [line for line in files[RECORDS].splitlines(True) if line not in kept]
        ids = [json.loads(line)["id"] for line in gone]
        assert len(ids) == 1
        _forget(files, ids[0])
        files[RECORDS] = b"".join(kept)
        stated = canonical.loads(files[COMPLETE][:-1])
        stated["counts"].pop(kind)
        stated["last"] -= 1
        stated["omitted"] = [one for one in stated["omitted"] if one["record"] != ids[0]]
        files[COMPLETE] = canonical.dumps(stated) + b"\n"

    return edit


def _forget(files: Files, id: str) -> None:
    for name in ("data/openings.jsonl", "data/tables.jsonl"):
        lines = files[name].splitlines(True)
        files[name] = b"".join(line for line in lines if json.loads(line)["record"] != id)
    proofs = canonical.loads(files["data/log/proofs.json"][:-1])
    proofs["proofs"] = [one for one in proofs["proofs"] if one["record"] != id]
    used = sorted({entry for one in proofs["proofs"] for entry in one["path"]})
    proofs["hashes"] = [proofs["hashes"][entry] for entry in used]
    for one in proofs["proofs"]:
        one["path"] = [used.index(entry) for entry in one["path"]]
    files["data/log/proofs.json"] = canonical.dumps(proofs) + b"\n"
    opened = {json.loads(line)["commit"] for line in files["data/openings.jsonl"].splitlines()}
    for name in [one for one in files if one.startswith("data/parts/")]:
        if name.removeprefix("data/parts/") not in opened:
            del files[name]
    for name in [one for one in files if one.startswith("data/proofs/")]:
        del files[name]


def test_t9_the_unwelcome_reply_is_left_out_and_everything_counted_anew(bag):
    court, files = bag
    without("reply.received")(files)

    assert found(judged(court, relisted(files))) >= {"sequence", "export-note"}
    assert found(judged(court, relisted(files))) & {"back-link", "head"}


def test_t9_the_numbers_of_the_records_are_closed_up(bag):
    court, files = bag
    without("reply.received")(files)
    lines = [json.loads(line) for line in files[RECORDS].splitlines()]
    files[RECORDS] = b"".join(
        canonical.dumps(one | {"cseq": number}) + b"\n" for number, one in enumerate(lines, 1)
    )

    assert found(judged(court, relisted(files))) >= {"proof", "back-link", "export-note"}


def test_t9_a_record_of_another_case_is_smuggled_in(court: Court):
    live_elsewhere(court.world)
    files = members(court.export())
    with court.world.desk.archive.reading() as view:
        rows = view.connection.exec_driver_sql(
            "SELECT leaf FROM record WHERE stream LIKE 'case:%' AND stream <> 'case:"
            + court.world.case_id
            + "'"
        )
        stranger = bytes(rows.scalars().first())
    assert OTHER_NO.encode() not in files[RECORDS]
    files[RECORDS] += stranger + b"\n"

    assert found(judged(court, relisted(files))) >= {"sequence", "proof", "export-note"}
