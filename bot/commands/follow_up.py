"""`follow-up`: let somebody who recovers be asked on certain days how things are (休养随访)."""

from datetime import date, datetime
from pathlib import Path

import click

from bot.commands.common import config_option, open_desk, read_settings, refusals
from casework.notices import NoticeRefused
from handlers import follow_up
from handlers.people import Unacceptable
from storage import cases
from storage.book import Book

ACTOR = "system:command-line"
_day = click.DateTime(["%Y-%m-%d"])
_case = click.argument("case_no")
_why = click.option("--why", required=True, help="The reason; it is sealed in the evidence log.")


@click.group("follow-up")
def follow_up_group() -> None:
    """Friendly questions during recovery: day 3, every 14 days, a week before the certificate ends."""


@follow_up_group.command("start")
@_case
@click.option("--since", type=_day, required=True, help="First day of rest.")
@click.option("--until", type=_day, help="Last day of the certificate, if it is known.")
@click.option("--contact", required=True, help="Whom the employee may call: name and number.")
@config_option
def start_command(
    case_no: str, since: datetime, until: datetime | None, contact: str, config: Path | None
) -> None:
    """Begin to ask. Silence makes a task for HR and nothing else; it all ends with the case."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable, NoticeRefused), desk.archive.writing() as book:
        follow_up.start(
            book,
            _case_id(book, case_no),
            since.date(),
            _date(until),
            ACTOR,
            contact=contact,
            rules=desk.rules,
        )
    click.echo(f"案件 {case_no}：已安排休养随访")


@follow_up_group.command("change")
@_case
@click.option("--until", type=_day, help="Last day of the new certificate; without it, no end.")
@_why
@config_option
def change_command(case_no: str, until: datetime | None, why: str, config: Path | None) -> None:
    """Set another end."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable), desk.archive.writing() as book:
        follow_up.change(book, _case_id(book, case_no), _date(until), why, ACTOR, desk.rules)
    click.echo(f"案件 {case_no}：随访的日子已更改")


@follow_up_group.command("stop")
@_case
@_why
@config_option
def stop_command(case_no: str, why: str, config: Path | None) -> None:
    """Ask no more."""
    desk = open_desk(read_settings(config))
    with refusals(Unacceptable), desk.archive.writing() as book:
        follow_up.stop(book, _case_id(book, case_no), why, ACTOR)
    click.echo(f"案件 {case_no}：随访已停止")


def _date(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _case_id(book: Book, case_no: str) -> str:
    case = cases.case_by_no(book.connection, case_no)
    if case is None:
        raise Unacceptable("case_no", f"没有案件 {case_no}，请核对编号")
    return case.id
