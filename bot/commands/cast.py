"""The people of the demonstration; every name, number and address is invented."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

FIRM = "恒力五金有限公司"
CONTACT = "人事部李娜，电话 0571-5550-0100"


@dataclass(frozen=True)
class Person:
    """An employee with a case; ``told`` is what HR tells them first."""

    name: str
    employee_no: str
    case_no: str
    id_number: str
    phone: str
    openid: str
    job: str
    relative: tuple[str, str, str]  # name, relation, phone
    days_ago: int
    stage: str
    summary: str
    told: Callable[[datetime], tuple[str, dict[str, str]]]  # kind of notice and what it says
    site: str = "一厂"

    def employee(self) -> dict[str, Any]:
        """Return the body of PUT /employees/{employee_no}."""
        name, relation, phone = self.relative
        return {
            "name": self.name,
            "firm": FIRM,
            "site": self.site,
            "id_number": self.id_number,
            "job": self.job,
            "preference": ["wechat_oa", "sms_twilio"],
            "emergency_contact": {"name": name, "relation": relation, "phone": phone},
            "addresses": [{"channel": "sms_twilio", "account": "hk", "address": self.phone}],
        }

    def case(self, now: datetime) -> dict[str, Any]:
        """Return the body of POST /cases."""
        accident = now - timedelta(days=self.days_ago)
        return {
            "case_no": self.case_no,
            "employee_no": self.employee_no,
            "accident_at": accident.isoformat(),
            "stage": self.stage,
            "summary": self.summary,
        }


WEEKDAYS = "一二三四五六日"
BEIJING = ZoneInfo("Asia/Shanghai")


def day(now: datetime, ahead: int) -> str:
    """Return a day before or after now as people write it, in Beijing."""
    then = (now + timedelta(days=ahead)).astimezone(BEIJING)
    return f"{then.year} 年 {then.month} 月 {then.day} 日（周{WEEKDAYS[then.weekday()]}）"


def _return(now: datetime) -> tuple[str, dict[str, str]]:
    return "return_reminder", {
        "leave_end": day(now, -1),
        "report_at": f"{day(now, 7)}上午 8:30",
        "place": "一厂人事办公室",
        "bring": "病历、复查片子",
        "contact": CONTACT,
    }


def _meeting(now: datetime) -> tuple[str, dict[str, str]]:
    return "negotiation", {
        "topic": "您这次受伤的各项待遇",
        "meet_at": f"{day(now, 10)}下午 2:00",
        "place": "公司二楼会议室",
        "bring": "医药费票据、交警的事故认定书",
        "contact": CONTACT,
    }


def _papers(now: datetime) -> tuple[str, dict[str, str]]:
    return "documents", {
        "purpose": "给您申请工伤认定",
        "documents": "诊断证明",
        "due": day(now, 3),
        "place": "二厂人事办公室，或者拍照在通知页面上传",
        "contact": CONTACT,
    }


# The last digit of an address decides its fate at the pretend gateways (sandbox/fates.py):
# 0 delivered, 3 phone switched off.
ZHANG_WEI = Person(
    name="张伟",
    employee_no="E0017",
    case_no="GS-2026-0017",
    id_number="330100199203151234",
    phone="+85255500013",
    openid="oHZ-zhangwei-0010",
    job="冲压车间操作工",
    relative=("王芳", "配偶", "+8613900000021"),
    days_ago=21,
    stage="paid_leave",
    summary="右手食指压伤，已住院治疗，停工留薪期已满。",
    told=_return,
)

# The case on which the project was founded: on a bicycle, hit on the way to work, equal fault, no
# social insurance paid, 100,000 yuan promised without a calculation.
LIU_QIANG = Person(
    name="刘强",
    employee_no="E0009",
    case_no="GS-2025-0009",
    id_number="330100198807072345",
    phone="+85255500020",
    openid="oHZ-liuqiang-0020",
    job="装配工",
    relative=("刘洋", "兄弟", "+8613900000032"),
    days_ago=400,
    stage="negotiation",
    summary=(
        "骑自行车上班途中与轿车相撞，交警认定同等责任；公司未缴社会保险，合同也未写明；"
        "已申报，治疗和协商其后无人跟进；口头答应 10 万元，没有计算依据。"
    ),
    told=_meeting,
)

CHEN_XIUYING = Person(
    name="陈秀英",
    employee_no="E0031",
    case_no="GS-2026-0021",
    id_number="330100199511113456",
    phone="+85255500030",
    openid="oHZ-chenxiuying-0030",
    job="包装工",
    relative=("陈建军", "父亲", "+8613900000043"),
    days_ago=2,
    stage="filing",
    summary="搬运时扭伤腰部，已就诊，等待补交诊断证明。",
    site="二厂",
    told=_papers,
)

CAST = (ZHANG_WEI, LIU_QIANG, CHEN_XIUYING)
