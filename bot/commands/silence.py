"""What `check` says of those who should see the log from outside: who is asked, and who has been silent."""

from collections.abc import Iterator
from datetime import timedelta

from handlers.desk import Desk
from storage.anchors import unanswered
from storage.log import read_head

DAY = timedelta(days=1)
NOBODY = (
    "STILL TO DO: nobody outside sees the log, so it proves little against its own operator; set"
    " evidence.tsa_urls, witness_keys or anchor_mail_to (docs/anchors.md)"
)

Silence = tuple[str, bool, str]  # what was looked at, whether it is right, what to do


def silences(desk: Desk) -> Iterator[Silence]:
    """Say of each service whether it owes us an answer for more than a day."""
    if not desk.anchors:
        yield "anchors", True, NOBODY
        return
    with desk.archive.reading() as view:
        waiting = {
            (one.kind, one.service): one
            for one in unanswered(view.connection, read_head(view.connection).origin)
        }
    for anchor in desk.anchors:
        name, owed = f"anchor {anchor.kind} {anchor.service}", waiting.get((anchor.kind, anchor.service))
        if owed is None:
            yield name, True, "has answered"
        else:
            said = f"no answer since {owed.since:%Y-%m-%d %H:%M} UTC ({owed.said or 'not asked yet'})"
            yield name, view.now - owed.since < DAY, said
