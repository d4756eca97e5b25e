"""The process that draws: one JSON job a line on standard input, one JSON answer a line on its output."""

import json
import sys
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

import typst
from pypdf import PdfReader
from pypdf.errors import PdfReadError

from handlers.papers import glyphs
from handlers.papers.report import texts

_TEMPLATE = (package_files("handlers.papers") / "report.typ").read_bytes()
# What reading a broken upload may raise.
_STRAY = (RuntimeError, ValueError, LookupError, TypeError, AttributeError)
_PICTURE = b"#set page(width: 20pt, height: 20pt)\n#image(sys.inputs.file, width: 10pt, height: 10pt)"


def main() -> None:
    """Do jobs until standard input ends."""
    for line in sys.stdin:
        print(json.dumps(_done(json.loads(line))), flush=True)


def _done(job: dict[str, Any]) -> dict[str, Any]:
    try:
        if "picture" in job:
            return _try_picture(job)
        return _count(Path(job["folder"], job["count"])) if "count" in job else _draw(job)
    except glyphs.MissingGlyphs as missing:
        return {"missing": missing.characters}
    except glyphs.UnreadableFont as unreadable:
        return {"font": str(unreadable)}
    except (typst.TypstError, PdfReadError, OSError, ArithmeticError, *_STRAY) as error:
        return {"fault": str(error)[:500]}


def _draw(job: dict[str, Any]) -> dict[str, Any]:
    added = glyphs.files(Path(one) for one in job["fonts"])
    if absent := glyphs.missing("".join(texts(job["report"])), added):
        raise glyphs.MissingGlyphs(absent)
    report = {**job["report"], "families": _families(added)}
    day = date.fromisoformat(job["dated"])
    typst.compile(
        _TEMPLATE,
        output=job["target"],
        root=job["folder"],
        font_paths=_fonts(added),
        sys_inputs={"report": json.dumps(report, ensure_ascii=False)},
        format="pdf",
        pdf_standards="a-3b",
        timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
    )
    return _count(Path(job["target"]))


def _count(document: Path) -> dict[str, Any]:
    return {"pages": len(PdfReader(document).pages)}


def _try_picture(job: dict[str, Any]) -> dict[str, Any]:
    typst.compile(
        _PICTURE, root=job["folder"], font_paths=_fonts(()), sys_inputs={"file": job["picture"]},
        format="pdf", pdf_standards="a-3b",
    )  # fmt: skip
    return {"pages": 1}


@cache
def _fonts(added: tuple[Path, ...]) -> typst.Fonts:
    """Open our own fonts and the added ones, and no other, so that every machine draws the same bytes."""
    folders = dict.fromkeys(str(path.parent) for path in (*glyphs.OWN_FONTS, *added))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders))


def _families(added: tuple[Path, ...]) -> list[str]:
    paths = {str(path) for path in added}
    return sorted({font.family for font in _fonts(added).fonts() if font.path in paths})


if __name__ == "__main__":
    main()
