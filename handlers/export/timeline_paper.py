"""时间线: every step of a case with its times, state and exhibit, and why the next one followed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from handlers.export.dossier import ASSURANCES, Dossier
from handlers.export.events import Event
from handlers.export.told import exact, kind_text
from handlers.papers.press import volumes
from handlers.papers.report import Par, Report, Table
from handlers.story_text import STATES, detail_text

_HEAD = (
    "序号",
    "时间（北京）",
    "间隔",
    "事项",
    "渠道、收件人",
    "状态",
    "他人时钟",
    "证明力",
    "证据",
    "说明；下一步的理由",
)
_WIDTHS = (0.6, 1.1, 0.8, 1.4, 1.2, 0.8, 1.7, 0.8, 0.7, 3.2)
_NOTE = (
    "“时间”是本系统自己的记载。“他人时钟”由时间戳或见证服务给出：这条记录不早于、不晚于该时间；—— 表示没有。"
    "证明力：C0 我方记载，C1 共享密钥核对过的网关消息，C2 向网关查证过，C3 第三方签名，C4 本人行为。"
    "序号是本案记录的连续编号。本表供阅读，证据以 records.jsonl 为准。"
)
_LONG = "本案共有 {total} 条记录，本表只列通知、结果和决定；其余见 data/records.jsonl 和 data/timeline.txt。"


def timelines(dossier: Dossier, labels: Mapping[str, str]) -> Iterator[Report]:
    """Yield the timeline in volumes; ``labels`` gives the exhibit of a record."""
    lots = volumes(dossier.events)
    before: datetime | None = None
    for number, events in enumerate(lots, start=1):
        title = "时间线" if len(lots) == 1 else f"时间线（第 {number} 册，共 {len(lots)} 册）"
        yield _volume(dossier, title, events, before, labels)
        before = events[-1].at if events else before


def _volume(
    dossier: Dossier, title: str, events: Sequence[Event], before: datetime | None, labels: Mapping[str, str]
) -> Report:
    rows = []
    for event in events:
        rows.append(_row(dossier, event, before, labels))
        before = event.at
    note = _NOTE + (_LONG.format(total=dossier.total) if dossier.long else "")
    return Report(
        title=title,
        subtitle=f"案件 {dossier.case_no}　{dossier.firm} 与 {dossier.name}",
        author=dossier.firm,
        dated=dossier.today,
        foot=dossier.foot(),
        blocks=(Par(note, small=True), Table(_WIDTHS, _HEAD, rows)),
        wide=True,
        sandbox=dossier.sandbox,
    )


def _row(
    dossier: Dossier, event: Event, before: datetime | None, labels: Mapping[str, str]
) -> tuple[str, ...]:
    return (
        f"#{event.cseq:04d}",
        exact(event.at).replace(" ", "\n"),
        interval(event.at - before) if before else "",
        f"{kind_text(event.kind)}\n{dossier.who(event)}",
        dossier.whom(event),
        STATES.get(event.state, event.state),
        dossier.times(event),
        ASSURANCES[event.assurance].partition(" ")[0],
        labels.get(event.record, ""),
        dossier.spell(detail_text(event.told)),
    )


def interval(passed: timedelta) -> str:
    """Say how much time passed since the step before: whole days and hours, minutes below an hour."""
    minutes = int(passed.total_seconds() // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"+{days} 天 {hours} 时"
    return f"+{hours} 时 {minutes % 60} 分" if hours else f"+{minutes} 分" if minutes else ""
