"""What a notice looks like in answers: its text, its ladder, and what is proved of each delivery."""

from pydantic import Field

from bot.api.masking import mask_address, mask_text
from bot.api.values import Given, Line, Moment, Told
from evidence.records import record_code
from storage import cases, deliveries, ladders, people
from storage.book import Reader


class Attempt(Told):
    """One try through one gateway."""

    number: int = Field(description="第几次", examples=[1])
    state: str = Field(
        description="sending、accepted、rejected_temp、rejected_perm、unknown、absent、human",
        examples=["accepted"],
    )
    started_at: Moment = Field(description="开始时间")
    provider_id: str | None = Field(description="网关给的编号")


class Report(Told):
    """One receipt, as it came in."""

    state: str = Field(description="证明状态", examples=["delivered"])
    said: str = Field(description="对方的原词", examples=["DELIVRD"])
    event_at: Moment | None = Field(description="对方所说的发生时间")
    received_at: Moment = Field(description="我方收到时间")


class Standing(Told):
    """How far a delivery has come: the best and the worst that was reported, side by side."""

    best: str | None = Field(
        description="最远的正面状态：submitted < accepted < sent < delivered < displayed < read < replied",
        examples=["delivered"],
    )
    worst: str | None = Field(
        description="最严重的反面状态：unknown、rejected_temp、locker、rejected_perm、returned、refused"
    )
    conflict: bool = Field(description="一方报告已到、另一方报告未到", examples=[False])


class Delivery(Told):
    """One sending of the notice to one address."""

    id: str = Field(description="投递编号")
    channel: str = Field(description="渠道名", examples=["wechat_oa"])
    account: str = Field(description="渠道账号", examples=["main"])
    address: str = Field(description="地址")
    standing: Standing = Field(description="送达到了哪一步")
    attempts: list[Attempt] = Field(description="每一次尝试")
    reports: list[Report] = Field(description="收到的每一份回执")


class Step(Told):
    """One rung of the ladder."""

    ordinal: int = Field(description="次序", examples=[1])
    action: str = Field(description="做什么", examples=["send"])
    channel: str | None = Field(description="哪个渠道", examples=["wechat_oa"])
    due_at: Moment = Field(description="何时")
    state: str = Field(description="planned、dispatched、waiting、done、skipped、lapsed", examples=["done"])
    why: str = Field(description="依据", examples=["当天用首选渠道发出"])


class Ladder(Told):
    """How the notice is followed up while nobody answers."""

    state: str = Field(
        description="running 进行中，paused 员工已回复、等人事处理，ended 已结束", examples=["running"]
    )
    steps: list[Step] = Field(description="已做、在做和要做的每一步")


class NoticeOut(Told):
    """A notice with everything that is known of its delivery."""

    id: str = Field(description="通知编号")
    case_no: str = Field(description="案件编号", examples=["GS-2026-0017"])
    kind: str = Field(description="通知种类", examples=["return_reminder"])
    title: str = Field(description="标题", examples=["返岗提醒"])
    composed_at: Moment = Field(description="拟定时间")
    record_code: str = Field(description="回证码", examples=["ABCD-EFGH-IJKL-MNOP"])
    paragraphs: list[str] = Field(description="正文")
    ladder: Ladder | None = Field(description="后续安排")
    deliveries: list[Delivery] = Field(description="每一次投递，早的在前")


class NoticePath(Given):
    """Which notice."""

    id: Line = Field(min_length=1, max_length=36, description="通知编号")


def show_notice(view: Reader, notice: cases.NoticeText, *, personal: bool) -> NoticeOut:
    """Return a notice as an answer shows it."""
    sent = deliveries.deliveries_of_notice(view.connection, notice.id)
    return NoticeOut(
        id=notice.id,
        case_no=cases.case_by_id(view.connection, notice.case_id).case_no,
        kind=notice.kind,
        title=notice.title,
        composed_at=notice.composed_at,
        record_code=record_code(cases.record_leaf_hash(view.connection, notice.composed_record)),
        paragraphs=[one if personal else mask_text(one) for one in notice.paragraphs],
        ladder=_ladder(view, notice.id),
        deliveries=[_delivery(view, one, personal) for one in sent],
    )


def _ladder(view: Reader, notice_id: str) -> Ladder | None:
    plan = ladders.plan_of_notice(view.connection, notice_id)
    if plan is None:
        return None
    steps = ladders.steps_of(view.connection, plan.id)
    return Ladder(state=plan.state, steps=[Step.model_validate(one, from_attributes=True) for one in steps])


def _delivery(view: Reader, one: deliveries.Delivery, personal: bool) -> Delivery:
    point = people.contact_point_by_id(view.connection, one.contact_point_id)
    standing = deliveries.standing_of(view.connection, one.id)
    return Delivery(
        id=one.id,
        channel=point.channel,
        account=point.account,
        address=point.address if personal else mask_address(point.address),
        standing=Standing(best=standing.best, worst=standing.worst, conflict=standing.conflict),
        attempts=[
            Attempt.model_validate(each, from_attributes=True)
            for each in deliveries.attempts_of(view.connection, one.id)
        ],
        reports=[
            Report(state=each.outcome, said=each.said, event_at=each.event_at, received_at=each.received_at)
            for each in deliveries.reports_of(view.connection, one.id)
        ],
    )
