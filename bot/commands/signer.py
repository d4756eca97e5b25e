"""`signer` and `epoch start`: the process that signs the log, and what to do after a restore."""

from pathlib import Path

import click

from bot.anchors.signer import socket_path
from bot.commands.common import config_option, json_option, open_desk, print_json, read_settings, refusals
from bot.commands.signer_child import signer_dir
from handlers.checkpoints import sign_now
from handlers.epoch import Started, start_epoch
from handlers.people import Unacceptable
from handlers.vouching import SignerFault
from scheduler.signer.files import Refusal

CONFIRM = (
    "This ends the present epoch of the evidence log for ever, pauses every running reminder and opens a task"
    " for each of their cases. Go on?"
)


@click.command("signer")
@click.option("--group", help="A group whose members may ask it too, where it runs as a user of its own.")
@click.option("--every", default=2.0, show_default=True, help="Seconds between two looks at the log.")
@config_option
def signer_command(group: str | None, every: float, config: Path | None) -> None:
    """Run the signer: it reads the log itself and signs only what continues it.

    It needs database.url (a user who may only read is enough) and
    evidence.origin, never the deployment key. docs/signer.md says how to run it
    as another user or on another machine.
    """
    from scheduler.signer.run import Place, run  # needs a Unix; the other commands run elsewhere too

    settings = read_settings(config)
    url = settings.database.url.get_secret_value()
    listens = socket_path(settings.evidence)
    with refusals(Refusal):
        run(Place(url, settings.evidence.origin, signer_dir(settings), listens, group, every))


@click.group("epoch")
def epoch_group() -> None:
    """What to do with the evidence log after a restore from an older backup."""


@epoch_group.command("start")
@click.option("--reason", required=True, help="What happened; it stands in the log's first record.")
@click.option(
    "--note", type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A signed checkpoint that somebody outside still holds, from a mail or a bundle.",
)  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
@json_option
def epoch_start_command(
    reason: str, note: Path | None, yes: bool, config: Path | None, as_json: bool
) -> None:
    """Begin a new epoch of the evidence log, which names the old one and what is lost of it."""
    desk = open_desk(read_settings(config))
    if not yes:
        click.confirm(CONFIRM, abort=True)
    with refusals(Unacceptable, SignerFault, ValueError):
        started = start_epoch(desk, reason, note.read_bytes() if note else None, "system:command-line")
    if as_json:
        print_json(vars(started))
    else:
        _tell(started)
    try:
        sign_now(desk)
    except SignerFault as fault:
        click.echo(f"The new epoch is not signed yet: {fault}", err=True)


def _tell(started: Started) -> None:
    lost = (
        f"records {started.lost[0]} to {started.lost[1] - 1} are lost"
        if started.lost
        else "none is known lost"
    )
    click.echo(f"{started.before} ended with {started.size} records; {lost}")
    if started.replaced:
        first, end = started.replaced
        click.echo(f"between records {first} and {end - 1} others stand now than those that were signed")
    click.echo(f"{started.origin} has begun; {started.paused} plans are paused until a person resumes them")
