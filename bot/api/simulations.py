"""Simulations: how a ladder would go for a person, or for nobody in particular; nothing is sent or kept."""

from flask import Response
from pydantic import Field

from bot.api.problems import Problem
from bot.api.spec import KeyHeader, Operations, answer
from bot.api.values import Given, GivenMoment, Line, Moment, Number, Told
from bot.registry import CHANNELS
from casework.assumptions import AssumptionRefused, Assumptions, read_fates
from handlers.desk import Desk
from handlers.policies import chosen_policy
from handlers.simulate import assumed_of, foresee, report


class SimulationIn(Given):
    """Which ladder, from when, for whom, and what to assume instead of silence."""

    policy: Line = Field(min_length=1, max_length=40, description="阶梯的名字", examples=["return_reminder"])
    start: GivenMoment = Field(description="拟定通知的时间", examples=["2026-02-12T09:00:00+08:00"])
    employee_no: Number | None = Field(
        default=None, description="工号：用他真实的渠道和紧急联系人；不填就用全部渠道", examples=["E-0107"]
    )
    assume: list[Line] = Field(
        default_factory=list, max_length=40, description="步骤=结果；没写到的步骤一律当作没有回音",
        examples=[["first=rejected_perm", "paper=signed+5d"]],
    )  # fmt: skip


class VersionOut(Told):
    """Which version of a ladder."""

    name: str = Field(description="名字", examples=["return_reminder"])
    title: str = Field(description="标题", examples=["返岗提醒"])
    version: str = Field(description="内容的 SHA-256")


class CalendarOut(Told):
    """Which version of the working calendar."""

    version: str = Field(description="版本", examples=["2026.1"])
    official_through: str = Field(description="放假安排已公布到哪一天", examples=["2026-12-31"])


class ServedOut(Told):
    """The clock, or the house's own rule, that a step serves."""

    title: str = Field(description="期限", examples=["用人单位申请工伤认定"])
    law: str = Field(description="依据；公司内部要求为空", examples=["《工伤保险条例》第十七条第一款"])
    due: Moment | None = Field(description="到期时间；不知道事故时间就没有")
    due_local: str | None = Field(description="同一时间，北京时间")
    hours_left: int | None = Field(description="那时还剩多少小时，过期为负")


class RungOut(Told):
    """One rung of the ladder."""

    rung: int = Field(description="第几步", examples=[1])
    name: str = Field(description="名字", examples=["first"])
    title: str = Field(description="标题", examples=["首选渠道发送"])


class StepOut(RungOut):
    """One step as it would be taken."""

    action: str = Field(description="做什么", examples=["send"])
    channel: str | None = Field(description="渠道", examples=["wechat_oa"])
    at: Moment = Field(description="什么时候开始")
    at_local: str = Field(description="同一时间，北京时间", examples=["2026-02-12（周四）09:00"])
    ends_at: Moment = Field(description="假定什么时候办完")
    ends_at_local: str = Field(description="同一时间，北京时间")
    assumed: str = Field(description="假定的结果", examples=["accepted"])
    heard_at: Moment | None = Field(description="什么时候得知结果；办完就知道的为空")
    heard_at_local: str | None = Field(description="同一时间，北京时间")
    withdrawn: bool = Field(description="没等结果，任务撤回了")
    why: str = Field(description="为什么是这时：规则、情形、顺延")
    days: list[str] = Field(description="期间的调休上班和放假，各有出处")
    provisional: bool = Field(description="暂定：放假安排公布后会变")
    serves: ServedOut | None = Field(description="服务于哪个期限")
    cost_yuan: str = Field(description="估计费用，元", examples=["20.00"])


class UnreachedOut(RungOut):
    """One rung that is not taken."""

    why: str = Field(description="为什么走不到", examples=["没有可用的渠道"])


class SimulationOut(Told):
    """The whole ladder as it would go."""

    policy: VersionOut = Field(description="用哪一版阶梯")
    calendar: CalendarOut = Field(description="用哪一版日历")
    start: Moment = Field(description="开始")
    start_local: str = Field(description="同一时间，北京时间")
    channels: list[str] = Field(description="可用的渠道，先用的在前", examples=[["wechat_oa", "sms_twilio"]])
    emergency_contact: bool = Field(description="有没有紧急联系人")
    steps: list[StepOut] = Field(description="按先后")
    unreached: list[UnreachedOut] = Field(description="走不到的步骤")
    ends_at: Moment = Field(description="阶梯什么时候结束")
    ends_at_local: str = Field(description="同一时间，北京时间")
    ended: str = Field(description="为什么结束", examples=["阶梯已走完，由人事决定下一步"])
    provisional: bool = Field(description="有没有暂定的时间")
    cost_yuan: str = Field(description="估计总费用，元", examples=["20.00"])


def add_to(api: Operations, desk: Desk) -> None:
    """Add the operation."""

    def post_simulation(header: KeyHeader, body: SimulationIn) -> Response:
        """Foresee a ladder. It keeps nothing, so a repeat is simply foreseen again."""
        channels = tuple(one for one in CHANNELS if one in desk.rules.channel_names)
        if body.policy not in desk.rules.policies:
            names = ", ".join(sorted(desk.rules.policies))
            raise Problem("field-invalid", f"policy must be one of: {names}", "policy")
        try:
            assumed = Assumptions(channels, fates=read_fates(body.assume))
            with desk.archive.reading() as view:
                if body.employee_no is not None:
                    assumed = assumed_of(view, body.employee_no, desk.rules, assumed)
                policy = chosen_policy(view, body.policy, desk.rules)
                made = foresee(view, policy, body.start, desk.rules, assumed)
        except AssumptionRefused as refused:
            raise Problem("field-invalid", str(refused), "assume") from None
        return answer(SimulationOut.model_validate(report(made, assumed)), 201)

    api.post("/simulations", post_simulation, "推演一个阶梯", "推演", SimulationOut, scope="read")
