"""The exhibit index as a Word file that counsel edits: the same bytes from the same values."""

import io
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from xml.sax.saxutils import escape

import docx
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

Rows = Sequence[Sequence[str] | str]  # a row that is one string heads a group

_SERIF = "宋体"
_FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest moment a ZIP can state


def index_docx(
    title: str, parties: Sequence[tuple[str, str]], head: Sequence[str], rows: Rows, places: Sequence[str],
    foot: str, dated: date,
) -> bytes:  # fmt: skip
    """Return the index: parties, one table, places to sign; ``foot`` stands at the foot of every page."""
    document = docx.Document()
    _set_up(document, title, foot, dated)
    document.add_heading(title, level=1)
    for name, value in parties:
        document.add_paragraph(f"{name}：{value}")
    _add_table(document, head, rows)
    for place in places:
        document.add_paragraph(f"{place}：＿＿＿＿＿＿＿＿＿＿")
    made = io.BytesIO()
    document.save(made)
    return repacked(made.getvalue())


def _set_up(document: "docx.document.Document", title: str, foot: str, dated: date) -> None:
    at = datetime(dated.year, dated.month, dated.day, tzinfo=UTC)
    properties = document.core_properties
    properties.title, properties.author, properties.created, properties.modified = title, "回证", at, at
    properties.last_modified_by, properties.revision = "回证", 1
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin = section.right_margin = Mm(15)
    section.footer.paragraphs[0].text = foot
    for name in ("Normal", "Heading 1"):
        style = document.styles[name]
        style.font.name = _SERIF
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), _SERIF)
    document.styles["Normal"].font.size = Pt(10)


def _add_table(document: "docx.document.Document", head: Sequence[str], rows: Rows) -> None:
    """Add the table; its head stands on every page. Rows are written as XML: thousands take seconds so."""
    table = document.add_table(rows=0, cols=len(head), style="Table Grid")._tbl
    table.append(parse_xml(_row(head, "<w:trPr><w:tblHeader/></w:trPr>")))
    for row in rows:
        table.append(parse_xml(_group(row, len(head)) if isinstance(row, str) else _row(row)))


def _row(cells: Sequence[str], properties: str = "") -> str:
    return (
        f"<w:tr {nsdecls('w')}>{properties}{''.join(f'<w:tc>{_words(cell)}</w:tc>' for cell in cells)}</w:tr>"
    )


def _group(words: str, columns: int) -> str:
    span = f'<w:tcPr><w:gridSpan w:val="{columns}"/></w:tcPr>'
    return f"<w:tr {nsdecls('w')}><w:tc>{span}{_words(words)}</w:tc></w:tr>"


def _words(words: str) -> str:
    lines = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in words.split("\n"))
    return f"<w:p><w:r>{lines}</w:r></w:p>"


def repacked(data: bytes) -> bytes:
    """Return a ZIP with the same members, sorted, all of one time: nothing in it tells when it was made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in sorted(old.namelist()):
            member = zipfile.ZipInfo(name, _FIRST)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr, member.create_system = 0, 0
            new.writestr(member, old.read(name))
    return packed.getvalue()
