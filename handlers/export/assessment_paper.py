"""送达评估: for counsel alone, how far the service of each notice stands up and what would cure it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from casework.denials import denies
from casework.service_assessment import Assessment, Point, Strength, assess, day_named
from casework.service_signs import Sign
from casework.workdays import Calendar
from handlers.export.dossier import Dossier
from handlers.export.events import Event, Notice
from handlers.export.exhibit_paper import notice_facts
from handlers.papers.report import Block, Facts, Heading, Par, Points, Report
from handlers.visits import went_by_two

MARK = "仅供己方内部使用，请勿提交"
_VERDICTS = {
    Strength.PROVED: ("送达可以证明", "good"),
    Strength.ARGUABLE: ("送达有争议", "warn"),
    Strength.MISSING: ("送达缺少证明", "bad"),
}
_NOTE = (
    "本件是供己方法务参考的内部评估，不是法律意见，不在证据包里，也不要提交或交给对方。"
    "法院送达的规则只是参照：用人单位的通知没有专门的送达法。括号里的数字是本案记录编号。"
)
_ACTS = {
    "paper_result": ("signed", "locker", "returned", "refused"),
    "visit": ("met",),
    "call_employee": ("reached",),
}
_REPLIES = {"reply.received": "replied", "page.answered": "answered"}
_SETTLED = ("reply.confirmed", "reply.corrected")
_SHOWN = 8  # record numbers of one point

TextOf = Callable[[str], bytes]  # record -> the bytes of its text


def assessment_report(dossier: Dossier, text_of: TextOf, calendar: Calendar) -> Report:
    """Return the assessment of all notices of a case, as of the dossier's day."""
    blocks: list[Block] = []
    for notice, events in dossier.by_notice():
        due = day_named(notice_facts(text_of(notice.composed)))
        found = assess(list(signs(dossier, events, text_of)), due, dossier.today, calendar)
        blocks += _assessed(dossier, notice, found, due)
    return Report(
        title="送达评估",
        subtitle=f"案件 {dossier.case_no}",
        author=dossier.firm,
        dated=dossier.today,
        foot=dossier.foot(),
        blocks=[*(blocks or [Par("本案还没有发过通知。")]), Par(_NOTE, small=True)],
        sandbox=dossier.sandbox,
        mark=MARK,
    )


def _assessed(dossier: Dossier, notice: Notice, found: Assessment, due: date | None) -> Iterator[Block]:
    verdict, tone = _VERDICTS[found.strength]
    yield Heading(f"通知 N{notice.number}　{dossier.spell(notice.title)}")
    yield Facts(_facts(dossier, verdict, due))
    yield _points("已证明", "good", found.proved)
    yield _points("有争议", "warn", found.arguable)
    yield _points("缺失", "bad", found.missing)
    yield Points(*_cure(found, tone))


def signs(dossier: Dossier, events: Sequence[Event], text_of: TextOf) -> Iterator[Sign]:
    """Yield what a notice's records say for or against its service."""
    for event in events:
        if event.kind in _REPLIES:
            yield from _replied(dossier, event, events, text_of)
        elif event.kind.startswith(("attempt.", "receipt.", "page.")):
            agreed = dossier.agreed(event)
            yield Sign(event.state, event.cseq, event.channel, event.assurance, agreed=agreed)
        elif event.kind == "task.done":
            kept = any(name.startswith("attachment-") for name in event.parts)
            two = went_by_two(event.told)
            yield Sign(_act(event), event.cseq, assurance=event.assurance, kept=kept, two=two)


def _replied(dossier: Dossier, event: Event, events: Sequence[Event], text_of: TextOf) -> Iterator[Sign]:
    """Yield what a reply is, unless it was an automatic one; of several confirmations the last one counts."""
    settled = [one for one in events if one.kind in _SETTLED and one.subject == event.subject]
    by_people = [one for one in settled if one.actor.startswith("user:")]
    meaning = str((by_people[-1:] or [event])[0].told.get("confirmed" if by_people else "proposed"))
    if meaning != "automatic":
        yield Sign(
            _REPLIES[event.kind], event.cseq, event.channel, event.assurance,
            agreed=dossier.bound(event.channel) and event.kind == "reply.received", meaning=meaning,
            confirmed=bool(by_people), denied=denies(text_of(event.record).decode("utf-8", "replace")),
        )  # fmt: skip


def _act(event: Event) -> str:
    """Return what a finished task says of the service: a call to somebody else says nothing."""
    kind, outcome = event.told.get("kind"), str(event.told.get("outcome"))
    return outcome if outcome in _ACTS.get(str(kind), ()) else ""


def _facts(dossier: Dossier, verdict: str, due: date | None) -> list[tuple[str, str]]:
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
        return "补正", "good", [("不需要补正；请保管好原件和证据包", "")]
    before = found.cure.before
    day = f"{before.year}年{before.month}月{before.day}日之前"
    return "最应该补的一件事", tone, [(f"{day}：{found.cure.act}", ""), (f"期限依据：{found.cure.why}", "")]
