"""A ladder as people read and edit it: the TOML form, with what each part means beside it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from casework.ladder import Policy
from casework.ladder_form import policy_body

_SAYS = {
    "action": "send 发消息，call 打电话，paper 寄纸质件，visit 两人上门，counsel 转法务，hr_check 人事看一下",
    "anchor": "从什么时候算：start 开始，previous 上一步，signature 签收，return 退回或拒收",
    "channel_rule": "preferred 首选渠道，next 还没有用过的渠道",
    "attempts": "打几次，最多两次",
    "watch_days": "寄出几天没有消息，请人查",
    "callee": "employee 只打给本人",
    "beside": "后面的步骤不等它办完",
    "serves": "服务于哪个期限",
    "cost_fen": "估计的费用，单位：分",
}
_EMPTY: tuple[object, ...] = (0, "", {}, False)


def toml_of(policy: Policy) -> str:
    """Return a policy as TOML that reads back as the same policy."""
    return "\n".join(_lines(policy_body(policy))) + "\n"


def _lines(body: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {body['title']}：改好以后先用 huizheng policy check 检查，再用 policy save 保存。"
    yield from (f"{name} = {_value(body[name])}" for name in ("name", "title", "stops") if name in body)
    for name, window in body["windows"].items():
        yield from ("", f"[windows.{name}]", *(f"{key} = {_value(value)}" for key, value in window.items()))
    said: set[str] = set()
    for rung in body["rungs"]:
        yield from ("", "[[rungs]]", *_rung(rung, said))


def _rung(rung: Mapping[str, Any], said: set[str]) -> Iterator[str]:
    for name, value in rung.items():
        if name in ("scripts", "attempts") or value in _EMPTY:
            continue
        yield f"{name} = {_value(value)}{_comment(name, said)}"
    if rung["action"] == "call":
        yield f"attempts = {rung['attempts']}{_comment('attempts', said)}"
    if rung["scripts"]:
        yield from ("", "[rungs.scripts]")
        yield from (f"{name} = {_value(script)}" for name, script in rung["scripts"].items())


def _comment(name: str, said: set[str]) -> str:
    """Explain a key where it stands for the first time."""
    if name in said or name not in _SAYS:
        return ""
    said.add(name)
    return f"  # {_SAYS[name]}"


def _value(value: object) -> str:
    """Write a text, number, switch or list as TOML does, which for these is as JSON does."""
    return json.dumps(value, ensure_ascii=False)
