"""Say how far a notice was served: what is proved, what is arguable, what is missing, what would cure it.

No labour rule says what serving an employer's notice takes. The rules on courts' service and the Civil Code
on declarations are followed by analogy, and every point names the one it rests on; counsel judges.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from casework.messages import Outcome
from casework.service_signs import Sign
from casework.workdays import Calendar

REPLY = "在线诉讼规则 31：受送达人回复收悉，送达完成（参照）"
READ = "在线诉讼规则 31：系统反馈已阅知，可推定送达，对方可以反证（参照）"
ARRIVED = "民法典 137：进入指定的系统即生效；未指定的，自知道或应当知道时生效"
AGREED = "在线诉讼规则 31：到达已确认的送达地址即为送达（参照）"
HANDED = "电子签名法 11：进入发件人控制之外的信息系统，只说明已发出"
SIGNED = "民事诉讼法 91：邮寄送达以回执上注明的收件日期为送达日期（参照）"
LOCKER = "裁判要点：驿站、自提柜或他人代收，不等于本人收到"
REFUSED = "裁判要点：按约定地址邮寄被拒收，用人单位已尽合理告知义务"
VISITED = "民事诉讼法 88：直接送交本人；须有送达回证或见证、拍照录像（参照）"
SILENCE = "民法典 140：沉默不是意思表示，除非有法律规定、约定或交易习惯"
TOLD = "民事诉讼法解释 116：通话录音是电子数据；没有录音只能佐证"

CURE_WORKDAYS = 3  # where the notice itself names no day that is still ahead


class Strength(StrEnum):
    """How far the service of a notice stands up."""

    PROVED = "proved"
    ARGUABLE = "arguable"
    MISSING = "missing"


@dataclass(frozen=True)
class Point:
    """One finding, the rule it rests on, and the records that show it."""

    text: str
    law: str
    records: tuple[int, ...] = ()


@dataclass(frozen=True)
class Cure:
    """The one act that would mend the service, and the last day for it."""

    act: str
    before: date
    why: str


@dataclass(frozen=True)
class Assessment:
    """What counsel is told about the service of one notice; ``cure`` is None where nothing is lacking."""

    strength: Strength
    proved: tuple[Point, ...]
    arguable: tuple[Point, ...]
    missing: tuple[Point, ...]
    cure: Cure | None


def assess(signs: Sequence[Sign], due: date | None, today: date, calendar: Calendar) -> Assessment:
    """Weigh what was recorded about one notice. ``due`` is the day that the notice itself asks for."""
    weighed = [(sign, *_WEIGHTS[sign.act](sign)) for sign in signs if sign.act in _WEIGHTS]
    proved = _points(weighed, Strength.PROVED)
    arguable = _points(weighed, Strength.ARGUABLE)
    strength = Strength.PROVED if proved else Strength.ARGUABLE if arguable else Strength.MISSING
    missing = (*_points(weighed, Strength.MISSING), *_missing(signs, strength))
    cure = None if strength is Strength.PROVED else _cure(signs, due, today, calendar)
    return Assessment(strength, proved, arguable, missing, cure)


def day_named(facts: Iterable[tuple[str, str]]) -> date | None:
    """Return the latest day that a notice's key facts name, “2026 年 11 月 26 日”; None when none does."""
    days = [_day(found) for _, value in facts for found in _DAY.finditer(value)]
    return max((day for day in days if day is not None), default=None)


_DAY = re.compile(r"(\d{4})\s*(?:年|-)\s*(\d{1,2})\s*(?:月|-)\s*(\d{1,2})")

_Weighed = tuple[Strength, str, str]


def _reply(sign: Sign) -> _Weighed:
    if sign.denied and not sign.clear:
        return Strength.MISSING, "员工回复说没有收到通知，或者发错了人", REPLY
    if sign.denied:
        return Strength.ARGUABLE, "回复的含义确认为已收到，但原话里说没有收到或发错了人，要再核对", REPLY
    if not sign.clear:
        return Strength.ARGUABLE, "有回复，但含义不明，或还没有经人确认；不能当作确认收到", REPLY
    if not sign.own:
        return Strength.ARGUABLE, "有答复，但来自没有经本人绑定的号码或只凭链接；对方可以否认是本人", REPLY
    return Strength.PROVED, "员工用已绑定的本人账号就这份通知作了答复，含义明确", REPLY


def _read(sign: Sign) -> _Weighed:
    if sign.assurance == "C4":
        return Strength.PROVED, "员工用已绑定的本人账号按了“我已阅读并确认收到”", READ
    return Strength.ARGUABLE, "有人凭链接和身份证后四位按了“我已阅读”；对方可以否认是本人", READ


def _displayed(sign: Sign) -> _Weighed:
    return Strength.ARGUABLE, "通知页面被打开过；打开不等于读完，也不能说明是谁打开的", READ


def _delivered(sign: Sign) -> _Weighed:
    if sign.agreed:
        return Strength.ARGUABLE, "网关报告消息到达本人绑定的账号；须另证双方约定用它收通知", AGREED
    return Strength.ARGUABLE, "网关报告消息到达这个号码；到达不等于看过，须另证号码是约定的", ARRIVED


def _signed(sign: Sign) -> _Weighed:
    if sign.kept:
        return Strength.PROVED, "纸质通知由本人签收，邮件回执或照片在卷", SIGNED
    return Strength.ARGUABLE, "登记为本人签收，但没有留存回执或照片", SIGNED


def _refused(sign: Sign) -> _Weighed:
    if sign.agreed:
        return Strength.PROVED, "纸质通知寄到约定的地址后被拒收", REFUSED
    return Strength.ARGUABLE, "纸质通知被拒收；须另证寄往的是约定或本人确认过的地址，并附改退批条", REFUSED


def _met(sign: Sign) -> _Weighed:
    if sign.two and sign.kept:
        return Strength.PROVED, "上门见到本人，两人在场送交，经过有照片或录像在卷", VISITED
    return (
        Strength.ARGUABLE,
        "登记为上门见到本人，但没有本人签字的送达回证，也没有两人送交并留影像",
        VISITED,
    )


def _reached(sign: Sign) -> _Weighed:
    return Strength.ARGUABLE, "电话联系到本人；没有录音时只能与其他证据互相印证", TOLD


_WEIGHTS = {
    Outcome.REPLIED.value: _reply, "answered": _reply,
    Outcome.READ.value: _read, Outcome.DISPLAYED.value: _displayed,
    Outcome.DELIVERED.value: _delivered, Outcome.REFUSED.value: _refused,
    "signed": _signed, "met": _met, "reached": _reached,
}  # fmt: skip


def _points(weighed: Sequence[tuple[Sign, Strength, str, str]], strength: Strength) -> tuple[Point, ...]:
    """Gather the records of equal findings into one point, in the order in which they were first made."""
    found: dict[tuple[str, str], list[int]] = {}
    for sign, of, text, law in weighed:
        if of is strength:
            found.setdefault((text, law), []).append(sign.record)
    return tuple(Point(text, law, tuple(records)) for (text, law), records in found.items())


def _missing(signs: Sequence[Sign], strength: Strength) -> tuple[Point, ...]:
    acts = {sign.act for sign in signs}
    told = (
        ("locker", "纸质通知只到快递柜、驿站或代收人，不算送达", LOCKER),
        ("returned", "纸质通知被退回（不是拒收），没有到达本人", SIGNED),
        ("unknown", "有一次发送的结果不明，不当作送达", HANDED),
        ("rejected_perm", "有渠道送不到这个地址，这一次没有送达", HANDED),
    )
    points = [
        Point(text, law, tuple(sign.record for sign in signs if sign.act == act))
        for act, text, law in told
        if act in acts
    ]
    if strength is not Strength.PROVED:
        points += _lacking(acts, strength)
    return tuple(points)


def _lacking(acts: set[str], strength: Strength) -> list[Point]:
    points = []
    if strength is Strength.MISSING and acts & {"accepted", "sent"}:
        points.append(Point("只有网关受理或转发，没有到达的证明", HANDED))
    if not acts & {"read", "replied", "answered", "signed"}:
        points.append(Point("没有本人的回复、阅读确认或签收；没有回音不等于知道，更不等于同意", SILENCE))
    return points


def _cure(signs: Sequence[Sign], due: date | None, today: date, calendar: Calendar) -> Cure:
    acts = {_shortcoming(sign) for sign in signs}
    act = next(text for needs, text in _CURES if needs <= acts)
    if due is not None and due > today:
        return Cure(act, due, "通知所定的日期")
    why = "通知没有写明日期" if due is None else "通知所定的日期已过，补正后要重新给出合理期限"
    return Cure(act, calendar.add_workdays(today, CURE_WORKDAYS), f"{CURE_WORKDAYS} 个工作日内；{why}")


def _shortcoming(sign: Sign) -> str:
    """Say what a sign lacks: of replies how they fall short, of anything else its act."""
    if sign.act in ("replied", "answered"):
        return "denied" if sign.denied else "foreign" if sign.clear else "unclear"
    return "foreign" if sign.act == "read" else sign.act


_CURES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"denied"}), "核实号码和收件人，请本人绑定账号后在通知页面确认收到，或用 EMS 重寄"),
    (frozenset({"unclear"}), "由人事核对原话并确认含义；问清后，请员工用绑定的账号在通知页面确认收到"),
    (frozenset({"foreign"}), "请员工扫码绑定本人账号，再从该账号打开通知并按“我已阅读并确认收到”"),
    (frozenset({"refused"}), "补上劳动合同或地址确认书里写明该地址的一页，并向邮局取得改退批条"),
    (frozenset({"locker"}), "打电话请本人领取并录音；仍未领取的，改寄 EMS 并要求本人签收"),
    (frozenset({"returned"}), "核实地址后用 EMS 重寄，同时寄往身份证住址；内件品名写明通知名称"),
    (frozenset({"signed"}), "向邮局调取签收回执，登记为附件"),
    (frozenset({"met"}), "由两人再次上门，请本人在送达回证上签字，并拍照或录像"),
    (frozenset({"displayed"}), "请员工在通知页面按“我已阅读并确认收到”，或者回复一句“收到”"),
    (frozenset({"delivered"}), "请员工回复一句“收到”；没有回复的，用 EMS 寄纸质通知到约定的地址"),
    (frozenset(), "用 EMS 把纸质通知寄到员工确认过的地址，内件品名写明通知名称，跟踪到本人签收"),
)  # fmt: skip


def _day(found: re.Match[str]) -> date | None:
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None
