"""What `check` reminds of again and again: self-check, escrow, and erasures that have not ended."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from handlers.desk import Desk
from handlers.escrow import state_of_escrow
from handlers.replay import outstanding
from handlers.selfcheck import last_selfcheck
from storage.book import Reader
from storage.scrub import is_scrubbed

STALE = timedelta(days=2)

Nag = tuple[str, bool, str]  # what was looked at, whether it is right, what to do


def nags(desk: Desk) -> Iterator[Nag]:
    """Say how the newest self-check ended, what erasures and the escrow of the deployment key still lack."""
    with desk.archive.reading() as view:
        yield _selfcheck(view)
        yield _erasures(view, desk.data_dir)
        lacking = state_of_escrow(view).lacking
    # A reminder, no fault: a new deployment has not got round to it yet.
    yield "escrow", True, f"STILL TO DO: {lacking}" if lacking else "the two shares gave the key in use"


def _erasures(view: Reader, folder: Path) -> Nag:
    names = ", ".join(one.erasure for one in outstanding(view, folder))
    if names:
        remedy = "stop serving, read the log line erasure_not_repeated, mend its cause, run `huizheng check`"
        return "erasures", False, f"content that was erased is there again ({names}): {remedy}"
    if not is_scrubbed(folder):
        remedy = "a worker tries again every hour; end programs that read the database for long"
        return "erasures", False, f"older pages may still lie in the write-ahead file: {remedy}"
    return "erasures", True, "nothing that was erased is there"


def _selfcheck(view: Reader) -> Nag:
    last = last_selfcheck(view)
    if last is None:
        return "self-check", True, "none yet: a worker makes one every day"
    if last.findings:
        return "self-check", False, f"{last.findings} findings at {last.at:%Y-%m-%d}: run `huizheng audit`"
    fresh = view.now - last.at < STALE
    said = f"nothing was found at {last.at:%Y-%m-%d}"
    return "self-check", fresh, said if fresh else f"{said}, and none since: is a worker running?"
