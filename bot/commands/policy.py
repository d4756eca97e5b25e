"""`policy`: look at the ladders, check and save an edited one, and move a running case over to it."""

import os
from pathlib import Path
from typing import Any

import click

from bot.commands.common import (
    config_option,
    json_option,
    open_desk,
    print_json,
    read_settings,
    refusals,
    unusable,
)
from casework.escalation import (
    Policy,
    PolicyRefused,
    load_policy,
    policy_body,
    policy_from_body,
    policy_names,
)
from casework.ladder_dangers import refuse_dangerous
from casework.ladder_form import policy_from_toml
from casework.ladder_text import toml_of
from handlers.desk import Desk
from handlers.move_plan import move_plan
from handlers.people import Unacceptable
from handlers.policies import choose, chosen_policy, save_policy, version_of
from storage import cases, ladders, policies
from storage.rows import timestamp

ACTOR = "system:command-line"
SHORT = 12  # characters of a version that are shown
_file = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.group("policy")
def policy_group() -> None:
    """Ladders: what a notice does while nobody answers (docs/ladders.md)."""


@policy_group.command("list")
@config_option
@json_option
def list_command(config: Path | None, as_json: bool) -> None:
    """Name every ladder, the version that new notices begin with, and the versions that are kept."""
    desk = open_desk(read_settings(config))
    with desk.archive.reading() as view:
        kept = policies.versions(view.connection)
        begun = {name: version_of(chosen_policy(view, name, desk.rules)) for name in desk.rules.policies}
    told = [_listed(desk, name, begun[name], kept) for name in sorted(begun)]
    if as_json:
        print_json(told)
        return
    for one in told:
        click.echo(f"{one['name']}　{one['title']}　新通知用 {one['version'][:SHORT]}")
        for version in one["versions"]:
            click.echo(f"  {version['id'][:SHORT]}　{version['saved']}　未结束的 {version['running']} 个")


@policy_group.command("show")
@click.argument("name", type=click.Choice(policy_names()))
@click.option("--version", help="A kept version, or the beginning of its number; else the one in use.")
@config_option
@json_option
def show_command(name: str, version: str | None, config: Path | None, as_json: bool) -> None:
    """Print a ladder in its TOML form: save it to a file, edit it, `policy check` it, `policy save` it.

    Without settings the packaged ladder is shown.
    """
    packaged = version is None and config is None and "HUIZHENG_CONFIG" not in os.environ
    policy = load_policy(name) if packaged else _in_use(name, version, config)
    print_json(policy_body(policy)) if as_json else click.echo(toml_of(policy), nl=False)


@policy_group.command("check")
@_file
def check_command(file: Path) -> None:
    """Say whether FILE.toml is a ladder that may be used; needs no settings."""
    policy = _read(file)
    with refusals(PolicyRefused):
        refuse_dangerous(policy)
    click.echo(f"“{policy.title}”（{policy.name}）可以用，版本 {version_of(policy)[:SHORT]}")


@policy_group.command("save")
@_file
@config_option
@json_option
def save_command(file: Path, config: Path | None, as_json: bool) -> None:
    """Keep the ladder in FILE.toml and let new notices begin with it.

    What runs keeps the version it began with, until `policy move`.
    """
    policy, desk = _read(file), open_desk(read_settings(config))
    with refusals(PolicyRefused), desk.archive.writing() as book:
        version = save_policy(book, policy_body(policy), ACTOR)
        choose(book, policy.name, version, desk.rules, ACTOR)
    if as_json:
        print_json({"name": policy.name, "version": version})
        return
    click.echo(f"“{policy.title}”的新通知从现在起用版本 {version[:SHORT]}；已经开始的不变")


@policy_group.command("choose")
@click.argument("name", type=click.Choice(policy_names()))
@click.argument("version")
@config_option
def choose_command(name: str, version: str, config: Path | None) -> None:
    """Let new notices begin with a kept VERSION of a ladder, an earlier one for instance."""
    desk = open_desk(read_settings(config))
    with refusals(PolicyRefused), desk.archive.writing() as book:
        choose(book, name, version, desk.rules, ACTOR)
    click.echo(f"{name}：新通知用版本 {version[:SHORT]}")


@policy_group.command("move")
@click.argument("case_no")
@click.argument("version")
@click.option("--why", required=True, help="The reason; it is sealed in the evidence log.")
@config_option
@json_option
def move_command(case_no: str, version: str, why: str, config: Path | None, as_json: bool) -> None:
    """Let the ladders of a case that have not ended go on with a kept VERSION; the next step is recounted."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable):
        moved = _moved(desk, case_no, version, why)
    if as_json:
        print_json({"case_no": case_no, "moved": moved})
        return
    click.echo(f"案件 {case_no}：{moved} 个阶梯改用版本 {version[:SHORT]}")


def _moved(desk: Desk, case_no: str, version: str, why: str) -> int:
    with desk.archive.writing() as book:
        case = cases.case_by_no(book.connection, case_no)
        wanted = policies.version_by_id(book.connection, version)
        if case is None or wanted is None:
            missing = f"案件 {case_no}" if case is None else f"版本 {version}"
            raise Unacceptable("case_no", f"没有{missing}，请核对编号")
        running = ladders.unended_plans(book.connection, [case.id])
        named = {one.id: one.name for one in policies.versions(book.connection)}
        mine = [one for one in running if named[one.policy_id] == wanted.name and one.policy_id != wanted.id]
        for plan in mine:
            move_plan(book, plan.id, wanted.id, why, ACTOR, desk.rules)
    return len(mine)


def _listed(desk: Desk, name: str, version: str, kept: list[policies.Version]) -> dict[str, Any]:
    versions = [
        {"id": one.id, "saved": timestamp(one.saved) if one.saved else "", "running": one.running}
        for one in kept
        if one.name == name
    ]
    title = desk.rules.policies[name].title
    return {"name": name, "title": title, "version": version, "versions": versions}


def _in_use(name: str, version: str | None, config: Path | None) -> Policy:
    desk = open_desk(read_settings(config))
    with desk.archive.reading() as view:
        if version is None:
            return chosen_policy(view, name, desk.rules)
        found = policies.version_by_id(view.connection, version)
    if found is None or found.name != name:
        raise unusable(f"--version: “{name}”没有版本 {version}；用 policy list 查看")
    return policy_from_body(found.body)


def _read(file: Path) -> Policy:
    try:
        return policy_from_toml(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, PolicyRefused) as fault:
        raise unusable(f"{file}: {fault}") from None
