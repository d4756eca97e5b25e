"""What stands on a page in words: the notice, the employee's rights, and what has been recorded."""

from dataclasses import dataclass
from datetime import datetime

from casework.case import Stage, employee_filing_due
from casework.workdays import BEIJING
from evidence.records import record_code
from handlers.page import Choice, Page
from storage import cases, inbox
from storage.book import Reader
from storage.page_acts import PageAct, acts_on

HEADINGS = {
    Choice.READ: "已确认收到",
    Choice.CANNOT: "已记下：您去不了",
    Choice.OBJECT: "已记下您的意见",
    Choice.CALL_ME: "已记下：请给您回电话",
    Choice.ADD: "已记下您的补充说明",
}
RECORDED = {
    Choice.READ: "您已阅读并确认收到这份通知",
    Choice.CANNOT: "您去不了",
    Choice.OBJECT: "您不同意，或者有疑问",
    Choice.CALL_ME: "您希望人事给您回电话",
    Choice.ADD: "您补充的说明",
}


@dataclass(frozen=True)
class Answered:
    """One answer as its receipt shows it; ``seen`` only when a person has said what it means."""

    heading: str
    recorded: str
    at: str
    code: str
    text: str
    attachments: int
    seen: bool


@dataclass(frozen=True)
class Shown:
    """A notice ready to be drawn."""

    page: Page
    code: str
    date: str
    rights: tuple[str, ...]
    answers: tuple[Answered, ...]

    @property
    def read(self) -> Answered | None:
        """The confirmation of receipt, if the employee has given it."""
        heading = HEADINGS[Choice.READ]
        return next((one for one in self.answers if one.heading == heading), None)


def shown(view: Reader, page: Page) -> Shown:
    """Gather what an identified reader sees."""
    composed = page.notice.composed_at.astimezone(BEIJING)
    return Shown(
        page=page,
        code=record_code(cases.record_leaf_hash(view.connection, page.notice.composed_record)),
        date=f"{composed.year} 年 {composed.month} 月 {composed.day} 日",
        rights=_rights(page),
        answers=tuple(
            _answered(view, act) for act in acts_on(view, page.case.id, page.notice.composed_record)
        ),
    )


def to_the_second(at: datetime) -> str:
    """Write a moment as a receipt does, in Beijing time."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"


def _answered(view: Reader, act: PageAct) -> Answered:
    choice = Choice(act.choice)
    reply = inbox.reply_by_id(view.connection, act.reply_id) if act.reply_id else None
    return Answered(
        heading=HEADINGS[choice],
        recorded=RECORDED[choice],
        at=to_the_second(act.at),
        code=record_code(act.leaf_hash),
        text=act.text,
        attachments=act.attachments,
        seen=reply is not None and reply.confirmed is not None,
    )


def _rights(page: Page) -> tuple[str, ...]:
    """What the law gives the employee is told to the employee."""
    filing = page.case.stage in (Stage.REPORTED, Stage.FILING)
    last = employee_filing_due(page.case.accident_at.astimezone(BEIJING).date())
    own_filing = (
        "公司没有为您申请工伤认定的，您本人、近亲属或者工会可以直接申请，"
        f"最晚 {last.year} 年 {last.month} 月 {last.day} 日（《工伤保险条例》第十七条）。"
    )
    return (
        "点确认、不回复或者不同意，都不会减少您依法应得的待遇。",
        *([own_filing] if filing else []),
        "有不同意见，可以在本页告诉我们，也可以申请劳动仲裁。仲裁不收费，一般要在一年之内提出"
        "（《劳动争议调解仲裁法》第五十三条、第二十七条）。",
        "可以拨打 12333 向人力资源社会保障部门咨询。",
        "我们会记下本页的打开时间和您的答复；回执号在您手里，记录改动过就对不上。通知和回执可以随时再打开看。",
    )
