"""When a rung of a ladder is due: counted by its rule, moved into its lawful hours, never in the past."""

from datetime import datetime

from casework.delays import after, workdays_after
from casework.ladder import Rung
from casework.story import CALLS, Story
from casework.workdays import Window, into_window


def due_on(story: Story, index: int, now: datetime) -> tuple[datetime, str]:
    """Return when the rung is to be taken, and why it had to be moved ("" if it was not)."""
    due, moved = by_rule(story, index)
    if due <= now:
        due, moved = into_window(now, _window(story, index), story.calendar)
    return due.astimezone(now.tzinfo), moved


def is_due(story: Story, index: int, now: datetime) -> bool:
    """Whether the rung's moment has come or has already passed."""
    return by_rule(story, index)[0] <= now


def by_rule(story: Story, index: int) -> tuple[datetime, str]:
    """Return when the rung is due by its rule alone, which may lie in the past, and why it was moved."""
    counted = _counted(story, index, story.policy.rungs[index])
    return into_window(counted, _window(story, index), story.calendar)


def _counted(story: Story, index: int, rung: Rung) -> datetime:
    tasks, calls = story.policy.tasks, story.on(index, *CALLS)
    if calls and rung.action == "call":  # the second call, one working day after the first rang in vain
        return workdays_after(calls[-1].at, 1, tasks, story.calendar)
    if rung.action == "send" and story.hurried:
        return story.sends[-1].news_at
    return after(rung, _anchor(story, rung), tasks, story.calendar)


def _anchor(story: Story, rung: Rung) -> datetime:
    if rung.anchor == "start":
        return story.silent_since
    if rung.anchor == "signature":
        return _served_at(story)
    if rung.anchor == "return":
        return _returned_at(story)
    return _last_act(story)


def _served_at(story: Story) -> datetime:
    """Return when the paper was signed for, or when a person last looked into why it was not."""
    papers = [done for done in story.papers if done.arrived]
    return papers[-1].news_at if papers else _last_act(story)


def _returned_at(story: Story) -> datetime:
    papers = [done for done in story.papers if done.came_back]
    return papers[-1].news_at if papers else _last_act(story)


def _last_act(story: Story) -> datetime:
    return max((done.at for done in story.done), default=story.started_at)


def _window(story: Story, index: int) -> Window:
    rung = story.policy.rungs[index]
    return story.policy.window_for(index, rung.action)
