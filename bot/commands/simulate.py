"""`simulate`: every rung of a ladder on the real calendar, and why it lies there; nothing is sent."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from bot.commands.common import config_option, json_option, open_desk, print_json, read_settings, unusable
from bot.registry import CHANNELS
from casework.assumptions import AssumptionRefused, Assumptions, read_fates
from casework.ladder import Policy, PolicyRefused
from casework.ladder_form import load_policy, policy_from_toml, policy_names
from casework.simulation import simulate
from casework.workdays import BEIJING, load_calendar
from handlers.people import Unacceptable
from handlers.policies import chosen_policy
from handlers.simulate import assumed_of, foresee, report
from handlers.story_text import STATES
from handlers.tasks import OUTCOMES

_ACTIONS = {
    "send": "发消息",
    "system": "系统",
    "call_employee": "打给本人",
    "call_contact": "打给紧急联系人",
    "paper": "寄纸质件",
    "visit": "上门核实",
    "counsel": "转法务",
    "hr_check": "人事核实",
}


@click.command("simulate")
@click.option("--policy", "name", required=True, help="Name of a ladder, or a TOML file (docs/simulator.md).")
@click.option("--start", required=True, help="When the notice is composed, ISO 8601; Beijing without a zone.")
@click.option("--employee", "employee_no", help="Staff number: the real channels, contact and accident.")
@click.option(
    "--channel", "channels", multiple=True, type=click.Choice(list(CHANNELS)), help="Instead of all."
)
@click.option("--no-contact", is_flag=True, help="Nobody is registered as emergency contact.")
@click.option(
    "--assume", "assumed", multiple=True, metavar="RUNG=WORD[+5d]", help="An outcome; else silence."
)
@click.option(
    "--tasks-take", type=click.FloatRange(0, 999), metavar="HOURS", help="Else until the day's end."
)
@config_option
@json_option
def simulate_command(
    name: str, start: str, employee_no: str | None, channels: tuple[str, ...], no_contact: bool,
    assumed: tuple[str, ...], tasks_take: float | None, config: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Show every step of a ladder on the real calendar, why it lies there, and what is never reached.

    Without --employee it needs no settings and no database. Unless told
    otherwise it assumes silence: messages are accepted, nobody answers the
    telephone, paper is signed for after three days.
    """
    started = _start(start)
    try:
        fates, takes = read_fates(assumed), None if tasks_take is None else timedelta(hours=tasks_take)
        wanted = Assumptions(channels or tuple(CHANNELS), not no_contact, fates, takes)
        told = _told(name, started, employee_no, wanted, config)
    except (AssumptionRefused, Unacceptable) as refused:
        raise unusable(str(refused)) from None
    print_json(told) if as_json else _print(told)


def _told(
    name: str, start: datetime, employee_no: str | None, wanted: Assumptions, config: Path | None
) -> dict[str, Any]:
    if employee_no is None:
        return report(simulate(_policy(name), load_calendar(), start, wanted), wanted)
    desk = open_desk(read_settings(config))
    with desk.archive.reading() as view:
        real = assumed_of(view, employee_no, desk.rules, wanted)
        known = name in desk.rules.policies
        policy = chosen_policy(view, name, desk.rules) if known else _policy(name)
        return report(foresee(view, policy, start, desk.rules, real), real)


def _policy(name: str) -> Policy:
    file = Path(name)
    try:
        if name in policy_names():
            return load_policy(name)
        if file.suffix == ".toml":
            return policy_from_toml(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, PolicyRefused) as fault:
        raise unusable(f"--policy {name}: {fault}") from None
    names = ", ".join(policy_names())
    raise unusable(f"--policy: there is no ladder {name!r}; there are {names}, or name a file.toml")


def _start(written: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise unusable(
            f"--start: {written!r} is no ISO 8601 time; write 2026-02-12T09:00:00+08:00, for instance"
        ) from None
    if moment.year not in range(2000, 2200):
        raise unusable("--start: the year must lie between 2000 and 2199")
    if moment.utcoffset() is None:
        click.echo("--start has no zone: taken as Beijing time (+08:00).", err=True)
        return moment.replace(tzinfo=BEIJING)
    return moment


def _print(told: dict[str, Any]) -> None:
    console, policy, calendar = Console(), told["policy"], told["calendar"]
    cost = f"　费用约 {told['cost_yuan']} 元" if float(told["cost_yuan"]) else ""
    lines = [
        f"{policy['title']}（{policy['name']}，版本 {policy['version'][:12]}）　{told['start_local']} 开始"
    ]
    lines += [f"日历 {calendar['version']}，正式到 {calendar['official_through']}{cost}"]
    lines += [f"可用渠道：{'、'.join(told['channels']) or '无'}"]
    console.print("\n".join(lines), highlight=False, markup=False)
    console.print(_table(told["steps"]))
    unreached = [f"第 {one['rung']} 步“{one['title']}”走不到：{one['why']}" for one in told["unreached"]]
    star = "带 * 的时间是暂定的：那一年的放假安排还没有公布，公布后重算。"
    lines = [
        *unreached,
        f"{told['ends_at_local']}　{told['ended']}",
        *([star] if told["provisional"] else []),
    ]
    console.print("\n".join(lines), highlight=False, markup=False)


def _table(steps: list[dict[str, Any]]) -> Table:
    table = Table(show_lines=True)
    table.add_column("步", justify="right")
    table.add_column("什么时候，做什么", min_width=25)
    table.add_column("为什么是这时", overflow="fold")
    for step in steps:
        table.add_row(f"{step['rung']}", _what(step), escape("\n".join(_reasons(step))))
    return table


def _what(step: dict[str, Any]) -> str:
    channel = f" {step['channel']}" if step["channel"] else ""
    star = " *" if step["provisional"] else ""
    lines = [step["at_local"] + star, _ACTIONS[step["action"]] + channel]
    if step["withdrawn"]:
        return "\n".join([*lines, "未等结果，任务撤回"])
    heard = [f"{step['heard_at_local']} 得知"] if step["heard_at"] else []
    return "\n".join([*lines, f"假定：{_word(step['action'], step['assumed'])}", *heard])


def _word(action: str, word: str) -> str:
    kinds = (action, f"{action}_result")
    titles = {key: title for kind in kinds for key, title in OUTCOMES.get(kind, {}).items()}
    return titles.get(word) or STATES.get(word, "完成")


def _reasons(step: dict[str, Any]) -> list[str]:
    lines, served = [step["why"], *step["days"]], step["serves"]
    if served is None:
        return lines
    if served["due"] is None:
        return [*lines, f"服务于：{served['title']} {served['law']}".rstrip()]
    days, hours = divmod(served["hours_left"], 24)
    left = f"还有 {days} 天 {hours} 小时" if served["hours_left"] >= 0 else "已经过了"
    return [*lines, f"服务于：{served['title']}（{served['law']}），到 {served['due_local']}，{left}"]
