"""Chinese text that people read uses full-width punctuation."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("bot", "scheduler", "handlers", "storage", "casework", "evidence", "sandbox", "docs")
KINDS = ("*.md", "*.html", "*.txt", "*.typ", "*.toml", "*.py")
HAN = "\u3400-\u9fff\U00020000-\U000323af"
BETWEEN = rf"[{HAN}] ?[,;:!?] ?[{HAN}]|[{HAN}] ?\([{HAN}]|[{HAN}]\)[{HAN}]"
# Our English pages hold Chinese terms, which an English comma or bracket may follow.
ON_A_PAGE = re.compile(BETWEEN)
IN_THE_PRODUCT = re.compile(rf"{BETWEEN}|[{HAN}][,;:!?](?![\w/])")
MARKUP = re.compile(
    r"```.*?```|`[^`\n]*`|<style.*?</style>|\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.DOTALL
)
PATTERN = re.compile(r"[|\\^$]|\(\?|\.\{|\[")  # a regular expression has its own use for these marks


def wrong_in(path, text):
    rule = ON_A_PAGE if path.suffix == ".md" else IN_THE_PRODUCT
    return [found[0] for piece in said_by(path, text) for found in rule.finditer(piece)]


def said_by(path, text):
    """Return what a file says to people: strings of a program or of settings, text without code or markup."""
    if path.suffix == ".py":
        return strings_of(ast.parse(text))
    if path.suffix == ".toml":
        return strings_in(tomllib.loads(text))
    return [MARKUP.sub("\0", text)]


def strings_of(tree):
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = (
        node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings
    )
    return [
        each.value for each in constants if isinstance(each.value, str) and not PATTERN.search(each.value)
    ]


def strings_in(value):
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings_in(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings_in(each)]
    return [value] if isinstance(value, str) else []


def files():
    found = [
        *ROOT.glob("*.md"),
        *(path for room in ROOMS for kind in KINDS for path in (ROOT / room).rglob(kind)),
    ]
    return sorted(path for path in found if "vendor" not in path.parts)


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("a.md", "您好,请回复", ["好,请"]),
        ("a.md", "返岗(二号车间)报到", ["岗(二", "间)报"]),
        ("a.md", "`您好,请`，好", []),
        ("a.md", "the regulation (工伤保险条例, art. 14)", []),
        ("a.html", "<p>编号: {{ number }}</p>", ["号:"]),
        ("a.html", "<p>收到!</p>", ["到!"]),
        ("a.html", "您好，请回复（必填）：上午8:30，<a href='/查询?a=1'>查询</a>", []),
        ("a.py", "say('编号:')", ["号:"]),
        ("a.py", "say(f'编号:{number}')", ["号:"]),
        ("a.py", "'''Docstrings are English: 工伤: injury.'''", []),
        ("a.py", "re.compile(r'元?|角')", []),
        ("a.toml", "# 返岗提醒: friendly\ntitle = '返岗提醒'", []),
        ("a.toml", "[a]\nlines = ['您好,请回复']", ["好,请"]),
    ],
)
def test_half_width_marks_beside_chinese_are_found(name, text, wrong):
    assert wrong_in(Path(name), text) == wrong


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_chinese_is_written_with_full_width_punctuation(path):
    assert wrong_in(path, path.read_text(encoding="utf-8")) == []
