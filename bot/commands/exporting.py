"""`export`: take a case's evidence away."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from bot.commands.common import config_option, json_option, open_desk, print_json, read_settings, refusals
from handlers.access import EXPORT, RIGHTS
from handlers.desk import Desk
from handlers.export.gather import Progress
from handlers.export.views import FULL, VIEWS
from handlers.export_evidence import export_case, make_assessment
from handlers.people import Unacceptable
from storage.access import user_by_login

STAGES = {
    "anchor": "asking the outside services, signing",
    "read": "reading records",
    "proofs": "proofs",
    "papers": "exhibits",
    "certificates": "certificates",
    "write": "writing",
}


@click.command("export")
@click.argument("case_no", metavar="CASE")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, *.zip.",
)
@click.option("--at", type=click.IntRange(min=0), metavar="SIZE", help="Repeat the checkpoint of this size.")
@click.option(
    "--view",
    type=click.Choice(VIEWS),
    default=FULL,
    show_default=True,
    help="full for the tribunal, minimised for the other side.",
)
@click.option(
    "--font",
    "fonts",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Font file or folder with rare characters; may be repeated.",
)
@click.option("--by", "login", help="Login of the person who takes it out; named in the system statement.")
@click.option(
    "--assessment",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.pdf",
    help="Write counsel's own assessment of the service here too; it is in no bundle. Do not hand it out.",
)
@config_option
@json_option
def export_command(
    case_no: str,
    target: Path,
    at: int | None,
    view: str,
    fonts: tuple[Path, ...],
    login: str | None,
    assessment: Path | None,
    config: Path | None,
    as_json: bool,
) -> None:
    """Write counsel's bundle of one case. The export itself becomes a record of the case."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable, OSError), _bar() as tell:
        actor = f"user:{_user_id(desk, login)}" if login else "system:export"
        done = export_case(
            desk, case_no, actor, target, at=at, view=view, progress=tell, fonts=fonts, account=getuser()
        )
        if assessment is not None:
            _keep(assessment, make_assessment(desk, case_no, fonts))
    if as_json:
        print_json({**vars(done), "path": str(done.path)})
    else:
        click.echo(f"{done.path}  {done.number}  {done.records} records of a log of {done.size}")
        click.echo(f"sha256 {done.sha256}")


def _user_id(desk: Desk, login: str) -> str:
    with desk.archive.reading() as view:
        user = user_by_login(view.connection, login)
    if user is None or not user.active or EXPORT not in RIGHTS.get(user.role, ()):
        raise Unacceptable("by", f"没有可以导出的用户 {login}：请核对账户、是否停用和角色")
    return user.id


def _keep(target: Path, data: bytes) -> None:
    """Write a file that only its owner can read."""
    target.unlink(missing_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


@contextmanager
def _bar() -> Iterator[Progress]:
    """Show on a terminal's standard error how far it is; show nothing anywhere else."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=None)

        def tell(stage: str, done: int, total: int) -> None:
            known = total if total > 1 else None  # a step whose length nobody knows
            bar.update(task, description=STAGES.get(stage, stage), completed=done, total=known)

        yield tell
