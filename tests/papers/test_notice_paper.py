"""A notice on paper says everything, can be checked, is the same each time, and prints no boxes."""

import json
import re
from dataclasses import replace
from io import BytesIO

import pytest
import typst
from pypdf import PdfReader

from handlers.papers import glyphs, notice_paper
from handlers.papers.notice_paper import NoticePaper, render_notice

PAPER = NoticePaper(
    firm="苏州晨光精密机械有限公司",
    title="返岗通知书",
    number="GS-2026-0017-03",
    date="2026-11-23",
    addressee="张伟",
    paragraphs=("您的停工留薪期已于2026年11月20日届满。", "请于2026年11月30日到二号车间报到。"),
    key_facts=(("报到时间", "2026年11月30日"), ("接待人", "李敏")),
    record_code="K3V9-Q2XW-7M4A-T6PD",
    check_url="https://huizheng.example.com/check/K3V9-Q2XW-7M4A-T6PD",
    contact="人事部 李敏，电话 0512-5550-0123",
    sandbox=False,
)
LONG = replace(PAPER, paragraphs=("现请您在停工留薪期届满后按时返岗，如需延长请在期满前提出。" * 5,) * 16)
TYPST_MARKUP = [
    "#panic(1)",
    "$x$",
    "*b*",
    "_i_",
    "= 标题",
    "@ref",
    "`raw`",
    "\\",
    '#image("/etc/passwd")',
    '"]',
    "//",
]


def pages(paper, **given):
    return PdfReader(BytesIO(render_notice(paper, **given))).pages


def text(paper):
    """What a reader can copy out of the paper, without the spaces and line ends of its layout."""
    return re.sub(r"\s", "", "".join(page.extract_text() for page in pages(paper)))


def squeezed(words):
    return re.sub(r"\s", "", words)


def test_everything_that_must_be_told_stands_on_the_paper():
    said = text(PAPER)

    for words in (
        PAPER.firm, PAPER.title, PAPER.number, "2026年11月23日", "张伟：", *PAPER.paragraphs,
        *(word for pair in PAPER.key_facts for word in pair), PAPER.record_code, PAPER.check_url,
        PAPER.contact, "盖章处", "第1页，共1页",
    ):  # fmt: skip
        assert squeezed(words) in said


def test_the_paper_is_an_archivable_a4():
    pdf = PdfReader(BytesIO(render_notice(PAPER)))
    metadata = pdf.xmp_metadata.stream.get_data().decode()

    assert [round(float(side)) for side in pdf.pages[0].mediabox[2:]] == [595, 842]
    assert "<pdfaid:part>3</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert (pdf.metadata.title, pdf.metadata.author) == (PAPER.title, PAPER.firm)


def test_the_same_notice_gives_the_same_bytes():
    assert render_notice(PAPER) == render_notice(replace(PAPER))


@pytest.mark.parametrize(
    "other",
    [{"addressee": "张玮"}, {"date": "2026-11-24"}, {"check_url": "https://huizheng.example.com/check/ZZZZ"}],
    ids=lambda other: next(iter(other)),
)
def test_another_notice_gives_other_bytes(other):
    assert render_notice(PAPER) != render_notice(replace(PAPER, **other))


@pytest.mark.parametrize("written", ["2026-11-23", "2026年11月23日"])
def test_the_day_is_printed_in_chinese(written):
    assert "2026年11月23日" in text(replace(PAPER, date=written))


@pytest.mark.parametrize("written", ["", "23.11.2026", "2026-11-31", "昨天"])
def test_an_impossible_day_is_refused(written):
    with pytest.raises(ValueError):
        render_notice(replace(PAPER, date=written))


@pytest.mark.parametrize("field", ["firm", "title", "number", "addressee", "contact", "record_code"])
@pytest.mark.parametrize("markup", TYPST_MARKUP)
def test_markup_in_people_s_words_stays_words(field, markup):
    assert squeezed(markup) in text(replace(PAPER, **{field: markup}))


@pytest.mark.parametrize("markup", TYPST_MARKUP)
def test_markup_in_paragraphs_and_facts_stays_words(markup):
    said = text(replace(PAPER, paragraphs=(f"甲{markup}乙",), key_facts=((f"丙{markup}", f"{markup}丁"),)))

    assert f"甲{squeezed(markup)}乙" in said
    assert f"丙{squeezed(markup)}" in said
    assert f"{squeezed(markup)}丁" in said


def test_a_long_notice_runs_over_pages_that_are_counted_and_each_bear_the_code():
    paper = pages(LONG)

    assert len(paper) == 3
    for number, page in enumerate(paper, 1):
        said = squeezed(page.extract_text())
        assert f"第{number}页，共3页" in said
        assert f"回证码{PAPER.record_code}" in said
    assert squeezed("".join(LONG.paragraphs)) in re.sub(
        r"(回证码K.{18})?第\d页，共3页|GS-2026-0017-03|回证码K3V9-Q2XW-7M4A-T6PD", "", text(LONG)
    )


def test_facts_seal_date_and_code_stay_together_on_the_last_page():
    for length in range(8, 17):
        last = squeezed(pages(replace(LONG, paragraphs=LONG.paragraphs[:length]))[-1].extract_text())

        assert f"接待人李敏{PAPER.firm}盖章处2026年11月23日回证码：{PAPER.record_code}" in last


def heights(page):
    """Return how far above the foot of the page each piece of text stands, in points."""
    found = {}
    page.extract_text(visitor_text=lambda said, shift, *rest: found.setdefault(squeezed(said), shift[5]))
    return found


@pytest.mark.parametrize("lines", range(8, 22))
def test_the_check_never_covers_the_seal_however_full_the_page_is(lines):
    placed = heights(pages(replace(PAPER, paragraphs=("请于今日到岗。",) * lines))[-1])

    assert placed["2026年11月23日"] - 20 > placed["回证码："] > placed["回证码"]


def test_a_draft_shows_neither_code_nor_qr_code():
    said = text(replace(PAPER, record_code=None))

    assert "回证码" not in said
    assert "核对本件" not in said
    assert squeezed(PAPER.contact) in said


@pytest.mark.parametrize(("sandbox", "marks"), [(True, 3), (False, 0)], ids=["demonstration", "in earnest"])
def test_every_page_of_a_demonstration_is_marked_and_no_other_is(sandbox, marks):
    paper = pages(replace(LONG, sandbox=sandbox))

    assert sum("沙箱演示，不具效力" in squeezed(page.extract_text()) for page in paper) == marks
    assert sum(squeezed(page.extract_text()).count("沙箱演示") == 2 for page in paper) == marks


@pytest.mark.parametrize("name", ["䶮", "𬭎", "㛃", "〇", "李·买买提", "𠅤"])
def test_rare_characters_of_names_are_drawn_where_the_fonts_have_them(name):
    absent = glyphs.missing(name)

    if absent:  # then it is refused by name, and never drawn as a box
        with pytest.raises(glyphs.MissingGlyphs, match=f"U\\+{ord(absent[0]):04X}"):
            render_notice(replace(PAPER, addressee=name))
    else:
        assert name in text(replace(PAPER, addressee=name))


def test_a_character_without_a_glyph_is_named_with_its_remedy():
    with pytest.raises(glyphs.MissingGlyphs) as refused:
        render_notice(replace(PAPER, addressee="王\U000323af", contact="😀王\U000323af"))

    assert refused.value.characters == ["\U000323af", "😀"]
    assert "U+323AF" in str(refused.value)
    assert "fonts" in str(refused.value)


@pytest.mark.parametrize(
    "field", ["firm", "title", "number", "addressee", "contact", "check_url", "record_code"]
)
def test_no_field_slips_past_the_glyph_check(field):
    with pytest.raises(glyphs.MissingGlyphs):
        render_notice(replace(PAPER, **{field: "王😀"}))


def test_typst_would_have_refused_as_well(monkeypatch):
    monkeypatch.setattr(notice_paper.glyphs, "missing", lambda text, fonts: [])

    with pytest.raises(typst.TypstError, match="could not be displayed"):
        render_notice(replace(PAPER, addressee="王😀"))


def test_the_qr_code_is_that_of_the_check_address(monkeypatch):
    drawn = []
    compile_ = typst.compile
    monkeypatch.setattr(
        notice_paper.typst,
        "compile",
        lambda *a, **k: drawn.append(k["sys_inputs"]["paper"]) or compile_(*a, **k),
    )
    render_notice(PAPER)

    assert json.loads(drawn[0])["qr"] == notice_paper.segno.make(PAPER.check_url, error="m").svg_inline(
        border=0
    )
