"""证据目录: every exhibit with its source, content, purpose and pages (证据规定 19)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from handlers.export.dossier import Dossier
from handlers.export.exhibits import COURSE, IDENTITY, PAPER, PURPOSES, REPLY, SENDING, TEXT, Exhibit
from handlers.export.told import exact
from handlers.papers.report import Facts, Par, Report, Sign, Table
from handlers.story_text import MEANINGS, STATES, detail_text

HEAD = ("序号", "证据名称", "证据来源（形成时间、形成人）", "主要内容", "证明目的", "页码", "份数")
WIDTHS = (0.7, 1.8, 2.2, 2.8, 2.8, 0.8, 0.6)
PLACES = ("提交人（签名或盖章）", "提交日期", "副本份数")
_NOTE = (
    "证据目录由系统按记录种类拟出，证明目的可在 01-index.docx 里修改。页码是全部证据连续编排的页码。"
    "每份证据的原始记录、公开材料和核验方法都在本证据包里，见 README.txt。"
)


@dataclass(frozen=True)
class Line:
    """One exhibit in the index."""

    exhibit: Exhibit
    pages: tuple[int, int]
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Index:
    """The index as values: who against whom, and lines under the heading of each group."""

    title: str
    parties: tuple[tuple[str, str], ...]
    groups: tuple[tuple[str, tuple[Line, ...]], ...]


def index_of(dossier: Dossier, exhibits: Sequence[tuple[Exhibit, tuple[int, int]]]) -> Index:
    """Return the index of exhibits with their first and last page."""
    lines = [Line(one, pages, _cells(dossier, one, pages)) for one, pages in exhibits]
    titles = {one.number: one.title for one in dossier.notices.values()}
    groups = tuple(
        (_group(number, titles), tuple(some))
        for number, some in groupby(lines, key=lambda line: line.exhibit.notice)
    )
    return Index("证据目录", _parties(dossier), groups)


def index_report(dossier: Dossier, index: Index) -> Report:
    """Return the index as a paper."""
    rows: list[Sequence[str] | str] = []
    for heading, lines in index.groups:
        rows += [heading, *(line.cells for line in lines)]
    return Report(
        title=index.title,
        subtitle=f"案件 {dossier.case_no}",
        author=dossier.firm,
        dated=dossier.today,
        foot=dossier.foot(),
        blocks=(Facts(index.parties), Table(WIDTHS, HEAD, rows), Par(_NOTE, small=True), Sign(PLACES)),
        wide=True,
        sandbox=dossier.sandbox,
    )


def _parties(dossier: Dossier) -> tuple[tuple[str, str], ...]:
    return (
        ("案件", dossier.case_no),
        ("用人单位", dossier.firm),
        ("劳动者", f"{dossier.name}（工号 {dossier.case.get('employee_no', '')}）"),
        ("提交人", "　"),
    )


def _group(number: int, titles: Mapping[int, str]) -> str:
    if number == 0:
        return "一、当事人与联系地址；不属于某份通知的材料"
    return f"通知 N{number}：{titles.get(number, '')}——通知的内容、发出、到达、答复和催告"


def _cells(dossier: Dossier, one: Exhibit, pages: tuple[int, int]) -> tuple[str, ...]:
    first, last = pages
    return (
        one.label,
        one.title,
        f"{exact(one.first.at)}\n{_maker(dossier, one)}",
        dossier.spell("；".join(_content(dossier, one))),
        PURPOSES[one.sort],
        f"{first}" if first == last else f"{first}–{last}",
        "1",
    )


def _maker(dossier: Dossier, one: Exhibit) -> str:
    if one.sort == SENDING:
        return "本系统与网关往来时自动形成"
    if one.sort in (TEXT, PAPER):
        return f"本系统生成，{dossier.who(one.first)}拟发" if one.sort == TEXT else "本系统生成"
    return dossier.who(one.first)


def _content(dossier: Dossier, one: Exhibit) -> Iterator[str]:
    told = one.first.told
    if one.sort == IDENTITY:
        yield f"{dossier.name}的身份和 {len(dossier.case.get('addresses') or ())} 个联系地址"
    elif one.sort in (TEXT, PAPER):
        yield f"《{told.get('title') or one.title}》"
    elif one.sort == SENDING:
        states = dict.fromkeys(STATES.get(event.state, "") for event in one.events if event.state)
        yield dossier.whom(one.first).replace("\n", " ")
        yield " → ".join(states)
    elif one.sort == COURSE:
        yield f"共 {len(one.events)} 条记录，至 {exact(one.events[-1].at)}"
    elif one.sort == REPLY:
        yield f"初步判断为“{MEANINGS.get(str(told.get('proposed')), '待确认')}”"
        yield from (detail_text(event.told) for event in one.events[1:])
    else:
        yield detail_text(told) or "材料原样"
