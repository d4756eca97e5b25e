"""`erase` and `hold`: personal data goes when two people say so, and stays while a dispute is on."""

from pathlib import Path

import click

from bot.commands.common import config_option, json_option, open_desk, print_json, read_settings, refusals
from handlers import erase, hold
from handlers.desk import Desk
from handlers.people import Unacceptable
from storage import cases
from storage.access import User, user_by_login
from storage.erasure import erasures
from storage.holds import standing_holds
from storage.rows import timestamp

_by = click.option("--by", "login", required=True, help="Login of the person who decides this.")
_why = click.option("--why", required=True, help="The reason; it is kept encrypted.")


@click.group("erase")
def erase_group() -> None:
    """Erase personal data: one person asks, another one approves; nothing brings it back."""


@erase_group.command("ask")
@click.argument("case_no", metavar="CASE", required=False)
@click.option("--employee", "employee_no", help="Instead of a case: an employee whose cases are all erased.")
@click.option("--record", "records", multiple=True, help="Only this record of the case; may be repeated.")
@click.option("--ground", required=True, type=click.Choice(list(erase.GROUNDS)), help="Ground of PIPL 47.")
@click.option("--level", default=1, show_default=True, type=click.IntRange(1, 3), help="See docs/erasure.md.")
@_why
@_by
@config_option
def ask_command(
    case_no: str | None, employee_no: str | None, records: tuple[str, ...], ground: str, level: int, why: str,
    login: str, config: Path | None,
) -> None:  # fmt: skip
    """Ask that CASE be erased; prints the id under which somebody else approves it."""
    desk = open_desk(read_settings(config))
    wish = erase.Wish(ground, why, level, case_no, employee_no, records)
    with refusals(Unacceptable), desk.archive.writing() as book:
        click.echo(erase.ask(book, wish, _user(desk, login)))


@erase_group.command("approve")
@click.argument("erasure_id", metavar="ID")
@_by
@config_option
@json_option
def approve_command(erasure_id: str, login: str, config: Path | None, as_json: bool) -> None:
    """Approve what somebody else asked for: it is erased at once."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable):
        done = erase.approve(desk.archive, desk.data_dir, erasure_id, _user(desk, login))
    if as_json:
        print_json(vars(done))
    else:
        click.echo(f"erased: {done.records} records, {done.blobs} contents; record {done.record}")


@erase_group.command("refuse")
@click.argument("erasure_id", metavar="ID")
@_why
@_by
@config_option
def refuse_command(erasure_id: str, why: str, login: str, config: Path | None) -> None:
    """Refuse what somebody asked for; everything stays."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable), desk.archive.writing() as book:
        erase.refuse(book, erasure_id, why, _user(desk, login))
    click.echo("refused")


@erase_group.command("list")
@config_option
@json_option
def erasures_command(config: Path | None, as_json: bool) -> None:
    """List what was asked, erased and refused."""
    desk = open_desk(read_settings(config))
    with desk.archive.reading() as view:
        found = [{**vars(one), "asked_at": timestamp(one.asked_at)} for one in erasures(view.connection)]
    for one in found:
        one["done_at"] = one["done_at"] and timestamp(one["done_at"])
    if as_json:
        print_json(found)
        return
    for one in found:
        click.echo(
            f"{one['id']}  {one['state']}  level {one['level']}  {one['ground']}  {one['case_id'] or '-'}"
        )


@click.group("hold")
def hold_group() -> None:
    """Put a case on hold for a dispute: nothing of it is erased until the hold is lifted."""


@hold_group.command("set")
@click.argument("case_no", metavar="CASE")
@click.option("--ground", required=True, type=click.Choice(list(hold.GROUNDS)), help="Kind of dispute.")
@_why
@_by
@config_option
def set_command(case_no: str, ground: str, why: str, login: str, config: Path | None) -> None:
    """Put CASE on hold; prints the hold's id."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable), desk.archive.writing() as book:
        click.echo(hold.set_hold(book, case_no, ground, why, _user(desk, login)))


@hold_group.command("lift")
@click.argument("hold_id", metavar="ID")
@_why
@_by
@config_option
def lift_command(hold_id: str, why: str, login: str, config: Path | None) -> None:
    """Lift a hold."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable), desk.archive.writing() as book:
        hold.lift_hold(book, hold_id, why, _user(desk, login))
    click.echo("lifted")


@hold_group.command("list")
@config_option
def holds_command(config: Path | None) -> None:
    """List the holds that stand."""
    desk = open_desk(read_settings(config))
    with desk.archive.reading() as view:
        for one in standing_holds(view.connection):
            case = cases.case_by_id(view.connection, one.case_id)
            click.echo(f"{one.id}  {case.case_no}  {one.ground}  since {timestamp(one.set_at)}")


def _user(desk: Desk, login: str) -> User:
    with desk.archive.reading() as view:
        user = user_by_login(view.connection, login)
    if user is None or not user.active:
        raise Unacceptable("user", f"没有用户 {login}，或已停用")
    return user
