"""What `check` looks at besides the settings themselves."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import packages_distributions
from pathlib import Path

from bot.commands.nags import nags
from bot.commands.silence import silences
from bot.config import Settings
from bot.registry import CHANNELS
from casework.calendars import Calendar
from casework.workdays import BEIJING
from handlers.calendar import current
from handlers.desk import Desk
from handlers.vitals import look
from handlers.vouching import SignerFault
from storage.log import read_head
from storage.log_keys import log_keys
from storage.pauses import standing_pauses

PACKAGES = ("bot", "scheduler", "handlers", "storage", "casework", "evidence", "sandbox")
FREE_BYTES = 1024**3
EARLIEST = date(2026, 1, 1)  # a clock before the first release is wrong
NOTICE_IS_OUT = 12  # month


@dataclass(frozen=True)
class Check:
    """One thing looked at: right or not, and what to do about it."""

    what: str
    right: bool
    said: str


def examine(settings: Settings, desk: Desk) -> list[Check]:
    """Look at everything; the settings and the database were read already."""
    return [
        Check("settings", True, "read, no unknown keys"),
        Check("database", True, "reachable and up to date"),
        *_channels(settings),
        *_log(desk),
        *(Check(*one) for one in silences(desk)),
        *(Check(*one) for one in nags(desk)),
        *_work(desk),
        *_clash(),
        _clock(datetime.now(UTC)),
        _disk(settings.evidence.data_dir),
        check_calendar(_held(desk), datetime.now(BEIJING).date()),
    ]


def _channels(settings: Settings) -> Iterator[Check]:
    configured = [(name, account) for name, accounts in settings.channels.items() for account in accounts]
    for name, account in configured:
        hook = f"{settings.server.public_url}/hooks/{name}/{account}"
        yield Check(f"channels.{name}.{account}", True, f"settings are whole; the platform must call {hook}")
    if not configured:
        yield Check(
            "channels", False, f"none is configured: add one of {', '.join(CHANNELS)} (config.example.toml)"
        )


def _log(desk: Desk) -> Iterator[Check]:
    with desk.archive.reading() as view:
        head = read_head(view.connection)
        signed = bool(log_keys(view, head.epoch))
    remedy = "; read docs/signer.md, then `huizheng epoch start`"
    why = f"halted: {head.halted}{remedy}" if head.halted else f"{head.size} records of {head.origin}"
    yield Check("log", head.halted is None, why)
    yield _signer(desk, signed)


def _signer(desk: Desk, signed: bool) -> Check:
    """A log that was never signed is no fault, but whoever runs it should know."""
    if desk.signer is None:
        return Check("signer", not signed, "none is configured: exports carry no signature")
    try:
        status = desk.signer.status()
    except SignerFault as fault:
        return Check("signer", not signed, str(fault) if signed else f"the log is not signed yet: {fault}")
    if status.trouble is not None:
        return Check("signer", False, f"has stopped signing: {status.why}; read docs/signer.md")
    better = ": a user or a machine of its own would prove more (docs/signer.md)"
    said = f"signed {status.signed} of {status.seen} records with {status.vkey}; stands as {status.isolation}"
    return Check("signer", True, said + (better if status.isolation == "same-user" else ""))


def _work(desk: Desk) -> Iterator[Check]:
    """What the self-audit finds; that no worker was ever started is no fault of a new deployment."""
    found = [one for one in look(desk) if (one.code, one.since) != ("no_worker", None)]
    for one in found:
        yield Check(f"work {one.code}", False, one.said)
    with desk.archive.reading() as view:
        stopped = standing_pauses(view.connection)
    for pause in stopped:
        said = f"stopped since {pause.set_at:%Y-%m-%d %H:%M} UTC ({pause.why}): `huizheng resume` lifts it"
        yield Check(f"sending {pause.scope or 'everything'}", True, said)
    if not found and not stopped:
        yield Check("work", True, "nothing waits longer than it should")


def _clash() -> Iterator[Check]:
    owners = packages_distributions()
    for name in PACKAGES:
        others = sorted(set(owners.get(name, [])) - {"huizheng"})
        if others:
            said = f"also belongs to {', '.join(others)}: install Huizheng into its own environment"
            yield Check(f"package {name}", False, said)


def _clock(now: datetime) -> Check:
    right = now.date() >= EARLIEST
    return Check("clock", right, f"{now:%Y-%m-%d %H:%M} UTC" + ("" if right else ": set the system clock"))


def _disk(folder: Path) -> Check:
    place = next(parent for parent in (folder, *folder.absolute().parents) if parent.exists())
    free = shutil.disk_usage(place).free
    right = free > FREE_BYTES
    said = f"{free // 1024**2} MiB free for {folder}"
    return Check("disk", right, said if right else f"{said}: make room, at least 1 GiB")


def _held(desk: Desk) -> Calendar:
    with desk.archive.reading() as view:
        return current(view, desk.rules.calendar)


def check_calendar(calendar: Calendar, today: date) -> Check:
    """Look whether this year is official and, from December on, the next; the notice comes in November."""
    wanted = [today.year, *([today.year + 1] if today.month == NOTICE_IS_OUT else [])]
    missing = [year for year in wanted if calendar.provisional(date(year, 12, 31))]
    said = f"{calendar.version}, official through {calendar.final_through}"
    if missing:
        said += f": {missing[0]} is only provisional; `huizheng calendar import` takes the notice for it"
    return Check("calendar", not missing, said)
