"""`export` and `verify`: take a case's evidence away, and check a bundle without us."""

from pathlib import Path

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
from evidence.errors import UnreadableBundle
from evidence.printing import printed
from evidence.verify import verify_file
from handlers.export_evidence import export_case
from handlers.people import Unacceptable


@click.command("export")
@click.argument("case_no", metavar="CASE")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, *.zip.",
)
@config_option
@json_option
def export_command(case_no: str, target: Path, config: Path | None, as_json: bool) -> None:
    """Write counsel's bundle of one case. The export itself becomes a record of the case."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable, OSError):
        done = export_case(desk.archive, case_no, "system:export", target)
    if as_json:
        print_json({**vars(done), "path": str(done.path)})
    else:
        click.echo(f"{done.path}  {done.records} records of a log of {done.size}  sha256 {done.sha256}")


@click.command("verify")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def verify_command(file: Path, as_json: bool) -> None:
    """Check a bundle; needs no database and no settings.

    Exit 0: all that was asked holds. 1: it does not. 2: the file cannot be read as a bundle.
    """
    try:
        report = verify_file(file)
    except UnreadableBundle as error:
        raise unusable(f"{file}: {error}") from None
    if as_json:
        print_json(report.to_json())
    else:
        click.echo(printed(report))
    if not report.verified:
        raise SystemExit(1)
