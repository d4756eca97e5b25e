"""Play a ladder to its end: each step is taken when it is due and answered as the caller says."""

from dataclasses import replace
from datetime import datetime

from casework.escalation import Do, Done, Story, load_policy, next_step
from casework.workdays import BEIJING, load_calendar

CALENDAR = load_calendar()
REMINDER = load_policy("return_reminder")
FIRST, SECOND, CALL, PAPER, COUNSEL = range(5)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def story_of(started_at, policy=REMINDER, channels=("wechat_oa/main", "sms_twilio/hk"), **known):
    return Story(policy, started_at, CALENDAR, channels, **known)


def planned(story, now):
    """The step that the decider plans; it must plan one."""
    step = next_step(story, now)
    assert isinstance(step, Do), step
    return step.planned


def done(step, at=None, standing=None, outcome=None, settled_at=None):
    return Done(step.rung, step.action, step.channel, at or step.due_at, standing, outcome, settled_at)


def after(story, *more):
    return replace(story, done=story.done + more)


def played(story, answer, now=None, limit=30):
    """Take every step when it is due until the ladder rests; return the steps."""
    steps, now = [], now or story.started_at
    while isinstance(step := next_step(story, now), Do):
        steps.append(step.planned)
        assert len(steps) < limit, "a ladder must come to its end"
        now = step.planned.due_at
        story = after(story, answer(step.planned))
    return steps, story
