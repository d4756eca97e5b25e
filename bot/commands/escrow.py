"""`keys escrow`, `keys rehearse` and `keys restore`: the deployment key in the hands of two holders."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import segno

from bot.commands.common import config_option, open_desk, read_settings, refusals
from bot.commands.keys import keys_group
from handlers import escrow
from storage.keys import KeyFault, make_keys
from storage.shares import Share, joined, read_share, write_private, write_share

_FILE = click.Path(path_type=Path, dir_okay=False)


def _two(option: str, said: str) -> Callable[[Any], Any]:
    """Return an option that must be given exactly twice."""

    def must_be_two(_: click.Context, __: click.Parameter, value: tuple[Path, ...]) -> tuple[Path, ...]:
        if len(set(value)) != 2 or len(value) != 2:
            raise click.BadParameter(f"give {option} twice, once for each holder's file")
        return value

    return click.option(option, "files", multiple=True, type=_FILE, callback=must_be_two, help=said)


@keys_group.command("escrow")
@_two("--to", "New file for a holder's share; give it twice.")
@config_option
def escrow_command(files: tuple[Path, Path], config: Path | None) -> None:
    """Split the deployment key into two shares; only both together give it back.

    Beside each file a printable sheet NAME.txt is written, with a code to scan
    and lines to type. Hand each share to another person, keep none of them
    here, then run `huizheng keys rehearse`.
    """
    desk = open_desk(read_settings(config))
    with refusals(KeyFault):
        shares = escrow.escrow(desk.archive)
        for path, share in zip(files, shares, strict=True):
            write_share(path, share)
            write_private(path.with_name(path.name + ".txt"), sheet(share))
        escrow.escrowed(desk.archive, shares)
    click.echo(
        f"key {shares[0].key_id} is in {files[0]} and {files[1]}: hand them over, then remove them here"
    )


@keys_group.command("rehearse")
@_two("--from", "A holder's share; give it twice.")
@config_option
def rehearse_command(files: tuple[Path, Path], config: Path | None) -> None:
    """Put the key together from both shares, in memory only, and compare it with the one in use."""
    desk = open_desk(read_settings(config))
    with refusals(KeyFault):
        escrow.rehearse(desk.archive, *map(read_share, files))
    click.echo("the shares give the key in use")


@keys_group.command("restore")
@_two("--from", "A holder's share; give it twice.")
@config_option
def restore_command(files: tuple[Path, Path], config: Path | None) -> None:
    """Write the key file anew from both shares; never over one that is there."""
    path = read_settings(config).keys.file
    with refusals(KeyFault):
        keys = joined(*map(read_share, files))
        if path.exists():
            raise KeyFault(
                f"{path} is there already and is not replaced: move it away first if it is damaged"
            )
        make_keys(path, keys.secret)
    click.echo(f"key {keys.key_id} was written to {path}")


def sheet(share: Share) -> str:
    """Return a share's sheet for printing: what it is, its lines, and the code to scan."""
    head = [
        "回证 Huizheng：部署密钥的一半／one half of the deployment key",
        "与另一位保管人的一半合在一起才能打开数据。请打印后分开保管，并删除电子文件。",
        "It opens the data only together with the other holder's half. Print it, keep it apart,",
        "delete the file.",
    ]
    matrix = segno.make(share.to_json(), error="m").matrix_iter(border=4)
    code = ["".join("██" if dark else "  " for dark in row) for row in matrix]
    return "\n".join([*head, "", *share.lines(), "", *code, ""])
