"""Exports: a case's evidence bundle is taken out, listed, and handed to somebody."""

from typing import Literal

from flask import Response
from pydantic import Field

from bot.api.cases import CasePath, found_case
from bot.api.entry import caller
from bot.api.once import answered_before, remember, write_once
from bot.api.spec import KeyHeader, Operations, answer
from bot.api.values import Given, Line, Moment, Told
from handlers.custody import hand_over
from handlers.desk import Desk
from handlers.export_evidence import make_handout
from storage.book import Book, Reader
from storage.custody import EXPORTED, Custody, custody_of

_NUMBER = r"^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$"


class ExportIn(Given):
    """Which copy is wanted."""

    view: Literal["full", "minimised"] = Field(
        default="full", description="full 完整副本（供仲裁、审判机构），minimised 对方副本（不含第三人）"
    )
    at: int | None = Field(
        default=None, ge=0, lt=2**40, description="按日志的这一条数重新提取；不填就是现在", examples=[4711]
    )


class HandoverIn(Given):
    """To whom a copy was given, and how."""

    to: Line = Field(min_length=1, max_length=300, description="交给了谁", examples=["杭州市劳动仲裁委"])
    how: Line = Field(min_length=1, max_length=300, description="怎样移交", examples=["当面交付 U 盘"])


class HandoverOut(Told):
    """A hand-over as it was recorded."""

    record_id: str = Field(description="记录编号")
    export: str = Field(description="导出编号", examples=["4YPK-TMKG-VVAT-TCC4"])
    to: str = Field(description="交给了谁")
    how: str = Field(description="怎样移交")


class ExportOut(Told):
    """A copy that was taken out."""

    record_id: str = Field(description="记录编号")
    export: str = Field(description="导出编号", examples=["4YPK-TMKG-VVAT-TCC4"])
    view: str = Field(description="副本种类", examples=["full"])
    sha256: str = Field(description="文件的 SHA-256")
    records: int = Field(description="本案记录条数", examples=[37])
    at: Moment | None = Field(description="导出时间")
    handed_over: list[HandoverOut] = Field(description="移交记录，早的在前")


class ExportList(Told):
    """All copies of a case."""

    items: list[ExportOut] = Field(description="早的在前")


class ExportPath(CasePath):
    """Which copy of which case."""

    export: Line = Field(pattern=_NUMBER, description="导出编号", examples=["4YPK-TMKG-VVAT-TCC4"])


def add_to(api: Operations, desk: Desk) -> None:
    """Add the operations on exports."""

    def post_export(path: CasePath, header: KeyHeader, body: ExportIn) -> Response:
        """Return the bundle. A repeat makes the same bytes again, and is recorded again."""
        with desk.archive.reading() as view:
            found_case(view, path.case_no)
        earlier = answered_before(desk.archive, caller(), body)
        at = int(earlier["size"]) if earlier else body.at
        made = make_handout(desk, path.case_no, caller().actor, at=at, view=body.view)
        remember(desk.archive, caller(), body, {"size": made.exported.size})
        given = Response(made.pieces(), status=201, mimetype="application/zip")
        given.content_length = made.length
        given.headers["X-Huizheng-Export"] = made.exported.number
        given.headers["X-Huizheng-SHA256"] = made.exported.sha256
        given.headers["X-Huizheng-Checkpoint"] = str(made.exported.size)
        return given

    def list_exports(path: CasePath) -> Response:
        """Return every copy that was taken out, and to whom each was handed."""
        with desk.archive.reading() as view:
            return answer(ExportList(items=_copies(view, found_case(view, path.case_no).id)))

    def post_handover(path: ExportPath, header: KeyHeader, body: HandoverIn) -> Response:
        """Record to whom a copy was handed."""

        def act(book: Book) -> HandoverOut:
            found_case(book, path.case_no)
            record_id = hand_over(book, path.case_no, path.export, body.to, body.how, caller().actor)
            return HandoverOut(record_id=record_id, export=path.export, to=body.to, how=body.how)

        made = write_once(desk.archive, caller(), body, act)
        return answer(made.body, 201, **made.headers)

    api.post_file("/cases/<case_no>/exports", post_export, "导出证据包", "导出", scope="export")
    api.get("/cases/<case_no>/exports", list_exports, "已导出的副本", "导出", ExportList, scope="export")
    api.post(
        "/cases/<case_no>/exports/<export>/handovers", post_handover, "登记移交", "导出", HandoverOut,
        scope="export",
    )  # fmt: skip


def _copies(view: Reader, case_id: str) -> list[ExportOut]:
    records = custody_of(view, case_id)
    handed = [one for one in records if one.kind != EXPORTED]
    return [_copy(one, handed) for one in records if one.kind == EXPORTED]


def _copy(one: Custody, handed: list[Custody]) -> ExportOut:
    number = str(one.told.get("export", ""))
    return ExportOut(
        record_id=one.record,
        export=number,
        view=str(one.told.get("view", "")),
        sha256=str(one.told.get("sha256", "")),
        records=int(one.told.get("records", 0)),
        at=one.at,
        handed_over=[
            HandoverOut(
                record_id=each.record, export=number, to=str(each.told["to"]), how=str(each.told["how"])
            )
            for each in handed
            if each.told.get("export") == number
        ],
    )
