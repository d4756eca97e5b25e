"""Every text of the console that is to be shown in both languages."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.extract import extract_python
from jinja2.ext import babel_extract

import bot.console
from bot.console import words
from casework.case import Stage, deadlines
from casework.notices import kinds, load_kind
from handlers import erase, hold
from handlers.story_text import KINDS, MEANINGS, TASKS
from handlers.tasks import OUTCOMES
from tests.world import MONDAY

ROOM = Path(bot.console.__file__).parent


@cache
def written() -> frozenset[str]:
    """Return the texts that stand in our modules and templates."""
    found = set()
    for path in ROOM.rglob("*.py"):
        with path.open("rb") as file:
            found |= {text for _, _, text, _ in extract_python(file, ("_", "mark"), (), {})}
    for path in ROOM.rglob("*.html"):
        with path.open("rb") as file:
            found |= {text for _, _, text, _ in babel_extract(file, ("_",), (), {})}
    first = {text[0] if isinstance(text, tuple) else text for text in found}
    return frozenset(text for text in first if text is not None)  # others are marked


def named() -> Iterator[str]:
    """Return the words of other rooms that the console shows: stages, tasks, outcomes, forms."""
    erasing = (erase.GROUNDS, erase.LEVELS, hold.GROUNDS)
    for table in (KINDS, MEANINGS, TASKS, words.STEPS, *OUTCOMES.values(), *erasing):
        yield from table.values()
    yield from (stage.label for stage in Stage)
    yield from (clock.title for clock in deadlines(MONDAY))
    for kind in map(load_kind, kinds()):
        yield kind.title
        yield from (field.label for field in kind.fields)
