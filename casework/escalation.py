"""Decide what a ladder does next: one story and the present moment in, one step out."""

from datetime import datetime, timedelta
from itertools import takewhile

from casework.dues import by_rule, due_on, is_due
from casework.ladder import Policy, PolicyRefused, Rung, call_script
from casework.ladder_form import load_policy, policy_body, policy_from_body, policy_names
from casework.steps import Action, Do, Pause, Planned, Rest, Step, Wait
from casework.story import CALLS, Done, Story
from casework.workdays import into_window

__all__ = [
    "Action", "Do", "Done", "Pause", "Planned", "Policy", "PolicyRefused", "Rest", "Rung", "Step", "Story",
    "Wait", "call_script", "load_policy", "next_step", "policy_body", "policy_from_body", "policy_names",
]  # fmt: skip


def next_step(story: Story, now: datetime) -> Step:
    """Say what this ladder does next.

    Ask again after everything that changes the story. The answer replaces a step that was planned
    but not begun. While one is under way, a new step waits for its end, unless the one under way
    stands on a rung beside the others (``Story.under_way``); Rest and Pause count at once.
    Displaying a notice never stops a ladder; what its policy names does (``Policy.stops``), and so
    does the closing of the case; a person's reply pauses it.
    """
    stopped = _stopped(story)
    if stopped is not None:
        return stopped
    choices = [*_beside(story, now), *_along(story, now)]
    if choices:
        return min(choices, key=lambda choice: choice.planned.due_at)
    if story.under_way:
        return Wait("等人办完已经交办的事，再走下一步")
    return Rest("阶梯已走完，由人事决定下一步")


def _stopped(story: Story) -> Step | None:
    if story.closed:
        return Rest("案件或通知已结束，不再发出任何东西")
    why = _acknowledged(story)
    if why:
        return Rest(why)
    if story.human_reply:
        return Pause("员工已有回复，对外的步骤全部暂停，请人事先看回复；写明理由后才能继续")
    return None


def _acknowledged(story: Story) -> str:
    stops = story.policy.stops
    if story.acknowledged or (story.read and "read" in stops):
        return "员工已明确确认，或人事已确认其答复，阶梯结束"
    if "delivered" in stops and any(send.arrived for send in story.sends):
        return "通知已送达，这种通知送到就结束"
    if "signed" in stops and any(paper.arrived for paper in story.papers):
        return "纸质通知已由本人签收，阶梯结束"
    return ""


def _along(story: Story, now: datetime) -> list[Do]:
    """Return the next step of the rungs that follow each other."""
    step = _nobody_to_write_to(story, now) or _help_in_line(story, now) or _climb(story, now)
    return [step] if step else []


def _beside(story: Story, now: datetime) -> list[Do]:
    """Return what is to be done on rungs for whose end nobody waits."""
    idle = [
        index for index, rung in enumerate(story.policy.rungs) if rung.beside and index not in story.under_way
    ]
    begun = [index for index in idle if story.on(index, story.policy.rungs[index].action)]
    fresh = [Do(_planned(story, index, now, (), ())) for index in idle if index not in begun]
    return fresh + [step for step in (_paper_needs_help(story, index, now) for index in begun) if step]


def _nobody_to_write_to(story: Story, now: datetime) -> Do | None:
    asked = story.on(0, Action.HR_CHECK)
    if story.channels or story.position > 0 or story.policy.rungs[0].action != "send" or asked:
        return None
    return _task(story, 0, Action.HR_CHECK, now, now, "没有可用的联系渠道，请人事先核实联系方式")


def _help_in_line(story: Story, now: datetime) -> Do | None:
    index = story.position - 1
    return None if index < 0 or story.policy.rungs[index].beside else _paper_needs_help(story, index, now)


def _paper_needs_help(story: Story, index: int, now: datetime) -> Do | None:
    """Open a task when a posted paper lies in a locker, came back, or is silent for too long."""
    posted = story.on(index, Action.PAPER)
    if not posted or posted[-1].arrived or story.on(index, Action.HR_CHECK):
        return None
    paper, called = posted[-1], story.on(index, *CALLS)
    if paper.came_back:
        if story.heeds_returns:
            return None
        return _task(story, index, Action.HR_CHECK, now, now, "纸质通知被退回或拒收，请人事核实地址和情况")
    if paper.in_locker and not called:
        why = "纸质通知在快递柜、驿站或由他人代收，不算送达，请打电话提醒本人领取"
        return _task(story, index, Action.CALL_EMPLOYEE, now, now, why)
    watch = story.policy.rungs[index].watch_days
    due = (called[-1].at if called else paper.news_at) + timedelta(days=watch)
    return _task(story, index, Action.HR_CHECK, due, now, f"寄出后 {watch} 天没有签收消息，请人事查询邮件")


def _climb(story: Story, now: datetime) -> Do | None:
    ahead = list(takewhile(lambda index: _settled_for(story, index), _in_line(story)))
    reachable = [index for index in ahead if _reachable(story, index)]
    if not reachable:
        return None
    chosen, lapsed = _latest_lawful(story, reachable, now)
    skipped = tuple(index for index in ahead if index < chosen and index not in reachable)
    return Do(_planned(story, chosen, now, lapsed, skipped))


def _in_line(story: Story) -> list[int]:
    rungs = story.policy.rungs
    return [index for index in range(story.position, len(rungs)) if not rungs[index].beside]


def _settled_for(story: Story, index: int) -> bool:
    """Whether a rung may be thought of now: one counted from a paper's fate waits until that is known."""
    return story.policy.rungs[index].anchor not in ("signature", "return") or not story.paper_pending


def _latest_lawful(story: Story, reachable: list[int], now: datetime) -> tuple[int, tuple[int, ...]]:
    """Choose the rung to take, and name the ones it overtakes.

    After a stand-still several rungs may be overdue; only the latest is taken, so that nobody
    gets three messages at once. Nobody is rung up about a message that never left, and rungs that
    a holiday has moved to one moment are taken one after the other.
    """
    timed = [index for index in reachable if story.policy.rungs[index].anchor == "start"]
    messages = [index for index in timed if story.policy.rungs[index].action == "send"]
    lawful = messages if messages and story.told is None else timed
    overdue = [index for index in lawful if is_due(story, index, now)]
    chosen = _last_but_together(story, overdue) if overdue else reachable[0]
    return chosen, tuple(index for index in reachable if index < chosen)


def _last_but_together(story: Story, overdue: list[int]) -> int:
    dues = {index: by_rule(story, index)[0] for index in overdue}
    return next(index for index in overdue if dues[index] >= max(dues.values()))


def _reachable(story: Story, index: int) -> bool:
    rung = story.policy.rungs[index]
    if rung.anchor == "return":
        return any(paper.came_back for paper in story.papers)
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
    ring_employee = rung.callee == "employee" or story.displayed or not story.has_contact
    return Action.CALL_EMPLOYEE if ring_employee else Action.CALL_CONTACT


def _circumstance(story: Story, rung: Rung) -> str:
    if rung.action == "call" and rung.callee != "employee":
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
