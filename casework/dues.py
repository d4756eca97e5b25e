"""When a rung of a ladder is due: counted by its rule, moved into its lawful hours, never in the past."""

from datetime import datetime, timedelta

from casework.ladder import Rung
from casework.story import CALLS, Story
from casework.workdays import BEIJING, Window, into_window, opening


def due_on(story: Story, index: int, now: datetime) -> tuple[datetime, str]:
    """Return when the rung is to be taken, and why it had to be moved ("" if it was not)."""
    due, moved = _by_rule(story, index)
    if due <= now:
        due, moved = into_window(now, _window(story, index), story.calendar)
    return due.astimezone(now.tzinfo), moved


def is_due(story: Story, index: int, now: datetime) -> bool:
    """Whether the rung's moment has come or has already passed."""
    return _by_rule(story, index)[0] <= now


def _by_rule(story: Story, index: int) -> tuple[datetime, str]:
    counted = _counted(story, index, story.policy.rungs[index])
    return into_window(counted, _window(story, index), story.calendar)


def _counted(story: Story, index: int, rung: Rung) -> datetime:
    calls = story.on(index, *CALLS)
    if calls:  # the second call, one working day after the first rang in vain
        return _workdays_after(story, calls[-1].at, 1)
    if rung.action == "send" and story.hurried:
        return story.sends[-1].news_at
    since = _anchor(story, rung)
    if rung.workdays:
        return _workdays_after(story, since, rung.workdays)
    return since + timedelta(hours=rung.hours)


def _anchor(story: Story, rung: Rung) -> datetime:
    if rung.anchor == "start":
        return story.silent_since
    if rung.anchor == "signature":
        return _served_at(story)
    return _last_act(story)


def _served_at(story: Story) -> datetime:
    """Return when the paper was signed for, or when a person last looked into why it was not."""
    papers = [done for done in story.done if done.action == "paper" and done.arrived]
    return papers[-1].news_at if papers else _last_act(story)


def _last_act(story: Story) -> datetime:
    return max((done.at for done in story.done), default=story.started_at)


def _workdays_after(story: Story, moment: datetime, n: int) -> datetime:
    """Working days are counted by the day, so this is the hour at which the n-th one opens."""
    day = story.calendar.add_workdays(moment.astimezone(BEIJING).date(), n)
    return opening(day, story.policy.tasks)


def _window(story: Story, index: int) -> Window:
    return story.policy.messages if story.policy.rungs[index].action == "send" else story.policy.tasks
