"""Play a ladder on a pretend clock: the decider of the running system, and assumed outcomes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from casework.assumptions import WORDS, Assumptions
from casework.calendars import Calendar
from casework.escalation import Do, Done, Planned, Policy, Story, Wait, next_step
from casework.fates import QUIET, News, after_news, done_of, ends_at, heard_at, told
from casework.story import CALLS
from casework.workdays import BEIJING


@dataclass(frozen=True)
class Act:
    """One step as it would be taken: when, when it is over, and what was assumed to come of it.

    ``heard_at`` is when the outcome became known, where that is later than the act itself (a report,
    a signature); ``withdrawn`` when the ladder went on without waiting for the person's answer.
    """

    planned: Planned
    begun_at: datetime
    ended_at: datetime
    word: str
    heard_at: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class Played:
    """A ladder played to its end: its acts, when and why it ended, and which rungs it passed by and why."""

    story: Story
    acts: tuple[Act, ...]
    ended_at: datetime
    ended: str
    passed: Mapping[int, str]


def play(policy: Policy, calendar: Calendar, started_at: datetime, assumed: Assumptions) -> Played:
    """Take every step when it is due, until the ladder is over.

    Machines take no time. The decider is the one that runs real ladders (casework/escalation.py), so
    what it would do for the same outcomes is what is shown. Raises AssumptionRefused, and ValueError
    for a start without a time zone.
    """
    if started_at.utcoffset() is None:
        raise ValueError("时间必须带时区")
    start = started_at.astimezone(BEIJING)
    run = _Run(Story(policy, start, calendar, assumed.channels, has_contact=assumed.has_contact), assumed)
    while (why := run.move()) is None:
        pass
    return Played(run.story, run.seen, run.now, why, run.passed)


class _Run:
    """The pretend clock, what is known by then, what people are busy with, and what is still to be heard.

    Acts are numbered in the order in which they begin, as the steps of a real ladder are.
    """

    def __init__(self, story: Story, assumed: Assumptions) -> None:
        self.story, self.now, self.assumed = story, story.started_at, assumed
        self.passed: dict[int, str] = {}
        self._acts: dict[int, Act] = {}
        self._busy: list[int] = []
        self._done: dict[int, Done] = {}
        self._news: list[News] = []
        self._planned: Planned | None = None

    @property
    def seen(self) -> tuple[Act, ...]:
        """The acts, without what would have been heard of them after the end."""
        unheard = {news.act for news in self._news}
        return tuple(_unheard(act) if number in unheard else act for number, act in self._acts.items())

    def move(self) -> str | None:
        """Let the next thing happen; return why the ladder is over, None while it is not."""
        step = next_step(self.story, self.now)
        if not isinstance(step, Do | Wait):
            self._withdraw(self._busy)
            return step.why
        planned = step.planned if isinstance(step, Do) else None
        self._withdraw(
            [number for number in self._in_line() if planned and self._rings_another(number, planned)]
        )
        self._planned = None if planned is None or self._in_line() else self._as_planned(planned)
        self._go_on(self._planned)
        self._tell()
        return None

    def _go_on(self, planned: Planned | None) -> None:
        """Do what comes first; of things at one moment news, then what is over, then what begins."""
        choices = [(news.at, 0, news.act, partial(self._hear, news)) for news in self._news]
        choices += [(self._acts[one].ended_at, 1, one, partial(self._finish, one)) for one in self._busy]
        choices += [(planned.due_at, 2, 0, partial(self._begin, planned))] if planned else []
        self.now, _, _, happen = min(choices, key=lambda choice: choice[:3])
        happen()

    def _as_planned(self, planned: Planned) -> Planned:
        """A step that stays the same keeps the reason it was first planned with, as on a real ladder."""
        held = self._planned
        if held is None:
            return planned
        now_so = (planned.rung, planned.action, planned.channel, planned.due_at)
        return held if (held.rung, held.action, held.channel, held.due_at) == now_so else planned

    def _in_line(self) -> list[int]:
        """Return what is under way on rungs for whose end the others wait."""
        rungs = self.story.policy.rungs
        return [number for number in self._busy if not rungs[self._acts[number].planned.rung].beside]

    def _rings_another(self, number: int, planned: Planned) -> bool:
        """Whether an open call is to somebody who need not be rung any more: the page was opened since."""
        under_way = self._acts[number].planned
        return under_way.rung == planned.rung and {under_way.action, planned.action} == {*CALLS}

    def _begin(self, planned: Planned) -> None:
        self.passed |= dict.fromkeys(planned.skipped, "没有可用的渠道")
        self.passed |= dict.fromkeys(planned.lapsed, "轮到时已经过时，由后面的步骤接替，不再补做")
        rung = self.story.policy.rungs[planned.rung]
        alike = (act.planned for act in self._acts.values() if act.planned.rung == planned.rung)
        earlier = sum(WORDS[one.action] == WORDS[planned.action] for one in alike)
        fate = self.assumed.fate_of(rung.name, planned.action, earlier)
        ended_at = ends_at(planned, fate, self.assumed, self.story.policy.tasks)
        number = len(self._acts) + 1
        self._acts[number] = Act(
            planned, self.now, ended_at, fate.word, heard_at(planned.action, ended_at, fate)
        )
        self._busy.append(number)
        self._planned = None

    def _finish(self, number: int) -> None:
        act = self._acts[number]
        self._busy.remove(number)
        if act.heard_at is not None:
            self._news.append(News(act.heard_at, number, act.word))
        self._done[number] = done_of(act.planned, act.ended_at, _unheard(act).word)

    def _hear(self, news: News) -> None:
        self._news.remove(news)
        self._done[news.act] = told(self._done[news.act], news)
        self.story = after_news(self.story, news)

    def _withdraw(self, numbers: list[int]) -> None:
        """The ladder goes on, or ends, without the tasks that people were given."""
        for number in [*numbers]:
            self._busy.remove(number)
            withdrawn = replace(self._acts[number], ended_at=self.now, heard_at=None, withdrawn=True)
            self._acts[number] = withdrawn

    def _tell(self) -> None:
        beside = {self._acts[number].planned.rung for number in self._busy if number not in self._in_line()}
        done = tuple(self._done[number] for number in sorted(self._done))
        self.story = replace(self.story, done=done, under_way=tuple(sorted(beside)))


def _unheard(act: Act) -> Act:
    """Return what is known of an act before anything is heard of it."""
    return act if act.heard_at is None else replace(act, word=QUIET[act.planned.action], heard_at=None)
