"""What `check` looks at besides the settings themselves."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import packages_distributions
from pathlib import Path

from bot.config import Settings
from bot.registry import CHANNELS
from casework.workdays import load_calendar

PACKAGES = ("bot", "scheduler", "handlers", "storage", "casework", "evidence", "sandbox")
FREE_BYTES = 1024**3
EARLIEST = date(2026, 1, 1)  # a clock before the first release is wrong


@dataclass(frozen=True)
class Check:
    """One thing looked at: right or not, and what to do about it."""

    what: str
    right: bool
    said: str


def examine(settings: Settings) -> list[Check]:
    """Look at everything; the settings and the database were read already."""
    return [
        Check("settings", True, "read, no unknown keys"),
        Check("database", True, "reachable and up to date"),
        *_channels(settings),
        *_clash(),
        _clock(datetime.now(UTC)),
        _disk(settings.evidence.data_dir),
        _calendar(datetime.now(UTC).date()),
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


def _calendar(today: date) -> Check:
    calendar = load_calendar()
    following = date(today.year + (today.month >= 11), 12, 31)
    right = not calendar.provisional(following) or today < date(today.year, 12, 15)
    said = f"{calendar.version}, official through {calendar.final_through}"
    return Check(
        "calendar", right, said if right else f"{said}: enter the State Council's notice for next year"
    )
