"""What `check` reminds of again and again: the self-check of the log and the escrow of the key."""

from collections.abc import Iterator
from datetime import timedelta

from handlers.desk import Desk
from handlers.escrow import state_of_escrow
from handlers.selfcheck import last_selfcheck
from storage.book import Reader

STALE = timedelta(days=2)

Nag = tuple[str, bool, str]  # what was looked at, whether it is right, what to do


def nags(desk: Desk) -> Iterator[Nag]:
    """Say how the newest self-check ended, and what the escrow of the deployment key still lacks."""
    with desk.archive.reading() as view:
        yield _selfcheck(view)
        lacking = state_of_escrow(view).lacking
    # A reminder, no fault: a new deployment has not got round to it yet.
    yield "escrow", True, f"STILL TO DO: {lacking}" if lacking else "the two shares gave the key in use"


def _selfcheck(view: Reader) -> Nag:
    last = last_selfcheck(view)
    if last is None:
        return "self-check", True, "none yet: a worker makes one every day"
    if last.findings:
        return "self-check", False, f"{last.findings} findings at {last.at:%Y-%m-%d}: run `huizheng audit`"
    fresh = view.now - last.at < STALE
    said = f"nothing was found at {last.at:%Y-%m-%d}"
    return "self-check", fresh, said if fresh else f"{said}, and none since: is a worker running?"
