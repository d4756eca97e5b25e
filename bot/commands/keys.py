"""`keys rotate`: give the log a new signing key, in view of everybody who holds the old one."""

from pathlib import Path

import click

from bot.commands.common import config_option, json_option, open_desk, print_json, read_settings, refusals
from handlers.checkpoints import rotate_key
from handlers.vouching import SignerFault


@click.group("keys")
def keys_group() -> None:
    """The keys of this deployment: who signs the log, and what opens the database."""


@keys_group.command("rotate")
@config_option
@json_option
def rotate_command(config: Path | None, as_json: bool) -> None:
    """Let the signer make a new key; one checkpoint bears both signatures, then the old key is destroyed.

    When it was interrupted, run it again: it goes on where it stopped.
    """
    desk = open_desk(read_settings(config))
    with refusals(SignerFault):
        old, new, note = rotate_key(desk)
    if as_json:
        print_json({"old": old, "new": new, "note": note.decode()})
    else:
        click.echo(f"old  {old}\nnew  {new}\n\n{note.decode()}", nl=False)
