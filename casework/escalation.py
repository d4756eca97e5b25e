"""Decide what a ladder does next: one story and the present moment in, one step out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from casework.dues import due_on, is_due
from casework.ladder import (
    Policy,
    PolicyRefused,
    Rung,
    call_script,
    load_policy,
    policy_body,
    policy_from_body,
    policy_names,
)
from casework.story import CALLS, Done, Story
from casework.workdays import into_window

__all__ = [
    "Action", "Do", "Done", "Pause", "Planned", "Policy", "PolicyRefused", "Rest", "Rung", "Story",
    "call_script", "load_policy", "next_step", "policy_body", "policy_from_body", "policy_names",
]  # fmt: skip


class Action(StrEnum):
    """What a step does: the first is the machine's, all others are tasks for a person."""

    SEND = "send"
    CALL_EMPLOYEE = "call_employee"
    CALL_CONTACT = "call_contact"
    PAPER = "paper"
    VISIT = "visit"
    COUNSEL = "counsel"
    HR_CHECK = "hr_check"


@dataclass(frozen=True)
class Planned:
    """The next step: which rung, what, on which channel, when, and the rule that says so.

    ``lapsed`` are rungs whose time passed while nobody acted and which this step overtakes;
    ``skipped`` are rungs that have no usable channel.
    """

    rung: int
    action: Action
    channel: str | None
    due_at: datetime
    why: str
    lapsed: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rest:
    """The ladder is over; ``why`` says by what."""

    why: str


@dataclass(frozen=True)
class Pause:
    """Nothing goes out until a person has looked."""

    why: str


@dataclass(frozen=True)
class Do:
    """This is the next step; it may lie in the future, never in the past."""

    planned: Planned


Step = Rest | Pause | Do


def next_step(story: Story, now: datetime) -> Step:
    """Say what this ladder does next.

    Ask again after everything that changes the story. The answer replaces a step that was planned
    but not begun; while one is under way, a new step waits for its end, but Rest and Pause count
    at once. Displaying a notice never stops a ladder; an unambiguous acknowledgement, HR's
    confirmation and the closing of the case do; a person's reply pauses it.
    """
    return (
        _stopped(story)
        or _nobody_to_write_to(story, now)
        or _paper_needs_help(story, now)
        or _climb(story, now)
    )


def _stopped(story: Story) -> Step | None:
    if story.closed:
        return Rest("案件或通知已结束，不再发出任何东西")
    if story.acknowledged:
        return Rest("员工已明确确认，或人事已确认其答复，阶梯结束")
    if story.human_reply:
        return Pause("员工已有回复，对外的步骤全部暂停，请人事先看回复；写明理由后才能继续")
    return None


def _nobody_to_write_to(story: Story, now: datetime) -> Step | None:
    asked = story.on(0, Action.HR_CHECK)
    if story.channels or story.position > 0 or story.policy.rungs[0].action != "send" or asked:
        return None
    return _task(story, 0, Action.HR_CHECK, now, now, "没有可用的联系渠道，请人事先核实联系方式")


def _paper_needs_help(story: Story, now: datetime) -> Step | None:
    """Open a task when a posted paper lies in a locker, came back, or is silent for too long."""
    index = story.position - 1
    posted = story.on(index, Action.PAPER)
    if not posted or posted[-1].arrived or story.on(index, Action.HR_CHECK):
        return None
    paper, called = posted[-1], story.on(index, *CALLS)
    if paper.came_back:
        return _task(story, index, Action.HR_CHECK, now, now, "纸质通知被退回或拒收，请人事核实地址和情况")
    if paper.in_locker and not called:
        why = "纸质通知在快递柜、驿站或由他人代收，不算送达，请打电话提醒本人领取"
        return _task(story, index, Action.CALL_EMPLOYEE, now, now, why)
    watch = story.policy.rungs[index].watch_days
    due = (called[-1].at if called else paper.news_at) + timedelta(days=watch)
    return _task(story, index, Action.HR_CHECK, due, now, f"寄出后 {watch} 天没有签收消息，请人事查询邮件")


def _climb(story: Story, now: datetime) -> Step:
    ahead = range(story.position, len(story.policy.rungs))
    reachable = [index for index in ahead if _reachable(story, index)]
    if not reachable:
        return Rest("阶梯已走完，由人事决定下一步")
    chosen, lapsed = _latest_lawful(story, reachable, now)
    skipped = tuple(index for index in ahead if index < chosen and index not in reachable)
    return Do(_planned(story, chosen, now, lapsed, skipped))


def _latest_lawful(story: Story, reachable: list[int], now: datetime) -> tuple[int, tuple[int, ...]]:
    """Choose the rung to take, and name the ones it overtakes.

    After a stand-still several rungs may be overdue; only the latest is taken, so that nobody
    gets three messages at once. Nobody is rung up about a message that never left.
    """
    timed = [index for index in reachable if story.policy.rungs[index].anchor == "start"]
    messages = [index for index in timed if story.policy.rungs[index].action == "send"]
    lawful = messages if messages and story.told is None else timed
    overdue = [index for index in lawful if is_due(story, index, now)]
    chosen = overdue[-1] if overdue else reachable[0]
    return chosen, tuple(index for index in reachable if index < chosen)


def _reachable(story: Story, index: int) -> bool:
    rung = story.policy.rungs[index]
    return rung.action != "send" or story.channel_for(rung) is not None


def _planned(
    story: Story, index: int, now: datetime, lapsed: tuple[int, ...], skipped: tuple[int, ...]
) -> Planned:
    rung = story.policy.rungs[index]
    due, held = due_on(story, index, now)
    overtaken = f"第 {'、'.join(str(n + 1) for n in lapsed)} 步已过时，不再补发" if lapsed else ""
    why = _joined(rung.rule, _circumstance(story, rung), overtaken, held)
    channel = story.channel_for(rung) if rung.action == "send" else None
    return Planned(index, _action(story, rung), channel, due, why, lapsed, skipped)


def _action(story: Story, rung: Rung) -> Action:
    if rung.action != "call":
        return Action(rung.action)
    ring_employee = story.displayed or not story.has_contact
    return Action.CALL_EMPLOYEE if ring_employee else Action.CALL_CONTACT


def _circumstance(story: Story, rung: Rung) -> str:
    if rung.action == "call":
        if story.displayed:
            return "通知页面打开过，打给本人"
        return "通知从未打开，打给紧急联系人" if story.has_contact else "没有登记紧急联系人，打给本人"
    if rung.action == "send" and story.hurried:
        return "上一条没有送达，不再等待"
    if rung.channel_rule == "next" and story.untried is None:
        return "没有别的渠道，用原渠道再提醒一次"
    return ""


def _task(story: Story, rung: int, action: Action, due: datetime, now: datetime, why: str) -> Do:
    at, held = into_window(max(due, now).astimezone(now.tzinfo), story.policy.tasks, story.calendar)
    return Do(Planned(rung, action, None, at, _joined(why, held)))


def _joined(*parts: str) -> str:
    return "；".join(filter(None, parts))
