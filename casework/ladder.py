"""A ladder as data: which rungs a notice climbs while nobody answers, and how it is frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import time
from typing import Any

from casework import packaged
from casework.workdays import Window

ACTIONS = ("send", "call", "paper", "visit", "counsel", "hr_check")
ANCHORS = ("start", "previous", "signature")
CHANNEL_RULES = ("", "preferred", "next")


class PolicyRefused(ValueError):  # noqa: N818  (reads as what happened)
    """A policy cannot be used; the message names the key and what it must be."""


@dataclass(frozen=True)
class Rung:
    """One step of a ladder: what is done, counted from when, and the rule in words.

    ``hours`` and ``workdays`` are counted from ``anchor``: the start of the silence, the
    end of the rung before, or the signature on the paper. ``attempts`` limits calls,
    ``watch_days`` says how long a posted paper may go without news before a person looks.
    """

    name: str
    title: str
    action: str
    anchor: str
    rule: str
    channel_rule: str = ""
    hours: int = 0
    workdays: int = 0
    attempts: int = 1
    watch_days: int = 0
    scripts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """The ladder of one kind of notice, with the hours in which it may act."""

    name: str
    title: str
    messages: Window
    tasks: Window
    rungs: tuple[Rung, ...]


def policy_names() -> tuple[str, ...]:
    """List the packaged policies."""
    return packaged.names("rules/ladders")


def load_policy(name: str) -> Policy:
    """Read a packaged policy. Raises NotPackaged."""
    return policy_from_body(packaged.read("rules/ladders", name))


def policy_body(policy: Policy) -> dict[str, Any]:
    """Return the policy as plain JSON values, always the same for the same policy."""
    return {
        "name": policy.name,
        "title": policy.title,
        "windows": {"messages": _window_body(policy.messages), "tasks": _window_body(policy.tasks)},
        "rungs": [_rung_body(rung) for rung in policy.rungs],
    }


def policy_from_body(body: Mapping[str, Any]) -> Policy:
    """Rebuild a policy from its body. Raises PolicyRefused, naming the key."""
    _only(body, {"name", "title", "windows", "rungs"}, "policy")
    _only(body["windows"], {"messages", "tasks"}, "windows")
    policy = Policy(
        name=body["name"],
        title=body["title"],
        messages=_window(body["windows"]["messages"]),
        tasks=_window(body["windows"]["tasks"]),
        rungs=tuple(_rung(rung) for rung in body["rungs"]),
    )
    _check_order(policy)
    return policy


def call_script(rung: Rung, action: str, *, firm: str, name: str, caller: str, phone: str) -> str:
    """Return what HR says on the phone; it tells nobody what the notice is about."""
    return rung.scripts[action].format(firm=firm, name=name, caller=caller, phone=phone)


def _rung_body(rung: Rung) -> dict[str, Any]:
    return {f.name: getattr(rung, f.name) for f in fields(rung)} | {"scripts": dict(rung.scripts)}


def _window_body(window: Window) -> dict[str, Any]:
    return {
        "start": f"{window.start:%H:%M}",
        "end": f"{window.end:%H:%M}",
        "workdays_only": window.workdays_only,
    }


def _window(body: Mapping[str, Any]) -> Window:
    _only(body, {"start", "end", "workdays_only"}, "window")
    try:
        start, end = time.fromisoformat(body["start"]), time.fromisoformat(body["end"])
    except ValueError as wrong:
        raise PolicyRefused(f"时段写成 HH:MM，例如 08:00：{wrong}") from wrong
    _require(start < end, f"时段的开始 {body['start']} 必须早于结束 {body['end']}")
    return Window(start, end, bool(body["workdays_only"]))


def _rung(body: Mapping[str, Any]) -> Rung:
    known = {f.name for f in fields(Rung)}
    _only(body, known, "rung", needed={"name", "title", "action", "anchor", "rule"})
    rung = Rung(**body)
    _require(rung.action in ACTIONS, f"action 只能是 {ACTIONS}，不能是 {rung.action}")
    _require(rung.anchor in ANCHORS, f"anchor 只能是 {ANCHORS}，不能是 {rung.anchor}")
    _require(rung.channel_rule in CHANNEL_RULES, f"channel_rule 只能是 {CHANNEL_RULES}")
    _require((rung.action == "send") == bool(rung.channel_rule), "只有 send 才有、也必须有 channel_rule")
    counts: tuple[object, ...] = (rung.hours, rung.workdays, rung.watch_days, rung.attempts)
    whole = all(isinstance(n, int) and n >= 0 for n in counts)
    _require(whole, f"{rung.name}：时间和次数必须是不小于零的整数")
    _require(1 <= rung.attempts <= 2, "电话至少一次，最多两次")
    return rung


def _check_order(policy: Policy) -> None:
    """Rungs counted from the start stand first and in the order of their delays."""
    _require(len(policy.rungs) > 0, "阶梯至少要有一步")
    anchored = [rung.anchor == "start" for rung in policy.rungs]
    _require(anchored[0] and anchored == sorted(anchored, reverse=True), "从开始算起的步骤必须排在最前")
    delays = [rung.hours + 24 * rung.workdays for rung in policy.rungs if rung.anchor == "start"]
    _require(delays == sorted(delays), "从开始算起的步骤必须按时间先后排列")


def _only(body: Mapping[str, Any], known: set[str], where: str, needed: set[str] | None = None) -> None:
    _require(isinstance(body, Mapping), f"{where} 必须是一组键和值")
    missing = (known if needed is None else needed) - body.keys()
    _require(not missing, f"{where} 缺少 {', '.join(sorted(missing))}")
    unknown = body.keys() - known
    _require(not unknown, f"{where} 不认识 {', '.join(sorted(unknown))}")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise PolicyRefused(otherwise)
