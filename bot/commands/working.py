"""`worker`: only a worker; it loads nothing of the web, so that one that died is soon replaced."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import click

from bot.commands.common import config_option, open_desk, read_settings
from bot.commands.roles import Role, sqlite_host
from handlers.desk import Desk
from handlers.restored import notice_restore
from handlers.vouching import SignerFault
from scheduler.running import run_until_told
from scheduler.who import Worker


@click.command("worker")
@click.option("--pace", default=1.0, hidden=True, help="Multiplies every interval; for demonstrations.")
@click.option("--child-of", type=int, hidden=True, help="End when this process, the parent, is gone.")
@config_option
def worker_command(config: Path | None, pace: float, child_of: int | None) -> None:
    """Run only a worker.

    Any number may run against one PostgreSQL, on any number of machines; a
    SQLite file serves the workers of one machine. SIGTERM drains: nothing new is
    claimed, and the message under way is finished. Exit code 1 means that the
    supervisor should start it again.
    """
    desk = open_desk(read_settings(config))
    role = sqlite_host(desk.archive)
    if role is not None:
        role.take()
    look_back(desk)
    name = f"{socket.gethostname()}/{os.getpid()}"
    worker = Worker(desk, name, fail_point(os.environ.get("HUIZHENG_FAIL", "")), pace)
    sys.exit(run_until_told(worker, lambda: _may_stay(role, child_of)))


def _may_stay(role: Role | None, parent: int | None) -> bool:
    return (parent is None or os.getppid() == parent) and (role is None or role.still_ours())


def fail_point(wanted: str) -> Callable[[str], None]:
    """Return a fail-point that kills this process the hard way where HUIZHENG_FAIL says; for crash tests."""

    def reached(name: str) -> None:
        if name == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def look_back(desk: Desk) -> None:
    """Halt the log at once where the signer has seen more of it; one that is not there yet is asked later."""
    try:
        why = notice_restore(desk)
    except SignerFault:
        return
    if why is not None:
        click.echo(f"The evidence log is halted: {why}", err=True)
