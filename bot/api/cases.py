"""Cases: opened when an injury is reported, listed and looked up."""

from flask import Response
from pydantic import Field

from bot.api.entry import caller
from bot.api.masking import mask_text
from bot.api.once import write_once
from bot.api.paging import Next, Paged, page_of, read_cursor
from bot.api.problems import Problem
from bot.api.spec import PREFIX, KeyHeader, Operations, answer
from bot.api.values import Given, GivenMoment, Moment, Number, Text, Told
from casework.case import Stage
from handlers.desk import Desk
from handlers.open_case import CaseData, open_case
from storage import cases, people
from storage.book import Book, Reader


class CaseIn(Given):
    """An injury as it is reported."""

    case_no: Number = Field(description="案件编号，全单位唯一", examples=["GS-2026-0017"])
    employee_no: Number = Field(description="工号；员工须已登记", examples=["G0017"])
    accident_at: GivenMoment = Field(description="事故时间，带时区，不能晚于现在")
    summary: Text | None = Field(
        default=None,
        max_length=4000,
        description="事故经过",
        examples=["上班途中骑自行车与轿车相撞，同等责任"],
    )
    stage: Stage = Field(default=Stage.REPORTED, description="目前到了哪一步", examples=["reported"])


class NoticeInCase(Told):
    """A notice of the case, in short."""

    id: str = Field(description="通知编号")
    kind: str = Field(description="通知种类", examples=["return_reminder"])
    title: str = Field(description="标题", examples=["返岗提醒"])
    composed_at: Moment = Field(description="拟定时间")


class CaseOut(Told):
    """A case as it stands."""

    id: str = Field(description="系统内编号")
    case_no: str = Field(description="案件编号", examples=["GS-2026-0017"])
    employee_no: str = Field(description="工号", examples=["G0017"])
    accident_at: Moment = Field(description="事故时间")
    stage: str = Field(description="目前到了哪一步", examples=["paid_leave"])
    stage_label: str = Field(description="目前到了哪一步（中文）", examples=["停工留薪期"])
    state: str = Field(description="open 办理中，closed 已结案", examples=["open"])
    summary: str | None = Field(description="事故经过")
    notices: list[NoticeInCase] = Field(description="这个案件里的通知，早的在前")


class CaseLine(Told):
    """A case in a list."""

    id: str = Field(description="系统内编号")
    case_no: str = Field(description="案件编号", examples=["GS-2026-0017"])
    employee_no: str = Field(description="工号", examples=["G0017"])
    accident_at: Moment = Field(description="事故时间")
    stage: str = Field(description="目前到了哪一步", examples=["paid_leave"])
    state: str = Field(description="open 办理中，closed 已结案", examples=["open"])


class CasePage(Told):
    """One page of cases."""

    items: list[CaseLine] = Field(description="按案件编号排列")
    next: Next


class CasePath(Given):
    """Which case."""

    case_no: Number = Field(description="案件编号", examples=["GS-2026-0017"])


def add_to(api: Operations, desk: Desk) -> None:
    """Add the operations on cases."""

    def post_case(header: KeyHeader, body: CaseIn) -> Response:
        """Open a case for an employee who is known already."""

        def act(book: Book) -> CaseOut:
            if cases.case_by_no(book.connection, body.case_no) is not None:
                raise Problem("exists-already", f"case {body.case_no} exists already", "case_no")
            open_case(book, CaseData(**dict(body)), caller().actor)
            # The answer is kept for repeats, whose token may see less: it never holds full numbers.
            return _shown(book, found_case(book, body.case_no), personal=False)

        made = write_once(desk.archive, caller(), body, act)
        return answer(made.body, 201, Location=f"{PREFIX}/cases/{body.case_no}", **made.headers)

    def get_case(path: CasePath) -> Response:
        """Return one case with its notices."""
        with desk.archive.reading() as view:
            case = found_case(view, path.case_no)
            return answer(_shown(view, case, personal=caller().sees_personal))

    def list_cases(query: Paged) -> Response:
        """Return cases in the order of their numbers."""
        (after,) = read_cursor("cases", query.cursor, ("",))
        with desk.archive.reading() as view:
            found = cases.cases_page(view.connection, after, query.limit + 1)
            page, following = page_of("cases", found, query.limit, lambda one: [one.case_no])
            return answer(CasePage(items=[_line(view, one) for one in page], next=following))

    api.post("/cases", post_case, "立案", "案件", CaseOut)
    api.get("/cases/<case_no>", get_case, "查看案件", "案件", CaseOut)
    api.get("/cases", list_cases, "案件列表", "案件", CasePage)


def found_case(view: Book | Reader, case_no: str) -> cases.Case:
    """Return a case. Raises Problem when there is none."""
    case = cases.case_by_no(view.connection, case_no)
    if case is None:
        raise Problem("not-found", f"there is no case {case_no}", "case_no")
    return case


def _shown(view: Book | Reader, case: cases.Case, *, personal: bool) -> CaseOut:
    summary = case.summary if personal or not case.summary else mask_text(case.summary)
    return CaseOut(
        **dict(_line(view, case)),
        stage_label=Stage(case.stage).label,
        summary=summary,
        notices=[
            NoticeInCase(id=one.id, kind=one.kind, title=one.title, composed_at=one.composed_at)
            for one in cases.notices_of(view, case.id)
        ],
    )


def _line(view: Book | Reader, case: cases.Case) -> CaseLine:
    return CaseLine(
        id=case.id,
        case_no=case.case_no,
        employee_no=people.employee_by_id(view.connection, case.employee_id).employee_no,
        accident_at=case.accident_at,
        stage=case.stage,
        state=case.state,
    )
