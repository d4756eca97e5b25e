"""How the papers of a bundle say what a record tells."""

from datetime import datetime

from handlers.export.events import Event
from handlers.story_text import BEIJING, KINDS, one_line


def text_line(event: Event) -> str:
    """Return a record's line of timeline.txt, newline included."""
    told = one_line(
        event.cseq, event.at, event.kind, event.channel, event.state, event.told, event.hash.hex()
    )
    return f"{told}\n"


def kind_text(kind: str) -> str:
    """Return what happened, in Chinese."""
    return KINDS.get(kind, kind)


def exact(at: datetime) -> str:
    """Return a moment in Beijing time, to the second."""
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
