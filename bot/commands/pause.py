"""`pause` and `resume`: the emergency stop from the command line."""

from pathlib import Path

import click

from bot.commands.common import config_option, json_option, open_desk, print_json, read_settings, refusals
from handlers.pause import pause_sending, resume_sending
from handlers.people import Unacceptable
from storage.pauses import EVERYTHING, standing_pauses, under_way
from storage.rows import timestamp

ACTOR = "system:command-line"
_why = click.option("--why", required=True, help="The reason; it is sealed in the evidence log.")
_channel = click.option("--channel", help="Only this kind of channel, as in [channels.<name>.…].")


@click.command("pause")
@_channel
@_why
@config_option
@json_option
def pause_command(channel: str | None, why: str, config: Path | None, as_json: bool) -> None:
    """Emergency stop: when this returns, no new message leaves until `huizheng resume`.

    Clocks run on, deadlines are counted, webhooks are taken in, and what people
    do themselves (calls, letters, visits) stays on their lists. A message that a
    gateway was being handed at that moment may still arrive; how many is printed.
    """
    desk, scope = open_desk(read_settings(config)), channel or EVERYTHING
    with refusals(Unacceptable), desk.archive.writing() as book:
        new = pause_sending(book, scope, why, ACTOR, {name for name, _ in desk.channels})
    with desk.archive.reading() as view:
        going = under_way(view.connection, scope, desk.archive.clock.real())
    if as_json:
        print_json({"paused": channel or "everything", "new": new, "under_way": going})
        return
    click.echo(f"{'paused' if new else 'paused already'}: {channel or 'everything'}")
    if going:
        click.echo(f"{going} messages were already at a gateway; they may still arrive")


@click.command("resume")
@_channel
@_why
@config_option
@json_option
def resume_command(channel: str | None, why: str, config: Path | None, as_json: bool) -> None:
    """Lift the stop of one channel, or without --channel every stop; what was held goes in its order."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable), desk.archive.writing() as book:
        lifted = resume_sending(book, channel, why, ACTOR)
    with desk.archive.reading() as view:
        left = standing_pauses(view.connection)
    if as_json:
        print_json({
            "resumed": [one.scope or "everything" for one in lifted],
            "still_paused": [one.scope or "everything" for one in left],
        })  # fmt: skip
        return
    for one in lifted:
        click.echo(f"resumed: {one.scope or 'everything'}, paused since {timestamp(one.set_at)}")
    for one in left:
        click.echo(f"still paused: {one.scope or 'everything'}, since {timestamp(one.set_at)} ({one.why})")
    if not lifted:
        click.echo("nothing was paused" if not left else "nothing of that name was paused")
