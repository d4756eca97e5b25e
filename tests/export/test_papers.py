"""The papers of a bundle, read back with a reader's own tools: pdftotext, Word, pypdf."""

import io
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader

from evidence import merkle, note, tlog_proof
from evidence.checkpoint import parse
from handlers.desk import Desk
from handlers.export.gather import Gathered
from handlers.export.log_files import System
from handlers.export.statement_paper import guarding, numbering
from handlers.export_evidence import export_case, make_assessment
from handlers.papers.glyphs import MissingGlyphs, UnreadableFont
from handlers.papers.index_docx import index_docx
from handlers.papers.press import NotDrawn, Press, volumes
from handlers.papers.report import Facts, Foot, Image, Par, Quote, Report, Table
from handlers.people import Unacceptable
from tests.databases import TestRun
from tests.export.firm import lines, live, members, picture, text_of, uploaded_pdf
from tests.signer.office import Office
from tests.world import CASE_NO, World, opened_world


@pytest.fixture(scope="module")
def case(test_run: TestRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Desk]]:
    room = tmp_path_factory.mktemp("case")
    with test_run.database("sqlite", room, migrated=True) as url, opened_world(url, sandbox=True) as world:
        live(world)
        office = Office(world, url, room)
        with office.running():
            yield world, office.desk


@pytest.fixture(scope="module")
def bundle(case: tuple[World, Desk], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    world, desk = case
    return members(export_case(desk, CASE_NO, world.hr, tmp_path_factory.mktemp("out") / "x.zip").path)


def exhibits(bundle: dict[str, bytes]) -> list[bytes]:
    return [bundle[name] for name in sorted(bundle) if name.startswith("data/exhibits/")]


def in_order(text: str, words: list[str]) -> bool:
    places = [text.find(word) for word in words]
    return -1 not in places and places == sorted(places)


def test_pdftotext_finds_the_chinese_timeline_in_order(bundle):
    text = text_of(bundle["data/02-timeline.pdf"], "-layout")

    assert in_order(text, ["时间线", "立案", "拟定通知", "网关受理", "收到回执", "登记任务结果", "员工回复"])
    assert in_order(
        text, [f"#{number:04d}" for number in range(1, len(lines(bundle["data/records.jsonl"])) + 1)]
    )
    assert "+852 51****67" in text and "+85251234567" not in text  # masked here, whole in its exhibit
    assert "超过 3 天没有回音" in text  # why the next step followed


def test_every_page_names_the_export_the_page_and_the_checkpoint(bundle):
    number = re.search(rb'"export":"([A-Z2-7-]{19})"', bundle["data/case.json"])[1].decode()
    for name, data in bundle.items():
        if name.endswith(".pdf") and not name.startswith(("data/files/", "data/parts/")):
            for page in text_of(data).split("\f")[:-1]:
                assert f"导出编号 {number}" in page, name
                assert re.search(r"第 \d+ 页，共 \d+ 页", page) and "检查点" in page, name


def test_the_pages_of_all_exhibits_are_counted_through(bundle):
    texts = [text_of(data) for data in exhibits(bundle)]
    pages = [[int(one) for one in re.findall(r"证据第 (\d+) 页\s", text)] for text in texts]
    behind = [re.search(r"占证据第 (\d+) 至 (\d+) 页", text) for text in texts]

    expected = 1
    for own, slip in zip(pages, behind, strict=True):
        assert own == list(range(expected, expected + len(own)))
        expected = own[-1] + 1
        if slip:
            assert int(slip[1]) == expected
            expected = int(slip[2]) + 1
    assert [slip and int(slip[2]) - int(slip[1]) + 1 for slip in behind if slip] == [2, 3]


def test_the_index_lists_every_exhibit_with_its_pages_as_paper_and_in_word(bundle):
    text = text_of(bundle["data/01-index.pdf"], "-layout")
    table = docx.Document(io.BytesIO(bundle["data/01-index.docx"])).tables[0]
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    numbered = [row for row in rows if re.fullmatch(r"E\d{3}", row[0])]

    assert rows[0] == [
        "序号",
        "证据名称",
        "证据来源（形成时间、形成人）",
        "主要内容",
        "证明目的",
        "页码",
        "份数",
    ]
    assert len(numbered) == len(exhibits(bundle))
    for row in numbered:
        assert row[0] in text
    assert "提交人（签名或盖章）" in text and "副本份数" in text


def test_uploaded_files_lie_untouched_behind_their_slip_sheets(bundle):
    kept = {name: data for name, data in bundle.items() if name.startswith("data/files/")}
    parts = {data for name, data in bundle.items() if name.startswith("data/parts/")}

    assert uploaded_pdf(3)[:8] in {data[:8] for data in kept.values()}
    assert {Path(name).suffix for name in kept} == {".pdf", ".png"}
    assert all(data in parts for data in kept.values())


def test_each_exhibit_record_has_a_proof_of_its_own_that_holds(bundle):
    proofs = {name: data for name, data in bundle.items() if name.endswith(".tlog-proof")}
    kept = bundle["data/records.jsonl"]
    leaves = {leaf["cseq"]: line for leaf, line in zip(lines(kept), kept.splitlines(), strict=True)}

    assert len(proofs) >= len(exhibits(bundle))
    for name, data in proofs.items():
        proof = tlog_proof.read(data)
        point = parse(note.parse(proof.note).text)
        leaf = leaves[int(re.search(r"-(\d+)\.tlog-proof$", name)[1])]
        merkle.verify_inclusion(merkle.leaf_hash(leaf), proof.index, point.size, proof.path, point.root)


def test_the_statement_says_how_to_repeat_it_and_has_places_for_the_names_and_the_seal(bundle):
    text = text_of(bundle["data/03-system-statement.pdf"]).replace("\n", "")
    for words in (
        "提取概况",
        "日志和签名密钥",
        "外部锚定",
        "系统运行情况",
        "如何形成、保存和保护",
        "提取与复核",
    ):
        assert words in text
    assert f"huizheng export {CASE_NO} --to 证据包.zip --at" in text
    for place in ("单位负责人（签名）", "制作人（签名）", "单位（盖章）"):
        assert place in text


def test_each_notice_has_a_certificate(bundle):
    certificate = text_of(bundle["data/04-service-N1.pdf"]).replace("\n", "")

    for words in ("送达凭证", "受送达人", "张伟", "回证码", "网关受理", "本人确认阅读", "快递柜／驿站／代收"):
        assert words in certificate


def test_the_assessment_is_a_paper_of_its_own_marked_on_every_page(case, bundle):
    _, desk = case
    judged = [page.extract_text() for page in PdfReader(io.BytesIO(make_assessment(desk, CASE_NO))).pages]

    assert in_order(
        "".join(judged).partition("评估日期")[2], ["已证明", "有争议", "缺失", "最应该补的一件事"]
    )
    assert all("仅供己方内部使用，请勿提交" in page for page in judged)
    assert not [name for name in bundle if "assessment" in name]


def test_the_statement_says_only_what_is_recorded_and_leaves_the_extractor_to_sign(bundle):
    text = text_of(bundle["data/03-system-statement.pdf"]).replace("\n", "")

    assert "由提取人在文末签名" in text and "李娜" not in text  # or the same bytes could not be made again
    assert "部署密钥不在数据库里" in text and "独立的签名进程" in text
    assert "没有交给外部" in text and "法务邮箱" not in text


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Gathered(3, last=3, expected=3), "编号 1 至 3，没有缺号"),
        (Gathered(3, last=3, expected=4, gaps=[(4, 4)]), "编号应为 1 至 4，缺少编号 4；"),
        (Gathered(3, last=3, expected=7, gaps=[(2, 4), (7, 7)]), "缺少编号 2–4、7；"),
        (Gathered(3, last=3, expected=2), "编号与应有的不符"),
    ],
    ids=["whole", "the last one", "several", "more than were given out"],
)
def test_missing_numbers_are_told_against_those_that_were_given_out(found, words):
    assert words in numbering(found)


def test_a_log_that_nobody_signs_or_sees_is_not_said_to_be_guarded():
    assert "没有签名" in guarding(System()) and "没有交给外部" in guarding(System())
    assert "交给了外部的邮箱" in guarding(System(vkeys=["k"], mailed=True))


def test_the_papers_are_archive_pdfs_with_their_fonts_inside(bundle):
    for name in ("data/01-index.pdf", "data/02-timeline.pdf", "data/exhibits/E001.pdf"):
        assert b"<pdfaid:part>3</pdfaid:part>" in bundle[name]
        assert b"<pdfaid:conformance>B</pdfaid:conformance>" in bundle[name]


def test_a_reply_with_an_emoji_is_spelt_out_and_hinders_nothing(bundle):
    reply = next(text for text in map(text_of, exhibits(bundle)) if "片子我拍给你们" in text)
    assert "〔U+1F44C OK HAND SIGN〕" in reply.replace("\n", "")
    assert any("👌" in data.decode("utf-8", "replace") for name, data in bundle.items() if "parts/" in name)


def test_a_demonstration_says_so_on_every_page(bundle):
    assert text_of(bundle["data/01-index.pdf"]).count("不具效力") >= 1


def report(*blocks, title: str = "题目", **more) -> Report:
    foot = Foot("AAAA-BBBB-CCCC-DDDD", 7, "00ff")
    return Report(title, "副题", "单位", date(2026, 11, 23), foot, blocks, **more)


@pytest.fixture
def press(tmp_path: Path) -> Iterator[Press]:
    with Press(tmp_path) as press:
        yield press


def test_the_same_report_gives_the_same_bytes(press, tmp_path):
    blocks = (
        Par("文字"),
        Facts([("甲", "乙")]),
        Quote("原话"),
        Table((1, 2), ("一", "二"), [("三", "四"), "组"]),
    )
    first = press.draw(report(*blocks), "a.pdf").path.read_bytes()
    with Press(tmp_path) as another:
        assert another.draw(report(*blocks), "b.pdf").path.read_bytes() == first


def test_words_of_people_are_never_markup(press):
    odd = '#panic("x") $x$ *b* \\ <a> @b [c] // d'
    text = text_of(
        press.draw(report(Par(odd), Quote(odd), Table((1,), ("头",), [(odd,)])), "a.pdf").path.read_bytes()
    )
    assert text.replace("\n", " ").count('#panic("x") $x$ *b*') == 3


def test_a_character_that_no_font_can_draw_is_named(press):
    with pytest.raises(MissingGlyphs, match=r"U\+2E80F.*字体文件"):
        press.draw(report(title="张\U0002e80f"), "a.pdf")
    assert press.draw(report(), "b.pdf").pages == 1  # it goes on


def test_a_font_that_is_none_is_named(tmp_path):
    (tmp_path / "x.ttf").write_bytes(b"no font")
    with Press(tmp_path, [tmp_path / "x.ttf"]) as press, pytest.raises(UnreadableFont, match=r"x\.ttf"):
        press.draw(report(), "a.pdf")


def test_a_template_fault_names_the_paper(press):
    with pytest.raises(NotDrawn, match=r"题目.*无法生成"):
        press.draw(report(Image("absent.png", "照片")), "a.pdf")
    assert press.draw(report(), "b.pdf").pages == 1


def test_a_process_that_was_killed_is_a_fault_and_the_next_paper_has_a_new_one(press):
    press.draw(report(), "a.pdf")
    press._process.kill()
    press._process.wait()
    with pytest.raises(NotDrawn, match="进程中断"):
        press.draw(report(), "b.pdf")
    assert press.draw(report(), "c.pdf").pages == 1


@pytest.mark.parametrize(
    ("data", "drawn", "pages"),
    [
        (picture(), True, None),
        (picture()[:-30], False, None),
        (b"", False, None),
        (b"<svg", False, None),
        (uploaded_pdf(4), False, 4),
        (uploaded_pdf(4)[:200], False, None),
        (b"%PDF-1.7\n%%EOF", False, None),
    ],
    ids=["a picture", "cut", "empty", "another sort", "a PDF", "a cut PDF", "an empty PDF"],
)
def test_an_upload_of_any_kind_is_drawn_counted_or_left_alone(press, tmp_path, data, drawn, pages):
    (tmp_path / "upload.png").write_bytes(data)
    assert press.can_draw(tmp_path / "upload.png") is drawn
    assert press.pages_of(tmp_path / "upload.png") == pages


def test_a_long_table_is_cut_into_volumes_of_a_thousand_rows():
    assert [len(one) for one in volumes(list(range(2001)))] == [1000, 1000, 1]
    assert volumes([]) == [[]]


def test_the_word_file_is_the_same_whenever_it_is_made():
    rows = ["组", ["<1>", "2\n3"]]
    made = [
        index_docx("证据目录", [("案件", "1")], ["甲", "乙"], rows, ["签名"], "脚", date(2026, 11, 23))
        for _ in range(2)
    ]
    table = docx.Document(io.BytesIO(made[0])).tables[0]

    assert made[0] == made[1]
    assert [cell.text for cell in table.rows[2].cells] == ["<1>", "2\n3"]


def test_a_font_that_cannot_be_read_stops_the_export_and_nothing_is_left_behind(case, tmp_path):
    world, desk = case
    font = tmp_path / "rare.otf"
    font.write_bytes(b"nothing")

    with pytest.raises(Unacceptable, match=r"rare\.otf") as refused:
        export_case(desk, CASE_NO, world.hr, tmp_path / "x.zip", fonts=[font])

    assert refused.value.field == "fonts"
    assert list(tmp_path.iterdir()) == [font]
