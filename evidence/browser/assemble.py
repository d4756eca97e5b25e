"""Joins the page's pieces into the one file verify.html, always the same bytes from the same pieces."""

import json
import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from evidence import fields, records, rows, words

FOLDER = Path(__file__).parent
ENTRY = "page"

_GIVEN = "given"  # the module that Python writes: tables and sentences that the verifiers share
_PATTERNS = (
    *("UUID", "UUID7", "HEX64", "CHANNEL", "TOKEN", "ORIGIN"),
    *("STREAM", "ACTOR", "PART_NAME", "MEDIA", "REF"),
)
_IMPORT = re.compile(r'^import \* as (\w+) from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*? |const |class )(\w+))", re.MULTILINE)
_COMMENT = re.compile(r"\A((?://[^\n]*\n)+)\n*")


def page() -> bytes:
    """Return verify.html: no network, no other file, nothing but what its own hashes allow."""
    parts = {"style": _text("style.css"), "script": script()}
    shell = _text("page.html")
    for name, part in parts.items():
        shell = shell.replace(f"{{{{{name}-hash}}}}", _hash(part))
    for name, part in parts.items():
        shell = shell.replace(f"{{{{{name}}}}}", part)
    return shell.encode()


def script() -> str:
    """Return the modules as one classic script, each in a function of its own, those it needs before it."""
    order: list[str] = []
    _visit(ENTRY, order)
    return "\n" + '"use strict";\n\n' + "\n".join(_wrapped(name) for name in order)


def _visit(name: str, order: list[str]) -> None:
    for alias, needed in _IMPORT.findall(_source(name)):
        if alias != needed:
            raise ValueError(f"{name}.js imports {needed}.js as {alias}: its name in the page is {needed}")
        if needed not in order:
            _visit(needed, order)
    order.append(name)


def _wrapped(name: str) -> str:
    source = _IMPORT.sub("", _source(name))
    found = _COMMENT.match(source)
    comment, body = (found[1], source[found.end() :]) if found else ("", source)
    public = ", ".join(_EXPORT.findall(body))
    inner = _EXPORT.sub("", body).strip("\n")
    return f"{comment}const {name} = (() => {{\n{inner}\n\nreturn {{ {public} }};\n}})();\n"


def _source(name: str) -> str:
    return _given() if name == _GIVEN else _text(f"{name}.js")


def _given() -> str:
    tables: dict[str, object] = {
        "PATTERNS": {name: getattr(fields, name) for name in _PATTERNS},
        "RECORD_KINDS": {kind: sorted(streams) for kind, streams in records.RECORD_KINDS.items()},
        "STATES": sorted(records.STATES),
        "ASSURANCES": sorted(records.ASSURANCES),
        "COLUMNS": {table: sorted(columns) for table, columns in rows.COLUMNS.items()},
        "SENTENCES": words.SENTENCES,
    }
    lines = (f"export const {name} = {_json(value)};" for name, value in tables.items())
    return "// Tables and sentences as the Python verifier has them.\n\n" + "\n".join(lines) + "\n"


def _json(value: object) -> str:
    # In a script element nothing may look like its end, and a line separator ends a line in old browsers.
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _hash(part: str) -> str:
    return f"sha256-{b64encode(sha256(part.encode()).digest()).decode()}"
