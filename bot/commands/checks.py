"""`migrate`, `check` and `audit`: make ready, look for what is wrong, prove that nothing was changed."""

from pathlib import Path
from typing import Any

import click

from bot.commands.calendar import count_again
from bot.commands.common import config_option, json_option, open_desk, print_json, read_settings, unusable
from bot.commands.doctor import examine
from bot.config import ConfigError
from bot.desk import build_desk
from evidence.errors import UnreadableBundle
from storage.audit import Audit, audit
from storage.ids import SystemIds
from storage.keys import KeyFault
from storage.start import ready_database, ready_keys


@click.command("migrate")
@config_option
def migrate_command(config: Path | None) -> None:
    """Bring the database up to date; the first run also makes the key file and starts the evidence log.

    Back up the key file (settings: keys.file) apart from the database: without it nothing can be opened.
    """
    settings = read_settings(config)
    try:
        ready_keys(settings.keys.file, SystemIds().bytes(32))
        desk = build_desk(settings)
        url = settings.database.url.get_secret_value()
        started = ready_database(url, desk.archive, settings.evidence.origin)
    except (ConfigError, KeyFault) as error:
        raise unusable(str(error)) from None
    count_again(desk, "system:migrate")  # a release may bring a newer calendar
    click.echo("The database is up to date" + ("; the evidence log was started." if started else "."))


@click.command("check")
@config_option
@json_option
def check_command(config: Path | None, as_json: bool) -> None:
    """Look at settings, channels, database, keys, clock, disk, calendar and name clashes.

    Each line names what was looked at, and the remedy where something is wrong.
    """
    settings = read_settings(config)
    desk = open_desk(settings)
    findings = examine(settings, desk)
    wrong = [one for one in findings if not one.right]
    if as_json:
        print_json({"ok": not wrong, "checks": [vars(one) for one in findings]})
    else:
        for one in findings:
            click.echo(f"{'ok  ' if one.right else 'WRONG'}  {one.what}: {one.said}")
    if wrong:
        raise SystemExit(1)


@click.command("audit")
@click.option(
    "--against",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A bundle exported earlier: finds a log that was made anew as a whole.",
)
@config_option
@json_option
def audit_command(config: Path | None, against: Path | None, as_json: bool) -> None:
    """Recompute the whole evidence log and hold every table against it."""
    desk = open_desk(read_settings(config))
    try:
        with desk.archive.reading() as view:
            found = audit(view, against)
    except UnreadableBundle as error:
        raise unusable(f"--against {against}: {error}") from None
    if as_json:
        print_json(_as_json(found))
    else:
        _print(found)
    if not found.sound:
        raise SystemExit(1)


def _as_json(found: Audit) -> dict[str, Any]:
    return {
        "ok": found.sound,
        "origin": found.origin,
        "size": found.size,
        "root": found.root,
        "findings": [one.to_json() for one in found.findings],
    }


def _print(found: Audit) -> None:
    click.echo(f"{found.origin}  {found.size} records  root {found.root[:16]}…")
    for one in found.findings:
        click.echo(f"  {one.code}  {one.record or '-'}  {one.text()}")
    click.echo("sound: nothing was changed" if found.sound else f"NOT SOUND: {len(found.findings)} findings")
