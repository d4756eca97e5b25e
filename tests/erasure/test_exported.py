"""A bundle made after an erasure verifies and says what was erased; an older one still fits the log."""

from pathlib import Path

import pytest

from evidence.verify import verify_file
from handlers.erase import Wish
from handlers.export_evidence import export_case
from handlers.papers.press import Drawn, Press
from storage.audit import audit
from tests.erasure.conftest import SECRET
from tests.erasure.living import Lived
from tests.world import CASE_NO

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def quick_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave every paper blank: drawing takes seconds, and this is about records."""

    def draw(press: Press, report: object, name: str) -> Drawn:
        blank = press._folder / name
        blank.write_bytes(b"%PDF-1.7 blank")
        return Drawn(blank, 1)

    monkeypatch.setattr(Press, "draw", draw)


def export(lived: Lived, name: str) -> Path:
    path = lived.folder.parent / name
    export_case(lived.world.desk, CASE_NO, lived.world.hr, path)
    return path


def fork_codes(lived: Lived, old: Path) -> set[str]:
    with lived.archive.reading() as view:
        return {one.code for one in audit(view, old).findings}


@pytest.mark.parametrize("level", [1, 2])
@pytest.mark.parametrize("scope", ["a record", "the case"])
def test_a_bundle_after_it_verifies_and_says_what_was_erased(lived: Lived, scope: str, level: int):
    before = export(lived, "before.zip")
    (reply,) = lived.records("reply.received")
    records = (reply,) if scope == "a record" else ()
    lived.erase(Wish("purpose-achieved", "x", level, CASE_NO, records=records))
    after = export(lived, "after.zip")
    report = verify_file(after)

    found = [*report.internal.findings, *report.complete.findings]
    assert report.verified, [one.to_json("en") for one in found if one.code != "omitted"]
    assert report.to_json()["erased"] > 0
    assert SECRET.encode() in before.read_bytes()
    assert SECRET.encode() not in after.read_bytes()
    assert fork_codes(lived, before) == set()
    assert fork_codes(lived, after) == set()


def test_an_older_bundle_still_fits_the_log_whose_hashes_were_forgotten(lived: Lived):
    before = export(lived, "before.zip")
    lived.erase(Wish("purpose-achieved", "x", 3, CASE_NO))

    assert fork_codes(lived, before) <= {"fork"}  # its size may lie where hashes were forgotten
