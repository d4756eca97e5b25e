"""The paper form of a notice: a PDF/A-3b that is sealed, posted and checked by its record code."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files as package_files
from pathlib import Path

import segno
import typst

from handlers.papers import glyphs

_TEMPLATE = (package_files("handlers.papers") / "notice.typ").read_bytes()


@dataclass(frozen=True)
class NoticePaper:
    """What stands on the paper. People's words are drawn as they are; none of them is markup.

    ``date`` is the day of issue, "2026-11-23" or "2026年11月23日". ``record_code`` is None on a draft, which
    then shows neither code nor QR code. ``sandbox`` marks every page as a demonstration.
    """

    firm: str
    title: str
    number: str
    date: str
    addressee: str
    paragraphs: tuple[str, ...]
    key_facts: tuple[tuple[str, str], ...]
    record_code: str | None
    check_url: str
    contact: str
    sandbox: bool


def render_notice(paper: NoticePaper, fonts: Iterable[Path] = ()) -> bytes:
    """Draw the paper; the same paper and fonts give the same bytes.

    ``fonts`` are font files or folders beyond our own, for rare characters in names. Raises MissingGlyphs for
    a character that no font can draw, UnreadableFont for a file that is none, ValueError for no real date.
    """
    added = glyphs.files(fonts)
    if absent := glyphs.missing(_all_text(paper), added):
        raise glyphs.MissingGlyphs(absent)
    issued = _day(paper.date)
    drawn = typst.compile(
        _TEMPLATE,
        font_paths=_fonts(added),
        sys_inputs={"paper": json.dumps(_data(paper, issued, added), ensure_ascii=False)},
        format="pdf",
        pdf_standards="a-3b",
        timestamp=datetime(issued.year, issued.month, issued.day, tzinfo=UTC),
    )
    assert isinstance(drawn, bytes)  # typst gives one file for a PDF
    return drawn


def _data(paper: NoticePaper, issued: date, added: tuple[Path, ...]) -> dict[str, object]:
    """Return the paper as the template reads it."""
    return {
        "firm": paper.firm,
        "title": paper.title,
        "number": paper.number,
        "date": f"{issued.year}年{issued.month}月{issued.day}日",
        "addressee": paper.addressee,
        "paragraphs": [line for text in paper.paragraphs for line in text.split("\n") if line],
        "facts": paper.key_facts,
        "code": paper.record_code,
        "check-url": paper.check_url,
        "qr": segno.make(paper.check_url, error="m").svg_inline(border=0),
        "contact": paper.contact,
        "sandbox": paper.sandbox,
        "families": _families(added),
    }


def _day(text: str) -> date:
    numbers = re.fullmatch(r"(\d{4})(?:-|年)(\d{1,2})(?:-|月)(\d{1,2})日?", text)
    if numbers is None:
        raise ValueError(f"日期“{text}”无法识别；请写成 2026-11-23 或 2026年11月23日。")
    return date(*map(int, numbers.groups()))


def _all_text(paper: NoticePaper) -> str:
    facts = (word for pair in paper.key_facts for word in pair)
    code = paper.record_code or ""
    single = (paper.firm, paper.title, paper.number, paper.addressee, paper.contact, paper.check_url, code)
    return "\n".join((*single, *paper.paragraphs, *facts))


@cache
def _fonts(added: tuple[Path, ...]) -> typst.Fonts:
    """Open our own fonts and the added ones, and no other, so that every machine draws the same bytes."""
    folders = dict.fromkeys(str(path.parent) for path in (*glyphs.OWN_FONTS, *added))
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=list(folders))


def _families(added: tuple[Path, ...]) -> list[str]:
    paths = {str(path) for path in added}
    return sorted({font.family for font in _fonts(added).fonts() if font.path in paths})
