"""`verify`: check a bundle without us."""

from pathlib import Path

import click

from bot.commands.common import json_option, print_json, unusable
from evidence.errors import PolicyError, UnreadableBundle
from evidence.printing import printed
from evidence.verify import verify_file


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--policy",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Whom you trust: log keys, witnesses, time-stamp roots (C2SP tlog-policy).",
)
@json_option
def verify_command(file: Path, policy: Path | None, as_json: bool) -> None:
    """Check a bundle; needs no database and no settings.

    Exit 0: all that was asked holds. 1: it does not. 2: the file cannot be read as a bundle.
    """
    try:
        report = verify_file(file, policy)
    except UnreadableBundle as error:
        raise unusable(f"{file}: {error}") from None
    except PolicyError as error:
        raise unusable(f"{policy}: {error}") from None
    if as_json:
        print_json(report.to_json())
    else:
        click.echo(printed(report))
    if not report.verified:
        raise SystemExit(1)
