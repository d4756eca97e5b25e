"""What an assumed outcome does: when an act is over, what is known then, and what is heard later."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from casework.assumptions import Assumptions, Fate
from casework.escalation import Action, Done, Planned, Story
from casework.messages import Outcome, Standing, fold
from casework.workdays import Window, closing

SIGNED_AFTER = timedelta(days=3)
QUIET = {Action.SEND: "accepted", Action.PAPER: "posted"}  # an act of which nothing more is heard
MACHINES = (Action.SEND, Action.SYSTEM)


@dataclass(frozen=True, order=True)
class News:
    """What is heard of an act after it is over: a report, a signature, an answer."""

    at: datetime
    act: int
    word: str


def ends_at(planned: Planned, fate: Fate, assumed: Assumptions, tasks: Window) -> datetime:
    """Return when an act is over: a machine's at once, a person's when the task is said to be done."""
    begun = planned.due_at
    if planned.action in MACHINES:
        return begun
    takes = None if planned.action is Action.PAPER else fate.after
    takes = assumed.task_takes if takes is None else takes
    return closing(begun, tasks) if takes is None else begun + takes


def heard_at(action: Action, ended_at: datetime, fate: Fate) -> datetime | None:
    """Return when the outcome is heard, None when it is known as soon as the act is over."""
    refused_at_once = fate.word == Outcome.REJECTED_PERM and not fate.after
    if action not in QUIET or fate.word == QUIET[action] or refused_at_once:
        return None
    usual = SIGNED_AFTER if action is Action.PAPER else timedelta(0)
    return ended_at + (usual if fate.after is None else fate.after)


def done_of(planned: Planned, ended_at: datetime, word: str) -> Done:
    """Return what is known of an act when it is over; ``word`` is what is known at once."""
    if planned.action is Action.SEND:
        return Done(planned.rung, planned.action, planned.channel, ended_at, fold([Outcome(word)]))
    return Done(planned.rung, planned.action, None, ended_at, outcome=word, settled_at=ended_at)


def told(done: Done, news: News) -> Done:
    """Return what is known of an act once the news of it has come in."""
    if done.action == Action.PAPER:
        return replace(done, outcome=news.word, settled_at=news.at)
    held = done.standing or Standing()
    known = [one for one in (held.best, held.worst, Outcome(news.word)) if one is not None]
    return replace(done, standing=fold(known))


def after_news(story: Story, news: News) -> Story:
    """Return what the person did, if the news tells of it: opened the page, read, answered."""
    return replace(
        story,
        displayed=story.displayed or news.word in (Outcome.DISPLAYED, Outcome.READ),
        read=story.read or news.word == Outcome.READ,
        human_reply=story.human_reply or news.word == Outcome.REPLIED,
    )
