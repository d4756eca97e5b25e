"""Notices: composed in a case, and looked up with every delivery and how far each is proved."""

from typing import Annotated

from flask import Response
from pydantic import AfterValidator, Field, WithJsonSchema

from bot.api.cases import CasePath, found_case
from bot.api.entry import caller
from bot.api.notice_shapes import NoticeOut, NoticePath, show_notice
from bot.api.once import write_once
from bot.api.problems import Problem
from bot.api.spec import PREFIX, KeyHeader, Operations, answer
from bot.api.values import Given, Line, Moment, Text, Told
from casework.notices import kinds
from handlers.desk import Desk
from handlers.notify import notify
from storage import cases
from storage.book import Book


def _known(kind: str) -> str:
    if kind not in kinds():
        raise ValueError(f"kind must be one of: {', '.join(kinds())}")
    return kind


Kind = Annotated[Line, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(kinds())})]


class NoticeIn(Given):
    """What the employee must be told."""

    kind: Kind = Field(description="通知种类")
    fields: dict[Line, Annotated[Text, Field(max_length=4000)]] = Field(
        max_length=40,
        description="该种通知要填的内容；缺少哪一项、哪些词不能写，错误说明会讲清楚",
        examples=[{"content": "您的 11 月工资今天已经发放，请您查收。", "contact": "人事部李娜"}],
    )


class NoticeMade(Told):
    """A notice that has been composed and sealed; its first message leaves when its ladder says so."""

    id: str = Field(description="通知编号")
    case_no: str = Field(description="案件编号", examples=["GS-2026-0017"])
    kind: str = Field(description="通知种类", examples=["return_reminder"])
    title: str = Field(description="标题", examples=["返岗提醒"])
    composed_at: Moment = Field(description="拟定时间")


def add_to(api: Operations, desk: Desk) -> None:
    """Add the operations on notices."""

    def post_notice(path: CasePath, header: KeyHeader, body: NoticeIn) -> Response:
        """Compose a notice and start its ladder."""

        def act(book: Book) -> NoticeMade:
            case = found_case(book, path.case_no)
            notice_id = notify(book, case.id, body.kind, body.fields, desk.rules, caller().actor)
            return _made(book, case, notice_id)

        made = write_once(desk.archive, caller(), body, act)
        return answer(made.body, 201, Location=f"{PREFIX}/notices/{made.body['id']}", **made.headers)

    def get_notice(path: NoticePath) -> Response:
        """Return a notice, its ladder and its deliveries; proof states are never merged."""
        with desk.archive.reading() as view:
            notice = cases.notice_by_id(view, path.id)
            if notice is None:
                raise Problem("not-found", "there is no notice of this id", "id")
            return answer(show_notice(view, notice, personal=caller().sees_personal))

    api.post("/cases/<case_no>/notices", post_notice, "发通知", "通知", NoticeMade)
    api.get("/notices/<id>", get_notice, "查看通知和送达情况", "通知", NoticeOut)


def _made(book: Book, case: cases.Case, notice_id: str) -> NoticeMade:
    notice = cases.notice_by_id(book, notice_id)
    assert notice is not None  # it was composed in this very transaction
    return NoticeMade(
        id=notice.id,
        case_no=case.case_no,
        kind=notice.kind,
        title=notice.title,
        composed_at=notice.composed_at,
    )
