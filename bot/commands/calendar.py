"""`calendar`: look at the working calendar, and put in the State Council's notice for a new year."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from bot.commands.common import (
    config_option,
    json_option,
    open_desk,
    print_json,
    read_settings,
    refusals,
    unusable,
)
from casework.calendar_form import calendar_body
from casework.calendars import Calendar
from casework.grounds import named
from handlers.calendar import current
from handlers.desk import Desk
from handlers.people import Unacceptable
from handlers.recount import TakenIn, recount, take_in_notice
from storage.calendars import count_on_other_calendars

ACTOR = "system:command-line"


@click.group("calendar")
def calendar_group() -> None:
    """Working days: holidays, make-up days, and which years are official."""


@calendar_group.command("show")
@click.option("--year", type=click.IntRange(2000, 2199), help="Only this year; else all that are listed.")
@config_option
@json_option
def show_command(year: int | None, config: Path | None, as_json: bool) -> None:
    """Show the calendar that counts now, with the source of every line."""
    calendar = _current(open_desk(read_settings(config)))
    if as_json:
        print_json(_as_json(calendar, year))
        return
    click.echo(f"日历 {calendar.version}，正式年份 {calendar.final_from} 至 {calendar.final_through}")
    for shown in [year] if year else sorted(calendar.years):
        for line in _lines(calendar, shown):
            click.echo(line)


@calendar_group.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--why", default="", help="The reason, where the file changes days of an official year.")
@config_option
@json_option
def import_command(file: Path, why: str, config: Path | None, as_json: bool) -> None:
    """Put the notice in FILE.toml into the calendar (docs/calendar.md) and count running ladders again.

    What was begun stays as it is; each ladder's record names the old and the
    new version. The same file may be given again after an interruption.
    """
    notice = _read(file)
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable), desk.archive.writing() as book:
        taken = take_in_notice(book, notice, desk.rules.calendar, ACTOR, why)
    count = count_again(desk, ACTOR)
    if as_json:
        print_json(_taken_json(taken, count))
    else:
        click.echo(f"calendar {taken.old} -> {taken.new}; {count} ladders counted again")


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise unusable(f"{file}: {fault}") from None


def count_again(desk: Desk, actor: str) -> int:
    """Count every ladder again that was counted with another calendar, with a bar on a terminal."""
    with desk.archive.reading() as view:
        version = current(view, desk.rules.calendar).version
        total = count_on_other_calendars(view.connection, version)
    done = 0
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        shown = bar.add_task("counting ladders again", total=total)
        for done in recount(desk.archive, desk.rules, actor):
            bar.update(shown, completed=done)
    return done


def _current(desk: Desk) -> Calendar:
    with desk.archive.reading() as view:
        return current(view, desk.rules.calendar)


def _lines(calendar: Calendar, year: int) -> list[str]:
    final = "正式" if not calendar.provisional(date(year, 7, 1)) else "暂定：放假安排还没有公布"
    lines = [f"{year} 年（{final}）"]
    for day in _special(calendar, year):
        what = "调休上班" if day in calendar.makeup else f"{calendar.holiday(day)}放假"
        lines.append(f"  {named(day)}　{what}　{calendar.source_of(day)}")
    return lines


def _special(calendar: Calendar, year: int) -> list[date]:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return [day for day in days if day.year == year and (day in calendar.makeup or calendar.holiday(day))]


def _as_json(calendar: Calendar, year: int | None) -> dict[str, Any]:
    if year is None:
        return calendar_body(calendar)
    return {
        "version": calendar.version,
        "year": year,
        "official": not calendar.provisional(date(year, 7, 1)),
        "days": [
            {
                "day": day.isoformat(),
                "worked": day in calendar.makeup,
                "name": calendar.describe(day),
                "source": calendar.source_of(day),
            }
            for day in _special(calendar, year)
        ],
    }


def _taken_json(taken: TakenIn, count: int) -> dict[str, Any]:
    changed = [day.isoformat() for day in taken.changed]
    return {"from": taken.old, "to": taken.new, "changed": changed, "recounted": count}
