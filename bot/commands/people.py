"""`login-link` and `token`: let a person or a program in."""

from pathlib import Path

import click

from bot.commands.common import config_option, open_desk, read_settings, refusals
from handlers.access import make_api_token, make_login_link
from handlers.people import ROLES, Unacceptable, save_user

SCOPES = ("read", "write", "tasks", "personal", "export")


@click.command("login-link")
@click.argument("login")
@click.option("--name", help="Name of a new user, as it stands in records.")
@click.option("--role", type=click.Choice(ROLES), default="hr", show_default=True, help="Role of a new user.")
@config_option
def login_link_command(login: str, name: str | None, role: str, config: Path | None) -> None:
    """Print a link that signs LOGIN in once, within twelve hours; makes the user if there is none."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable), desk.archive.writing() as book:
        user_id = save_user(book, login, name or login, role, "system:command-line")
        secret = make_login_link(book, user_id)
    click.echo(f"{desk.public_url}/sign-in/{secret}")


@click.command("token")
@click.argument("name")
@click.option("--scopes", default="read", show_default=True, help=f"Comma list of {', '.join(SCOPES)}.")
@click.option("--role", type=click.Choice(ROLES), default="hr", show_default=True, help="Role it acts in.")
@config_option
def token_command(name: str, scopes: str, role: str, config: Path | None) -> None:
    """Print a new API token for the program NAME. It is shown once; only its hash is kept."""
    wanted = [one.strip() for one in scopes.split(",") if one.strip()]
    unknown = sorted(set(wanted) - set(SCOPES))
    if unknown or not wanted:
        raise click.UsageError(f"--scopes must be a comma list of {', '.join(SCOPES)}")
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable), desk.archive.writing() as book:
        user_id = save_user(book, f"api:{name}", name, role, "system:command-line")
        click.echo(make_api_token(book, user_id, name, wanted))
