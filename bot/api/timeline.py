"""The timeline of a case: its records in the order in which they were sealed."""

from typing import Any

from flask import Response
from pydantic import Field

from bot.api.cases import CasePath, found_case
from bot.api.entry import caller
from bot.api.masking import mask_told
from bot.api.paging import Next, Paged, page_of, read_cursor
from bot.api.spec import Operations, answer
from bot.api.values import Moment, Told
from handlers.desk import Desk
from storage.timeline import Line, lines_of


class LineOut(Told):
    """One record, with what it tells."""

    cseq: int = Field(description="在本案件里的次序，从 1 起，不跳号", examples=[7])
    record_id: str = Field(description="记录编号")
    position: int = Field(description="在全部记录里的位置，从 0 起", examples=[4710])
    leaf_hash: str = Field(description="记录的散列值（docs/evidence-format.md §2）")
    kind: str = Field(description="发生了什么", examples=["attempt.accepted"])
    at: Moment = Field(description="我方记下的时间")
    actor: str = Field(description="谁做的", examples=["system:worker"])
    channel: str | None = Field(description="渠道/账号", examples=["wechat_oa/main"])
    state: str | None = Field(description="证明状态", examples=["accepted"])
    assurance: str = Field(description="可信程度 C0 至 C4", examples=["C1"])
    told: dict[str, Any] = Field(description="记录的内容")
    parts: list[str] = Field(description="记录封存的各部分", examples=[["facts", "response"]])


class LinePage(Told):
    """One page of a timeline."""

    items: list[LineOut] = Field(description="按 cseq 排列")
    next: Next


def add_to(api: Operations, desk: Desk) -> None:
    """Add the timeline."""

    def get_timeline(path: CasePath, query: Paged) -> Response:
        """Return a case's records, the first one first."""
        (after,) = read_cursor("timeline", query.cursor, (0,))
        with desk.archive.reading() as view:
            case = found_case(view, path.case_no)
            found = lines_of(view, case.id, after, query.limit + 1)
            page, following = page_of("timeline", found, query.limit, lambda one: [one.cseq])
            return answer(LinePage(items=[_shown(one) for one in page], next=following))

    api.get("/cases/<case_no>/timeline", get_timeline, "案件时间线", "案件", LinePage)


def _shown(line: Line) -> LineOut:
    told = line.told if caller().sees_personal else mask_told(line.told)
    rest = {name: getattr(line, name) for name in LineOut.model_fields if name not in ("told", "parts")}
    return LineOut(**rest, told=told, parts=list(line.parts))
