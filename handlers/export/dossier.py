"""Everything that the papers of one bundle are made of, and the words that all of them use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from casework.identity import mask_phone
from evidence.checkpoint import Checkpoint
from handlers.export.events import Event, Notice
from handlers.export.outside import Sandwich
from handlers.export.told import exact
from handlers.export.views import FULL
from handlers.papers.report import Foot
from handlers.story_text import BEIJING
from storage.export_people import Address, Staff
from storage.log import place

CHANNELS: Mapping[str, str] = {
    "wechat_oa": "微信", "wecom": "企业微信", "sms": "短信", "email": "邮件", "courier": "快递",
}  # fmt: skip
ROLES: Mapping[str, str] = {"admin": "管理员", "hr": "人事", "legal": "法务", "auditor": "审计"}
ASSURANCES: Mapping[str, str] = {
    "C0": "C0 我方记载", "C1": "C1 共享密钥", "C2": "C2 网关查证", "C3": "C3 第三方签名", "C4": "C4 本人行为",
}  # fmt: skip
ENTERED = "人事录入"  # how an address is known that nobody but the firm vouches for (handlers/people.py)


@dataclass(frozen=True)
class Dossier:
    """A case as its papers tell it. ``spell`` writes out characters that no font can draw."""

    case_no: str
    case: Mapping[str, Any]  # what case.opened tells: name, firm, staff number …
    view: str
    number: str
    checkpoint: Checkpoint
    events: Sequence[Event]
    notices: Mapping[str, Notice]
    points: Mapping[str, str]  # delivery -> contact point
    addresses: Mapping[str, Address]
    staff: Mapping[str, Staff]
    sandwich: Sandwich
    as_of: datetime
    total: int
    long: bool
    sandbox: bool
    spell: Callable[[str], str]

    @property
    def name(self) -> str:
        """The employee's name."""
        return str(self.case.get("name") or "（未登记姓名）")

    @property
    def firm(self) -> str:
        """The employer's name."""
        return str(self.case.get("firm") or "（未登记单位）")

    @property
    def today(self) -> date:
        """The day on which the checkpoint was made, in Beijing."""
        return self.as_of.astimezone(BEIJING).date()

    def foot(self, events: Sequence[Event] = (), label: str = "") -> Foot:
        """Return the foot of a page about these records."""
        root = self.checkpoint.root.hex()[:12]
        return Foot(self.number, self.checkpoint.size, root, record_words(events), label)

    def who(self, event: Event) -> str:
        """Say who made a record; in the minimised view our staff are named by their role."""
        kind, _, rest = event.actor.partition(":")
        match kind:
            case "user":
                return self._staff(rest)
            case "employee":
                return "员工本人的账号"
            case "link":
                return "持通知链接的人"
            case "gateway":
                return f"网关（{channel(rest)}）"
            case _:
                return "本系统"

    def whom(self, event: Event) -> str:
        """Say by which channel and to which address, masked."""
        if not event.channel:
            return ""
        known = self.addresses.get(self.points.get(event.subject or "", ""))
        shown = masked(known) if known else ""
        return f"{channel(event.channel)}\n{shown}" if shown else channel(event.channel)

    def times(self, event: Event) -> str:
        """Say between which times of others' clocks a record was written."""
        found = self.sandwich.times(event.position)
        after = exact(found.after)[:16] if found.after else "—"
        before = exact(found.before)[:16] if found.before else "—"
        return f"不早于 {after}\n不晚于 {before}"

    def agreed(self, event: Event) -> bool:
        """Whether the address was bound by the person, and not only entered by the firm."""
        known = self.addresses.get(self.points.get(event.subject or "", ""))
        return known is not None and known.how != ENTERED

    def by_notice(self) -> list[tuple[Notice, list[Event]]]:
        """Return each notice with its records."""
        groups: dict[str, list[Event]] = {one: [] for one in self.notices}
        for event in self.events:
            if event.notice in groups:
                groups[event.notice].append(event)
        return [(self.notices[one], events) for one, events in groups.items()]

    def bound(self, channel: str) -> bool:
        """Whether every address that was written to on this account was bound by the person."""
        known = [one for one in self.addresses.values() if f"{one.channel}/{one.account}" == channel]
        return bool(known) and all(one.how != ENTERED for one in known)

    def _staff(self, user_id: str) -> str:
        known = self.staff.get(user_id)
        if known is None:
            return "用人单位工作人员"
        role = ROLES.get(known.role, known.role)
        return f"{known.name}（{role}）" if self.view == FULL else role


def channel(name: str) -> str:
    """Return what people call a channel, wechat_oa/main or sms_twilio/hk."""
    short = name.partition("/")[0]
    return CHANNELS.get(short) or CHANNELS.get(short.partition("_")[0]) or short


def masked(address: Address) -> str:
    """Return an address so that its owner recognises it and nobody else can use it."""
    plain = address.address
    if address.channel.startswith("sms_"):
        return mask_phone(plain)
    before, at, domain = plain.partition("@")
    return f"{before[:1]}***@{domain}" if at else f"{plain[:3]}***{plain[-3:]}"


def record_words(events: Sequence[Event]) -> str:
    """Name records at the foot of a page: number in the case, place in the log, start of the leaf hash."""
    if not events:
        return ""
    first = events[0]
    more = f" 等 {len(events)} 条" if len(events) > 1 else ""
    return f"记录 #{first.cseq:04d}　索引 {place(first.position)[1]}　叶 {first.hash.hex()[:16]}{more}"
