"""verify.html as a file: alone, unable to reach anything, and readable by whoever doubts it."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from evidence import records
from evidence.browser import assemble

PAGE = assemble.page().decode()
FOLDER = assemble.FOLDER


def inside(tag):
    return re.search(rf"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)[1]


def test_the_same_pieces_always_give_the_same_page():
    assert assemble.page().decode() == PAGE


def test_the_page_forbids_itself_everything_but_its_own_script_and_style():
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', PAGE)[1]
    hashes = [b64encode(sha256(inside(tag).encode()).digest()).decode() for tag in ("script", "style")]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"script-src 'sha256-{hashes[0]}'",
        f"style-src 'sha256-{hashes[1]}'",
        "form-action 'none'",
        "base-uri 'none'",
    ]


@pytest.mark.parametrize(
    "forbidden",
    [
        "http://",
        "https://",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "sendBeacon",
        "localStorage",
        "<img",
        "<link",
        "<iframe",
        " onclick=",
    ],
)
def test_the_page_holds_nothing_that_could_reach_out_or_run_what_it_reads(forbidden):
    assert forbidden not in PAGE.replace("<!doctype html>", "")


def test_there_is_one_script_and_one_style_and_nothing_is_loaded():
    assert len(re.findall(r"<script", PAGE)) == len(re.findall(r"<style", PAGE)) == 1
    assert not re.search(r"\b(src|href|action)=", PAGE)


def test_the_page_is_not_shortened():
    longest = max(len(line) for line in inside("script").splitlines())
    assert longest <= 250  # the longest are patterns and tables
    assert inside("script").count("\n") > 2000


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.js")), ids=lambda file: file.name)
def test_each_module_is_short_and_opens_with_what_it_is_for(file):
    text = file.read_text(encoding="utf-8")
    assert re.match(r"// [A-Z].+", text)
    assert len(text.splitlines()) <= 250
    assert all(len(line) <= 120 for line in text.splitlines())


def test_every_module_is_in_the_page():
    names = {file.stem for file in FOLDER.glob("*.js")}
    found = set(re.findall(r"^const (\w+) = \(\(\) => \{$", inside("script"), re.MULTILINE))
    assert found == names | {"given"}


def test_a_module_is_known_by_one_name_only(monkeypatch, tmp_path):
    (tmp_path / "page.js").write_text('import * as short from "./long.js";\n', encoding="utf-8")
    monkeypatch.setattr(assemble, "FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"imports long\.js as short"):
        assemble.script()


def test_every_kind_state_and_assurance_level_that_a_case_can_hold_has_a_name():
    text = (FOLDER / "kinds.js").read_text(encoding="utf-8")
    kinds = {kind for kind, streams in records.RECORD_KINDS.items() if "case" in streams}
    missing = [kind for kind in kinds if f'"{kind}": ["' not in text]
    missing += [word for word in records.STATES | records.ASSURANCES if f"  {word}: [" not in text]
    assert missing == []
