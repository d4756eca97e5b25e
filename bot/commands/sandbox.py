"""`sandbox`: the whole product on this machine, with pretend gateways and three live cases."""

import signal
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import click
from rich.console import Console

from bot.commands.demonstration import Demonstration, demonstration
from bot.commands.outsiders import POLICY
from bot.commands.story import StoryStuck, Teller, Told
from handlers.access import make_login_link
from storage.access import user_by_login


@click.command("sandbox")
@click.option("--once", is_flag=True, help="Play the story to its end, print the verified export, exit.")
@click.option(
    "--port", default=8460, show_default=True, help="First port to try; the gateways take the next."
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to keep; an existing demonstration there goes on. Default: a new one below var/.",
)
def sandbox_command(once: bool, port: int, data: Path | None) -> None:
    """Play an injured worker's story on a fast clock, then keep serving it to look at.

    Nothing leaves this machine: WeChat and SMS are pretended on the next port,
    speaking the vendors' own protocols.
    """
    console = Console(highlight=False, soft_wrap=True)
    folder = data or Path("var") / f"sandbox-{datetime.now(UTC):%Y%m%d-%H%M%S}"
    stay = not once and sys.stdout.isatty()
    signal.signal(signal.SIGTERM, _end_in_order)
    try:
        with demonstration(folder.absolute(), port) as stage:
            told = _tell(stage, console) if stage.fresh else None
            _links(stage, console)
            if told is not None:
                _result(told, console)
            if stay:
                _serve(console)
    except (StoryStuck, OSError) as error:
        raise click.ClickException(str(error)) from None
    if told is not None and not told.verified:
        raise SystemExit(1)


def _end_in_order(number: int, _: FrameType | None) -> None:
    """Leave as Ctrl-C does, so that no child process is left behind."""
    raise SystemExit(128 + number)


def _tell(stage: Demonstration, console: Console) -> Told:
    teller = Teller(stage, console)
    console.print("\n[bold]回证 沙箱[/bold]　所有消息只发往本机的模拟网关，不会触达任何真人。\n")
    teller.seed()
    told = teller.play()
    console.print("\n[bold]张伟一案的时间线[/bold]")
    console.print(teller.timeline(), markup=False)
    console.print(told.report, markup=False)
    return told


def _links(stage: Demonstration, console: Console) -> None:
    with stage.desk.archive.writing() as book:
        user = user_by_login(book.connection, "lina")
        secret = make_login_link(book, user.id) if user else ""
    console.print("\n[bold]打开看看[/bold]")
    console.print(f"  控制台（一次性登录）  {stage.web_url}/sign-in/{secret}")
    console.print(f"  张伟的手机            {stage.gateways_url}/phone")
    console.print(f"  接口文档              {stage.web_url}/api/docs")


def _result(told: Told, console: Console) -> None:
    count = told.exported.records
    console.print(f"\n证据链 {count}/{count}　导出：{told.exported.path}")
    policy = told.exported.path.parent / POLICY
    if policy.exists():
        console.print(f"按自己的信任策略核验：huizheng verify {told.exported.path} --policy {policy}")
    console.print(
        "verified" if told.verified else "NOT verified", style="bold green" if told.verified else "bold red"
    )


def _serve(console: Console) -> None:
    console.print("\n一直在运行；按 Ctrl-C 结束。")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        console.print("已结束。")
