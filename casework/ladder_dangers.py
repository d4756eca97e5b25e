"""What no ladder may do, however a firm edits it; a version that would is refused with every reason."""

from collections.abc import Iterator
from datetime import time
from itertools import pairwise

from casework.ladder import Policy, PolicyRefused, Rung, call_script
from casework.notice_words import squeezed, wording
from casework.workdays import Window

EARLIEST, LATEST = time(8), time(20)  # messages and calls, Beijing time
CONTACT_FROM = time(9)  # a relative is rung on working days only, not before nine
CALLS = 2  # attempts of a whole ladder
APART = 12  # hours between two messages
FORMAL = frozenset({"return_notice"})
QUIET = {"leave_end": ("send", "system"), "recovery_visit": ("send", "hr_check", "system")}

_PEOPLE = ("call", "visit", "hr_check", "counsel")


def refuse_dangerous(policy: Policy) -> None:
    """Refuse a ladder that writes at night, rings too often or betrays something. Raises PolicyRefused."""
    dangers = [*_hours(policy), *_calls(policy), *_messages(policy), *_shape(policy), *_scripts(policy)]
    if dangers:
        raise PolicyRefused("；".join(dangers))


def _hours(policy: Policy) -> Iterator[str]:
    named = {"messages": policy.messages, "tasks": policy.tasks} | dict(policy.classes)
    for name, window in named.items():
        if window.start < EARLIEST or window.end > LATEST:
            yield f"windows.{name}：消息、电话和上门只能在 {EARLIEST:%H:%M}–{LATEST:%H:%M} 之间"


def _calls(policy: Policy) -> Iterator[str]:
    calls = [(index, rung) for index, rung in enumerate(policy.rungs) if rung.action == "call"]
    if sum(rung.attempts for _, rung in calls) > CALLS:
        yield f"attempts：整个阶梯最多打 {CALLS} 次电话"
    for index, rung in calls:
        if not rung.callee and not _for_relatives(policy.window_for(index, "call_contact")):
            yield f"{rung.name}：打给紧急联系人只能在工作日 {CONTACT_FROM:%H:%M} 以后"


def _for_relatives(window: Window) -> bool:
    return window.workdays_only and window.start >= CONTACT_FROM


def _messages(policy: Policy) -> Iterator[str]:
    sends = [rung for rung in policy.rungs if rung.action == "send"]
    if not sends:
        yield "rungs：至少要有一步 send，否则通知永远发不出去"
    since = [rung.hours + 24 * (rung.days + rung.workdays) for rung in sends if rung.anchor == "start"]
    if any(later - earlier < APART for earlier, later in pairwise(since)):
        yield f"hours：两条消息之间至少隔 {APART} 小时"


def _shape(policy: Policy) -> Iterator[str]:
    actions = [rung.action for rung in policy.rungs]
    allowed = QUIET.get(policy.name)
    if allowed and set(actions) - set(allowed):
        yield f"“{policy.name}”不升级，只能有这些步骤：{'、'.join(allowed)}"
    if policy.name in FORMAL:
        yield from _formal(actions)


def _formal(actions: list[str]) -> Iterator[str]:
    if "paper" not in actions:
        yield "正式通知必须有 paper：除了消息，还要寄出纸质通知"
    if not {"call", "visit"} & set(actions):
        yield "正式通知必须有由人去联系本人的步骤：call 或 visit"
    if actions[-1] not in _PEOPLE:
        yield "正式通知的最后一步必须由人决定（counsel 或 hr_check），不能自动结束"


def _scripts(policy: Policy) -> Iterator[str]:
    telling = wording()["telephone"]["words"]
    for rung in policy.rungs:
        for action in sorted(_spoken(rung) - rung.scripts.keys()):
            yield f"{rung.name}：缺少 scripts.{action}，人事要知道电话里怎么说"
        for action, script in rung.scripts.items():
            found = [word for word in telling if word in squeezed(script)]
            if found:
                yield f"{rung.name} 的 scripts.{action} 不能提到：{'、'.join(found)}"
            if not _fills(rung, action):
                yield f"{rung.name} 的 scripts.{action} 只能用 {{firm}}、{{name}}、{{caller}}、{{phone}}"


def _spoken(rung: Rung) -> set[str]:
    if rung.action == "paper":
        return {"call_employee"}  # a parcel in a locker
    if rung.action == "call":
        return {"call_employee"} if rung.callee else {"call_employee", "call_contact"}
    return set()


def _fills(rung: Rung, action: str) -> bool:
    try:
        call_script(rung, action, firm="", name="", caller="", phone="")
    except (KeyError, IndexError, ValueError, AttributeError):
        return False
    return True
