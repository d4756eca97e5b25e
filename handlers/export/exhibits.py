"""Which exhibits a bundle has: one for each text, sending, reply, outcome and attachment, in order."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from handlers.export.events import Event, Notice
from handlers.story_text import TASKS

IDENTITY, TEXT, PAPER, SENDING = "identity", "text", "paper", "sending"
REPLY, OUTCOME, ATTACHMENT, COURSE = "reply", "outcome", "attachment", "course"

_SENDING_KINDS = ("attempt.", "receipt.", "page.displayed", "page.read", "page.refused")
_REPLIES = ("reply.received", "page.answered")

_COURSE = 200  # records of one course; more make a further exhibit

# What each sort of exhibit is offered to prove; counsel edits it in the .docx.
PURPOSES: Mapping[str, str] = {
    IDENTITY: "员工的身份，以及各联系地址何时、如何登记为其本人的",
    TEXT: "通知的全文和拟定时间；回证码在发出之前已经固定",
    PAPER: "纸质通知的样式和内容，与电子通知回证码一致",
    SENDING: "通知何时经何渠道发出，网关如何答复和回报",
    REPLY: "从员工所用渠道收到的答复原话和收到时间（能否证明已收到通知，见送达凭证）",
    OUTCOME: "用人单位继续联系、催告的经过和结果",
    ATTACHMENT: "所附材料的原样",
    COURSE: "通知的全文，员工的答复，以及用人单位继续联系的经过和结果",
}


@dataclass(frozen=True)
class Exhibit:
    """One exhibit: its label, what sort it is, its title, the notice it belongs to (0: the case itself).

    ``events`` are the records that it shows; ``part`` is the attachment that it is.
    """

    label: str
    sort: str
    title: str
    notice: int
    events: tuple[Event, ...]
    part: str = ""

    @property
    def first(self) -> Event:
        """The record that it begins with."""
        return self.events[0]


def plan(events: Sequence[Event], notices: Mapping[str, Notice], *, long: bool) -> list[Exhibit]:
    """Return the exhibits of a case, numbered.

    A long case has one for the whole course of each notice; its sendings stand in the timeline only.
    """
    found = _courses(events, notices) if long else _all(events, notices)
    made = sorted(found, key=lambda one: (one.notice, one.first.cseq, one.part))
    return [replace(one, label=f"E{number:03d}") for number, one in enumerate(made, start=1)]


def _courses(events: Sequence[Event], notices: Mapping[str, Notice]) -> Iterator[Exhibit]:
    groups: dict[int, list[Event]] = {}
    for event in events:
        number, title = _of(event, notices)
        shown = list(_single(event, number, title, ()))
        yield from (one for one in shown if one.sort in (IDENTITY, PAPER))
        yield from _attachments(event, number)
        if shown and shown[0].sort in (TEXT, REPLY, OUTCOME):
            groups.setdefault(number, []).append(event)
    titles = {one.number: one.title for one in notices.values()}
    for number, group in groups.items():
        title = f"{titles[number]}：全文、答复和办理经过" if number else "答复和办理经过"
        for start in range(0, len(group), _COURSE):
            yield Exhibit("", COURSE, title, number, tuple(group[start : start + _COURSE]))


def _all(events: Sequence[Event], notices: Mapping[str, Notice]) -> Iterator[Exhibit]:
    sendings: dict[str, list[Event]] = {}
    later: dict[str, list[Event]] = {}
    for event in events:
        if event.kind.startswith(_SENDING_KINDS) and event.subject is not None:
            sendings.setdefault(event.subject, []).append(event)
        if event.kind in ("reply.confirmed", "reply.corrected") and event.subject is not None:
            later.setdefault(event.subject, []).append(event)
    for event in events:
        number, title = _of(event, notices)
        confirmations = later.get(event.subject or "", ())
        yield from _single(event, number, title, confirmations)
        yield from _attachments(event, number)
    for group in sendings.values():
        yield _sending(group, notices)


def _of(event: Event, notices: Mapping[str, Notice]) -> tuple[int, str]:
    notice = notices.get(event.notice or "")
    return (notice.number, notice.title) if notice else (0, "")


def _single(event: Event, number: int, title: str, confirmations: Iterable[Event]) -> Iterator[Exhibit]:
    match event.kind:
        case "case.opened" if "facts" in event.parts:
            yield Exhibit("", IDENTITY, "员工身份与联系地址登记", 0, (event,))
        case "notice.composed" if "text" in event.parts:
            yield Exhibit("", TEXT, f"{title}（全文）", number, (event,))
        case "paper.made" if "paper" in event.parts:
            yield Exhibit("", PAPER, f"{title}（纸质版）", number, (event,), "paper")
        case kind if kind in _REPLIES and event.parts:
            yield Exhibit("", REPLY, "员工的答复", number, (event, *confirmations))
        case "task.done" if event.told:
            title = TASKS.get(str(event.told.get("kind")), "人工任务")
            yield Exhibit("", OUTCOME, f"办理登记：{title}", number, (event,))


def _attachments(event: Event, number: int) -> Iterator[Exhibit]:
    names = [name for name in event.parts if name.startswith("attachment-")]
    whose = "员工答复" if event.kind in _REPLIES else "办理登记"
    for name in names:
        which = name.removeprefix("attachment-")
        yield Exhibit("", ATTACHMENT, f"{whose}所附材料 {which}", number, (event,), name)


def _sending(group: Sequence[Event], notices: Mapping[str, Notice]) -> Exhibit:
    notice = next((notices[one.notice] for one in group if one.notice and one.notice in notices), None)
    title = f"{notice.title if notice else '通知'}的发送与回执"
    return Exhibit("", SENDING, title, notice.number if notice else 0, tuple(group))
