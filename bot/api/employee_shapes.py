"""What an employee looks like in requests and answers."""

from typing import Annotated

from pydantic import AfterValidator, Field

from bot.api.paging import Next
from bot.api.values import Given, Line, Moment, Number, Told


def _not_masked(value: str) -> str:
    """Refuse what a reader without ``personal`` got from us: saving it would destroy the number."""
    if "*" in value:
        raise ValueError("this is a masked value: send the full one, or leave the field out")
    return value


Personal = Annotated[Line, AfterValidator(_not_masked)]


class AddressIn(Given):
    """A way to reach the employee."""

    channel: Line = Field(min_length=1, max_length=40, description="渠道名", examples=["sms_twilio"])
    account: Line | None = Field(
        default=None, max_length=60, description="渠道账号；该渠道只配置了一个账号时可以不填", examples=["hk"]
    )
    address: Personal = Field(
        min_length=1,
        max_length=200,
        description="地址；短信号码写成 +86 开头的国际格式",
        examples=["+85255500123"],
    )


class EmergencyContact(Given):
    """Whom to ring when the employee stays silent."""

    name: Line = Field(min_length=1, max_length=100, description="姓名", examples=["李芳"])
    relation: Line = Field(max_length=40, description="与员工的关系", examples=["配偶"])
    phone: Personal = Field(min_length=3, max_length=40, description="电话", examples=["13900000001"])


class EmployeeIn(Given):
    """Everything that is known of an employee: what is left out is emptied, save the addresses."""

    name: Line = Field(min_length=1, max_length=100, description="姓名", examples=["张伟"])
    firm: Line = Field(min_length=1, max_length=200, description="单位名称", examples=["示例机械有限公司"])
    site: Line = Field(default="", max_length=200, description="厂区；不填则与单位同名", examples=["一厂"])
    id_number: Personal | None = Field(
        default=None, min_length=4, max_length=30, description="证件号码；后四位用来打开通知页面",
        examples=["330100199001010012"],
    )  # fmt: skip
    job: Line | None = Field(default=None, max_length=100, description="岗位", examples=["装配工"])
    preference: tuple[Annotated[Line, Field(min_length=1, max_length=40)], ...] = Field(
        default=(),
        max_length=10,
        description="偏好的渠道，最喜欢的在前",
        examples=[["wechat_oa", "sms_twilio"]],
    )
    emergency_contact: EmergencyContact | None = Field(
        default=None, description="紧急联系人；不会向其透露工伤"
    )
    addresses: tuple[AddressIn, ...] = Field(
        default=(), max_length=20, description="要登记的地址；已有的保留，员工退订的不会被重新启用"
    )


class AddressOut(Told):
    """A way to reach the employee, as it is kept."""

    channel: str = Field(description="渠道名", examples=["sms_twilio"])
    account: str = Field(description="渠道账号", examples=["hk"])
    address: str = Field(description="地址", examples=["+852 55****23"])
    state: str = Field(description="active 可用，suppressed 员工或网关要求停用", examples=["active"])
    since: Moment = Field(description="从何时起")


class EmergencyContactOut(Told):
    """Whom to ring, as it is kept."""

    name: str = Field(description="姓名", examples=["李芳"])
    relation: str = Field(description="与员工的关系", examples=["配偶"])
    phone: str = Field(description="电话", examples=["139****0001"])


class EmployeeOut(Told):
    """An employee as we know them."""

    id: str = Field(description="系统内编号", examples=["019aa1ef-0000-7000-8000-000000000001"])
    employee_no: str = Field(description="工号", examples=["G0017"])
    name: str = Field(description="姓名", examples=["张伟"])
    firm: str = Field(description="单位名称", examples=["示例机械有限公司"])
    id_number: str | None = Field(description="证件号码", examples=["33****************"])
    job: str | None = Field(description="岗位", examples=["装配工"])
    preference: list[str] = Field(description="偏好的渠道", examples=[["wechat_oa", "sms_twilio"]])
    emergency_contact: EmergencyContactOut | None = Field(description="紧急联系人")
    addresses: list[AddressOut] = Field(description="全部地址")


class EmployeePage(Told):
    """One page of employees."""

    items: list[EmployeeOut] = Field(description="按工号排列")
    next: Next


class EmployeePath(Given):
    """Which employee."""

    employee_no: Number = Field(description="工号", examples=["G0017"])
