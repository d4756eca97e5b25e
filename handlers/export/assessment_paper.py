"""送达评估: for counsel, on one page, how far the service of a notice stands up and what would cure it."""

from collections.abc import Iterator, Sequence
from datetime import date

from casework.service_assessment import Assessment, Point, Sign, Strength, assess
from casework.workdays import Calendar
from handlers.export.dossier import Dossier
from handlers.export.events import Event, Notice
from handlers.papers.report import Facts, Par, Points, Report

_VERDICTS = {
    Strength.PROVED: ("送达可以证明", "good"),
    Strength.ARGUABLE: ("送达有争议", "warn"),
    Strength.MISSING: ("送达缺少证明", "bad"),
}
_NOTE = (
    "本页是供法务参考的内部评估，不是法律意见。法院送达的规则只是参照：用人单位的通知没有专门的送达法。"
    "括号里的数字是本案记录编号。"
)
_ACTS = {
    "paper_result": ("signed", "locker", "returned", "refused"),
    "visit": ("met",),
    "call_employee": ("reached",),
}
_SHOWN = 8  # record numbers of one point


def assessment_report(
    dossier: Dossier, notice: Notice, events: Sequence[Event], due: date | None, calendar: Calendar
) -> Report:
    """Return the one-page assessment of a notice; ``due`` is the day that the notice itself asks for."""
    found = assess(list(signs(dossier, events)), due, dossier.today, calendar)
    verdict, tone = _VERDICTS[found.strength]
    return Report(
        title="送达评估",
        subtitle=f"案件 {dossier.case_no}　通知 N{notice.number} {notice.title}",
        author=dossier.firm,
        dated=dossier.today,
        foot=dossier.foot([one for one in events if one.record == notice.composed]),
        blocks=(
            Facts(_facts(dossier, verdict, found, due)),
            _points("已证明", "good", found.proved),
            _points("有争议", "warn", found.arguable),
            _points("缺失", "bad", found.missing),
            Points(*_cure(found, tone)),
            Par(_NOTE, small=True),
        ),
        sandbox=dossier.sandbox,
    )


def signs(dossier: Dossier, events: Sequence[Event]) -> Iterator[Sign]:
    """Yield what a notice's records say for or against its service."""
    automatic = {one.subject for one in events if _is_automatic(one)}
    for event in events:
        kept = any(name.startswith("attachment-") for name in event.parts)
        if event.kind.startswith(("attempt.", "receipt.", "page.")) and event.state != "replied":
            agreed = dossier.agreed(event)
            yield Sign(event.state, event.cseq, event.channel, event.assurance, agreed=agreed)
        elif event.kind in ("reply.received", "page.answered") and event.subject not in automatic:
            yield Sign("replied", event.cseq, event.channel, event.assurance)
        elif event.kind == "task.done":
            yield Sign(_act(event), event.cseq, assurance=event.assurance, kept=kept)


def _is_automatic(event: Event) -> bool:
    confirmed = event.told.get("confirmed")
    proposed = event.told.get("proposed") if event.kind == "reply.received" else None
    return (confirmed or proposed) == "automatic"


def _act(event: Event) -> str:
    """Return what a finished task says of the service: a call to somebody else says nothing."""
    kind, outcome = event.told.get("kind"), str(event.told.get("outcome"))
    known = {
        "paper_result": ("signed", "locker", "returned", "refused"),
        "visit": ("met",),
        "call_employee": ("reached",),
    }
    return outcome if outcome in known.get(str(kind), ()) else ""


def _facts(dossier: Dossier, verdict: str, found: Assessment, due: date | None) -> list[tuple[str, str]]:
    return [
        ("结论", verdict),
        ("受送达人", dossier.name),
        ("通知所定日期", f"{due.year}年{due.month}月{due.day}日" if due else "通知没有写明日期"),
        ("评估日期", f"{dossier.today.year}年{dossier.today.month}月{dossier.today.day}日"),
    ]


def _points(title: str, tone: str, points: Sequence[Point]) -> Points:
    listed = [(f"{one.text}{_records(one.records)}", one.law) for one in points]
    return Points(title, tone, listed or [("没有", "")])


def _records(numbers: Sequence[int]) -> str:
    if not numbers:
        return ""
    more = f" 等 {len(numbers)} 条" if len(numbers) > _SHOWN else ""
    return f"〔{'、'.join(f'#{one:04d}' for one in numbers[:_SHOWN])}{more}〕"


def _cure(found: Assessment, tone: str) -> tuple[str, str, list[tuple[str, str]]]:
    if found.cure is None:
        return "补正", "good", [("不需要补正；请保管好原件和本证据包", "")]
    before = found.cure.before
    day = f"{before.year}年{before.month}月{before.day}日之前"
    return "最应该补的一件事", tone, [(f"{day}：{found.cure.act}", ""), (f"期限依据：{found.cure.why}", "")]
