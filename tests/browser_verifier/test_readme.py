"""README.txt: its commands, typed as they stand, find an honest bundle right and a bent one wrong."""

import json
import re
import shutil
import subprocess
import unicodedata
from base64 import b64decode

import pytest

from evidence import records
from evidence.browser.readme import readme
from evidence.stamp import look
from tests.evidence import bundles
from tests.evidence.worlds import signed_case

CHINESE, ENGLISH = readme().decode().split("=" * 78)


def commands(text):
    """The commands of each step, as somebody would copy them."""
    blocks = re.findall(r"(?:^    .+\n)+", text, re.MULTILINE)
    return [block.replace("\n    ", "\n").strip() for block in blocks]


_, UNPACK, LISTS, HASHES, SIGNATURE, CHECKPOINT, STAMPS, CODES = commands(CHINESE)
TOOLS = ("sha256sum", "unzip", "openssl", "base64", "base32")

pytestmark = pytest.mark.skipif(
    any(shutil.which(tool) is None for tool in TOOLS), reason=f"needs {', '.join(TOOLS)}"
)


def run(folder, *lines):
    """Type these commands into a shell; returns whether all went well, and what was printed."""
    typed = "\n".join(("set -eu", *lines))
    ended = subprocess.run(["sh", "-c", typed], cwd=folder, capture_output=True, text=True, check=False)
    return ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture
def folder(tmp_path):
    world = signed_case()
    (tmp_path / "BUNDLE.zip").write_bytes(bundles.packed(bundles.members(world)))
    assert run(tmp_path, UNPACK)[0]
    return tmp_path / "bundle"


def test_it_is_chinese_first_and_then_english_with_the_same_commands():
    assert "怎样核验" in CHINESE
    assert "how to check it" in ENGLISH
    assert commands(CHINESE) == commands(ENGLISH)


def test_it_fits_a_terminal():
    def width(line):
        return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in line)

    told = [line for line in readme().decode().splitlines() if not line.startswith("    ")]
    assert max(map(width, told)) <= 84


def test_the_lists_of_an_honest_bundle_are_right(folder):
    well, printed = run(folder, LISTS)
    assert well
    assert len(set(printed.split())) == 1


def test_a_changed_file_is_found_by_the_lists(folder):
    (folder / "data" / "timeline.txt").write_text("11月21日\n", encoding="utf-8")
    assert not run(folder, LISTS)[0]


def test_a_file_that_is_not_listed_shows_in_the_numbers(folder):
    (folder / "data" / "more.txt").write_text("more", encoding="utf-8")
    well, printed = run(folder, LISTS)
    assert well
    assert len(set(printed.split())) == 2


def test_the_export_note_names_the_lists(folder):
    well, printed = run(folder, HASHES)
    first, second, third, fourth = printed.splitlines()
    assert well
    assert first.split()[1] == third.split()[0]
    assert second.split()[1] == fourth.split()[0]


def test_openssl_verifies_what_the_signer_signed(folder):
    well, printed = run(folder, SIGNATURE, CHECKPOINT)
    assert well
    assert printed.count("Signature Verified Successfully") == 2


@pytest.mark.parametrize("name", ["export.note", "data/log/checkpoint.txt"])
def test_openssl_refuses_a_changed_signed_text(name, folder):
    file = folder / name
    lines = file.read_text(encoding="utf-8").split("\n")
    lines[1] = lines[1].replace(lines[1][0], "Z" if lines[1][0] != "Z" else "Y", 1)
    file.write_text("\n".join(lines), encoding="utf-8")
    assert not run(folder, SIGNATURE, CHECKPOINT)[0]


@pytest.mark.parametrize(("changed", "well"), [("", True), ("one more line\n", False)])
def test_openssl_verifies_a_time_stamp_over_its_note(changed, well, folder, vectors):
    made = json.loads((vectors / "rfc3161_openssl_made_here.json").read_text(encoding="utf-8"))
    token = b64decode(made["cases"][0]["response_b64"])
    (folder / "root.pem").write_text(made["ca_pem"], encoding="utf-8")
    (folder / "data/log/checkpoints/NAME.note").write_text(made["message_utf8"] + changed, encoding="utf-8")
    (folder / "data/anchors/NAME.tsr").write_bytes(token)
    at_its_time = f" -attime {int(look(token).time.timestamp())} -CAfile"
    assert run(folder, STAMPS.replace(" -CAfile", at_its_time))[0] == well


def test_the_codes_are_those_of_the_notices(folder):
    well, printed = run(folder, CODES)
    composed = next(leaf for leaf in signed_case().leaves if b'"notice.composed"' in leaf)
    assert well
    assert printed.split() == [records.record_code(records.read(composed).hash).replace("-", "")]
