"""送达凭证: how one notice was handed over, delivered, displayed, read and answered, each with its record."""

from collections.abc import Mapping, Sequence

from evidence.records import record_code
from handlers.export.dossier import ASSURANCES, Dossier
from handlers.export.events import Event, Notice
from handlers.export.told import exact, kind_text
from handlers.papers.report import Block, Facts, Heading, Par, Report, Sign, Table
from handlers.story_text import STATES, detail_text

_STAGES = ("submitted", "accepted", "sent", "delivered", "displayed", "read")
_AGAINST = ("rejected_temp", "rejected_perm", "refused", "returned", "locker", "unknown")
_HEAD = (
    "渠道、收件人", "交给网关", "网关受理", "网关发出", "送达设备", "页面显示", "本人确认阅读", "相反的回报",
)  # fmt: skip
_WIDTHS = (1.3, 1, 1, 1, 1, 1, 1, 1.5)
_LINE_HEAD = ("时间（北京）", "谁", "内容", "证明力", "记录")
_LINE_WIDTHS = (1.5, 1.4, 4.5, 1.1, 0.7)
_PAPERS = ("task.done", "paper.made")
_REPLIES = ("reply.received", "reply.confirmed", "reply.corrected", "page.answered")
_NOTE = (
    "各项互不合并：受理不等于送达，送达不等于看过，显示不等于读完，阅读不等于同意。括号里是本案记录编号和证明力："
    "C0 我方记载，C1 共享密钥核对过的网关消息，C2 向网关查证过，C3 第三方签名，C4 本人行为。"
    "快递柜、驿站或代收不算送达。本凭证由系统按封存的记录直接生成，参照人民法院电子送达凭证列项。"
)


def certificate(
    dossier: Dossier, notice: Notice, events: Sequence[Event], labels: Mapping[str, str]
) -> Report:
    """Return the certificate of one notice from its records."""
    sent = [_delivery(dossier, one) for one in _by_delivery(events)]
    blocks: list[Block] = [
        Facts(_facts(dossier, notice, labels)),
        Heading("一、经网关送达"),
        Table(_WIDTHS, _HEAD, sent) if sent else Par("没有经网关发送的记录。"),
        *_listed("二、纸质、电话和上门", dossier, [one for one in events if one.kind in _PAPERS]),
        *_listed("三、员工的答复", dossier, [one for one in events if one.kind in _REPLIES]),
        Par(_NOTE, small=True),
        Sign(("制作人（签名）", "用人单位（盖章）", "日期"), seal=True),
    ]
    return Report(
        title="送达凭证",
        subtitle=f"案件 {dossier.case_no}　通知 N{notice.number}",
        author=dossier.firm,
        dated=dossier.today,
        foot=dossier.foot([one for one in events if one.record == notice.composed]),
        blocks=blocks,
        wide=True,
        sandbox=dossier.sandbox,
    )


def _facts(dossier: Dossier, notice: Notice, labels: Mapping[str, str]) -> list[tuple[str, str]]:
    return [
        ("送达人", dossier.firm),
        ("受送达人", dossier.name),
        ("文书名称", notice.title),
        ("回证码", record_code(notice.composed_hash)),
        ("拟定时间", f"{exact(notice.composed_at)}（北京时间，本系统记载）"),
        ("全文", f"证据 {labels[notice.composed]}" if notice.composed in labels else "见 data/parts"),
    ]


def _by_delivery(events: Sequence[Event]) -> list[list[Event]]:
    groups: dict[str, list[Event]] = {}
    for event in events:
        told = event.kind.startswith(("attempt.", "receipt.", "page.")) and event.kind != "page.answered"
        if told and event.subject and event.state:
            groups.setdefault(event.subject, []).append(event)
    return list(groups.values())


def _delivery(dossier: Dossier, events: Sequence[Event]) -> tuple[str, ...]:
    against = [_contrary(dossier, one) for one in events if one.state in _AGAINST]
    reached = (next((one for one in events if one.state == stage), None) for stage in _STAGES)
    return (dossier.whom(events[0]), *map(_reached, reached), "\n".join(against))


def _reached(event: Event | None) -> str:
    return f"{exact(event.at)}\n{_mark(event)}" if event else "—"


def _contrary(dossier: Dossier, event: Event) -> str:
    return f"{STATES[event.state]} {dossier.spell(detail_text(event.told))}\n{_mark(event)}"


def _mark(event: Event) -> str:
    return f"（#{event.cseq:04d}，{event.assurance}）"


def _listed(heading: str, dossier: Dossier, events: Sequence[Event]) -> list[Block]:
    rows = [_line(dossier, event) for event in events]
    return [Heading(heading), Table(_LINE_WIDTHS, _LINE_HEAD, rows) if rows else Par("没有。")]


def _line(dossier: Dossier, event: Event) -> tuple[str, ...]:
    what = f"{kind_text(event.kind)}　{dossier.spell(detail_text(event.told))}".strip()
    return exact(event.at), dossier.who(event), what, ASSURANCES[event.assurance], f"#{event.cseq:04d}"
