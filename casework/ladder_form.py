"""The written form of a ladder: read from TOML or JSON values, and frozen as plain JSON values."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import time
from typing import Any

from casework import packaged
from casework.ladder import (
    ACTIONS,
    ANCHORS,
    CALLEES,
    CHANNEL_RULES,
    STOPS,
    USUAL_STOPS,
    Policy,
    PolicyRefused,
    Rung,
)
from casework.workdays import Window

LONGEST = 20  # rungs of one ladder
_ALWAYS = {"name", "title", "windows", "rungs"}
_OLDER = {"channel_rule", "hours", "workdays", "attempts", "watch_days", "scripts"}
_NEEDED = {f.name for f in fields(Rung) if f.default is MISSING and f.default_factory is MISSING}
_TEXTS = {"name": 40, "title": 40, "rule": 100, "window": 20, "hook": 60, "serves": 60}
_NUMBERS = {"hours": 8760, "days": 365, "workdays": 250, "watch_days": 60, "cost_fen": 1_000_000}


def policy_names() -> tuple[str, ...]:
    """List the packaged policies."""
    return packaged.names("rules/ladders")


def load_policy(name: str) -> Policy:
    """Read a packaged policy. Raises NotPackaged."""
    return policy_from_body(packaged.read("rules/ladders", name))


def policy_from_toml(text: str) -> Policy:
    """Read a policy from the TOML form (docs/ladders.md). Raises PolicyRefused, naming the key."""
    try:
        return policy_from_body(tomllib.loads(text))
    except tomllib.TOMLDecodeError as wrong:
        raise PolicyRefused(f"这不是有效的 TOML：{wrong}") from wrong


def policy_body(policy: Policy) -> dict[str, Any]:
    """Return the policy as plain JSON values, always the same for the same policy.

    Keys that came later are left out where they say nothing, so that a ladder which does not
    use them keeps the identity it always had.
    """
    windows = {"messages": policy.messages, "tasks": policy.tasks} | dict(policy.classes)
    body = {
        "name": policy.name,
        "title": policy.title,
        "windows": {name: _window_body(window) for name, window in windows.items()},
        "rungs": [_rung_body(rung) for rung in policy.rungs],
    }
    return body if policy.stops == USUAL_STOPS else body | {"stops": list(policy.stops)}


def policy_from_body(body: Mapping[str, Any]) -> Policy:
    """Rebuild a policy from its body. Raises PolicyRefused, naming the key."""
    _only(
        body, {"name", "title", "windows", "rungs", "stops"}, "policy", {"name", "title", "windows", "rungs"}
    )
    windows = _windows(body["windows"])
    _require(isinstance(body["rungs"], list | tuple), "rungs 必须是一列步骤")
    policy = Policy(
        name=_text(body, "name", 40),
        title=_text(body, "title", 40),
        messages=windows.pop("messages"),
        tasks=windows.pop("tasks"),
        rungs=tuple(_rung(rung) for rung in body["rungs"]),
        stops=_stops(body.get("stops", USUAL_STOPS)),
        classes=windows,
    )
    _check_order(policy)
    return policy


def _rung_body(rung: Rung) -> dict[str, Any]:
    told = {f.name: getattr(rung, f.name) for f in fields(rung)} | {"scripts": dict(rung.scripts)}
    usual = {f.name: f.default for f in fields(rung) if f.name not in _OLDER | _NEEDED}
    return {name: value for name, value in told.items() if name not in usual or value != usual[name]}


def _window_body(window: Window) -> dict[str, Any]:
    return {
        "start": f"{window.start:%H:%M}",
        "end": f"{window.end:%H:%M}",
        "workdays_only": window.workdays_only,
    }


def _windows(body: Mapping[str, Any]) -> dict[str, Window]:
    _require(isinstance(body, Mapping), "windows 必须是一组键和值")
    _only(body, body.keys() | {"messages", "tasks"}, "windows", {"messages", "tasks"})
    return {name: _window(window, f"windows.{name}") for name, window in body.items()}


def _window(body: Mapping[str, Any], where: str) -> Window:
    _only(body, {"start", "end", "workdays_only"}, where)
    try:
        start, end = time.fromisoformat(body["start"]), time.fromisoformat(body["end"])
    except (TypeError, ValueError) as wrong:
        raise PolicyRefused(f"{where} 的时段写成 HH:MM，例如 08:00：{wrong}") from wrong
    _require(start < end, f"{where} 的开始 {body['start']} 必须早于结束 {body['end']}")
    return Window(start, end, bool(body["workdays_only"]))


def _stops(given: Any) -> tuple[str, ...]:
    _require(isinstance(given, list | tuple), "stops 必须是一列事件")
    wrong = [str(stop) for stop in given if stop not in STOPS]
    _require(
        not wrong, f"stops 只能是 {STOPS}，不能是 {'、'.join(wrong)}；打开页面（displayed）不结束任何阶梯"
    )
    _require("confirmed" in given, "stops 必须包含 confirmed：员工已明确确认的，阶梯必须结束")
    return tuple(stop for stop in STOPS if stop in given)


def _rung(body: Mapping[str, Any]) -> Rung:
    _only(body, {f.name for f in fields(Rung)}, "rung", needed=_NEEDED)
    rung = Rung(**body)
    for name, longest in _TEXTS.items():
        _text({name: getattr(rung, name)}, name, longest, empty=name not in _NEEDED)
    for name, largest in (_NUMBERS | {"attempts": 2}).items():
        _number(rung, name, largest)
    _require(isinstance(rung.scripts, Mapping), f"{rung.name}：scripts 必须是一组键和值")
    for action in rung.scripts:
        _text(rung.scripts, action, 300)
    _check_words(rung)
    return rung


def _check_words(rung: Rung) -> None:
    _require(rung.action in ACTIONS, f"action 只能是 {ACTIONS}，不能是 {rung.action}")
    _require(rung.anchor in ANCHORS, f"anchor 只能是 {ANCHORS}，不能是 {rung.anchor}")
    _require(rung.channel_rule in CHANNEL_RULES, f"channel_rule 只能是 {CHANNEL_RULES}")
    _require((rung.action == "send") == bool(rung.channel_rule), "只有 send 才有、也必须有 channel_rule")
    _require(rung.callee in CALLEES, f"callee 只能是 {CALLEES}")
    _require(rung.action == "call" or not rung.callee, "只有 call 才有 callee")
    _require((rung.action == "system") == bool(rung.hook), "只有 system 才有、也必须有 hook")
    _require(rung.beside in (True, False), "beside 只能是 true 或 false")
    alone = rung.anchor == "start" and rung.action not in ("send", "call")
    _require(alone or not rung.beside, "beside 只用于从开始算起、由人或系统办的步骤（不是 send、call）")
    _require(rung.attempts >= 1, "attempts：电话至少一次，最多两次")
    counted = [name for name in ("hours", "days", "workdays") if getattr(rung, name)]
    _require(len(counted) <= 1, f"{rung.name}：{'、'.join(counted)} 只能写一个")


def _check_order(policy: Policy) -> None:
    """Rungs counted from the start stand first and in the order of their delays."""
    _require(1 <= len(policy.rungs) <= LONGEST, f"rungs：阶梯至少要有一步，最多 {LONGEST} 步")
    names = [rung.name for rung in policy.rungs]
    _require(len(names) == len(set(names)), "rungs：每一步的 name 不能相同")
    anchored = [rung.anchor == "start" for rung in policy.rungs]
    _require(
        anchored[0] and anchored == sorted(anchored, reverse=True), "anchor：从开始算起的步骤必须排在最前"
    )
    _require(not policy.rungs[0].beside, "beside：第一步不能与别的步骤并行")
    delays = [_roughly(rung) for rung in policy.rungs if rung.anchor == "start"]
    _require(delays == sorted(delays), "从开始算起的步骤必须按时间先后排列")
    unknown = [rung.window for rung in policy.rungs if rung.window and rung.window not in policy.classes]
    _require(not unknown, f"window：windows 里没有 {'、'.join(unknown)}")


def _roughly(rung: Rung) -> int:
    return rung.hours + 24 * (rung.days + rung.workdays)


def _text(body: Mapping[str, Any], key: str, longest: int, *, empty: bool = False) -> str:
    value = body[key]
    fits = isinstance(value, str) and len(value) <= longest and (empty or bool(value.strip()))
    fits = fits and value.isprintable()
    _require(fits, f"{key} 必须是不超过 {longest} 个字的文字" + ("" if empty else "，不能为空"))
    return str(value)


def _number(rung: Rung, name: str, largest: int) -> None:
    value = getattr(rung, name)
    whole = type(value) is int and value >= 0
    _require(whole, f"{rung.name} 的 {name}：时间、次数和费用必须是不小于零的整数")
    twice = "，电话最多两次" if name == "attempts" else ""
    _require(value <= largest, f"{rung.name} 的 {name} 最多 {largest}{twice}")


def _only(body: Mapping[str, Any], known: set[str], where: str, needed: set[str] | None = None) -> None:
    _require(isinstance(body, Mapping), f"{where} 必须是一组键和值")
    missing = (known if needed is None else needed) - body.keys()
    _require(not missing, f"{where} 缺少 {', '.join(sorted(missing))}")
    unknown = body.keys() - known
    _require(not unknown, f"{where} 不认识 {', '.join(sorted(unknown))}")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise PolicyRefused(otherwise)
