"""What the commands share: reading settings, and ending with one sentence when something is wrong."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bot.config import ConfigError, Settings, load
from bot.desk import build_desk
from handlers.desk import Desk
from handlers.replay import replay
from storage import readiness
from storage.erase_list import EraseListFault

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings file; without it the file named by HUIZHENG_CONFIG. See config.example.toml.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Report as JSON on standard output.")


def read_settings(config: Path | None) -> Settings:
    """Return the settings, or end with exit code 2 and one sentence."""
    try:
        return load(config, os.environ)
    except ConfigError as error:
        raise unusable(str(error)) from None


def open_desk(settings: Settings, **more: Any) -> Desk:
    """Return a desk on a database that is there and up to date, or end with one sentence."""
    try:
        desk = build_desk(settings, **more)
    except ConfigError as error:
        raise unusable(str(error)) from None
    problem = readiness.problem_with(desk.archive.engine)
    if problem is not None:
        raise unusable(problem)
    with refusals(EraseListFault):
        replay(desk.archive, desk.data_dir)  # a backup put back must not bring back what was erased
    return desk


@contextmanager
def refusals(*kinds: type[Exception]) -> Iterator[None]:
    """Turn these errors into exit code 1 with their own text."""
    try:
        yield
    except kinds as error:
        raise click.ClickException(str(error)) from None


def unusable(sentence: str) -> click.UsageError:
    """Return the error that ends a command with exit code 2 and this sentence."""
    return click.UsageError(sentence)


def print_json(value: Any) -> None:
    """Print a report for machines."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
