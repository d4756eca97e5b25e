"""Pages for people keep their promises: commands exist, links lead somewhere, tables are complete."""

import re
import tomllib
from pathlib import Path

import pytest

from casework.messages import NEGATIVE, POSITIVE, Meaning

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
IDS = {"ids": lambda page: str(page.relative_to(ROOT))}
GLOSSARY = (ROOT / "docs/glossary.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def make_commands(text):
    """Return what stands after ``make`` wherever a page shows it as a command."""
    blocks = re.findall(r"```.*?```", text, re.DOTALL)
    shown = [*re.findall(r"`([^`\n]+)`", text), *(line for block in blocks for line in block.splitlines())]
    return {
        found[1]
        for line in shown
        if (found := re.match(r"\s*(?:\$ )?(?:[A-Z_]+=\S+ )*make ([a-z][a-z-]*)", line))
    }


def first_column(heading):
    section = GLOSSARY.split(f"## {heading}")[1].split("\n## ")[0]
    return re.findall(r"^\| `([a-z_]+)` ", section, re.MULTILINE)


def test_commands_in_a_page_are_found():
    assert make_commands("`make run` and\n```\nONCE=1 make test  # all\n$ make check\n```\n") == {
        "run",
        "test",
        "check",
    }


@pytest.mark.parametrize("page", PAGES, **IDS)
def test_every_make_command_that_a_page_shows_exists(page):
    assert make_commands(page.read_text(encoding="utf-8")) <= TARGETS


def test_the_readme_opens_with_the_two_commands():
    for name in ("README.md", "README.zh-CN.md"):
        assert {"run", "test"} <= make_commands((ROOT / name).read_text(encoding="utf-8"))


def test_help_and_contributing_tell_of_every_target():
    spoken = (ROOT / "Makefile").read_text()

    for target in TARGETS - {"help"}:
        assert f"make {target}" in spoken
        assert f"`make {target}`" in CONTRIBUTING


@pytest.mark.parametrize("page", PAGES, **IDS)
def test_links_within_the_project_lead_to_a_file(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", text)

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_glossary_tells_every_proof_state_in_its_order():
    assert first_column("3.") == [state.value for state in (*POSITIVE, *NEGATIVE)]


def test_the_glossary_tells_every_meaning_of_a_reply():
    assert first_column("5.") == [meaning.value for meaning in Meaning]


def test_no_english_word_of_the_glossary_stands_for_two_chinese_terms():
    sections = GLOSSARY.split("## 3.")[0]
    words = re.findall(r"^\| [^|]+ \| ([^|]+) \|", sections, re.MULTILINE)
    terms = [word for word in words if word not in ("English", "---")]

    assert sorted(set(terms)) == sorted(terms)


def test_contributing_gives_the_reason_of_every_contract():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    told = re.findall(
        r"^\| ([^|`]+) \| [^|]+ \|$", CONTRIBUTING.split("## Import contracts")[1], re.MULTILINE
    )

    assert told[1:] == [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]


def test_the_newest_version_in_the_changelog_is_the_one_that_is_built():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    versions = re.findall(r"^## (\d\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert versions[0] == settings["project"]["version"]
