"""A ladder lived through by the real engine: real handlers, sweeps, database; the clock is moved by hand."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from casework.assumptions import WORDS, Fate
from casework.escalation import Action, Planned
from casework.fates import ends_at, heard_at
from handlers.people import save_employee
from handlers.ports import Refused
from handlers.tasks import OUTCOMES, Outcome, record_outcome
from handlers.visits import Visit
from scheduler.resolve import resolve_lost
from scheduler.sweeps import send_due, understand_new
from scheduler.who import Worker
from storage import deliveries, ladders, tasks
from storage.ladders import Step
from storage.timeline import lines_of
from tests.engine.world import ADDRESS, PretendChannel, World
from tests.simulation.drawn import Drawn

LONGEST = 200  # things that happen in one ladder


@dataclass(frozen=True)
class Lived:
    """What really happened: each step that was begun, and when and why the ladder ended."""

    steps: tuple[tuple[object, ...], ...]
    ended_at: datetime
    ended: str


@dataclass(frozen=True, order=True)
class _Coming:
    at: datetime
    sort: int  # 0 news, 1 the end of a task
    step: int
    happen: Callable[[], None] = dataclasses.field(compare=False)


def world_of(url: str, drawn: Drawn) -> World:
    """Return a world with this person, ladder and calendar, its clock at the start."""
    here = World(url, *(PretendChannel(name) for name in drawn.assumed.channels))
    if not drawn.assumed.has_contact:
        with here.archive.writing() as book:
            save_employee(book, dataclasses.replace(here._zhangwei(), emergency_contact=None), here.user)
    rules = dataclasses.replace(
        here.desk.rules,
        calendar=drawn.calendar,
        policies={**here.desk.rules.policies, "notice": drawn.policy},
    )
    here.desk = dataclasses.replace(here.desk, rules=rules)
    here.worker = Worker(here.desk, "worker-1")
    here.clock.at = drawn.start
    return here


def live(here: World, drawn: Drawn) -> Lived:
    """Let the ladder of one notice run to its end, with the assumed outcomes."""
    return _Life(here, drawn).lived()


class _Life:
    def __init__(self, here: World, drawn: Drawn) -> None:
        self.here, self.drawn = here, drawn
        self.coming: list[_Coming] = []
        self.begun: dict[int, datetime] = {}
        self.notice = here.remind("plain")

    def lived(self) -> Lived:
        for _ in range(LONGEST):
            if self._plan().state != "running":
                return Lived(self._steps(), self.here.clock.at, self._ended())
            self._go_on()
        raise AssertionError("a ladder must come to its end")

    def _go_on(self) -> None:
        planned = [step for step in self._all() if step.state == "planned"]
        assert len(planned) <= 1
        first = min(self.coming, default=None)
        if first and not any(step.due_at < first.at for step in planned):
            self.here.clock.at = first.at
            self.coming.remove(first)
            first.happen()
        else:
            assert planned, "nothing is planned, and nothing is to come"
            self._begin(planned[0])

    def _begin(self, step: Step) -> None:
        self.here.clock.at = step.due_at
        fate, action = self._fate(step), Action(step.action)
        planned = Planned(step.rung, action, step.channel, step.due_at, step.why)
        over = ends_at(planned, fate, self.drawn.assumed, self.drawn.policy.tasks)
        heard = heard_at(action, over, fate)
        if action is Action.SEND and heard is None and fate.word == "rejected_perm":
            self.here.channels[step.channel].answers.append(Refused("invalid", "no such number"))
        self.begun[step.ordinal] = step.due_at
        assert send_due(self.here.worker) == 1
        assert next(one for one in self._all() if one.id == step.id).state != "planned"
        if action not in (Action.SEND, Action.SYSTEM):
            self._later(over, 1, step, partial(self._finish, step, fate))
        if heard is not None:
            news = self._sign if action is Action.PAPER else self._report
            self._later(heard, 0, step, partial(news, step, fate.word))

    def _fate(self, step: Step) -> Fate:
        alike = [one for one in self._all() if one.rung == step.rung and one.ordinal in self.begun]
        earlier = sum(WORDS[one.action] == WORDS[step.action] for one in alike)
        return self.drawn.assumed.fate_of(self.drawn.policy.rungs[step.rung].name, step.action, earlier)

    def _later(self, at: datetime, sort: int, step: Step, happen: Callable[[], None]) -> None:
        self.coming.append(_Coming(at, sort, step.ordinal, happen))

    def _finish(self, step: Step, fate: Fate) -> None:
        word = "posted" if step.action == "paper" else fate.word
        self._record(step, Outcome(word, waybill="EB 1" if word == "posted" else "", visit=self._visit(step)))

    def _sign(self, step: Step, word: str) -> None:
        self._record(step, Outcome(word), kind="paper_result")

    def _record(self, step: Step, outcome: Outcome, kind: str | None = None) -> None:
        kind = kind or step.action
        assert outcome.word in OUTCOMES[kind]
        with self.here.archive.writing() as book:
            found = tasks.tasks_of_step(book.connection, step.id)
            task = next(one for one in found if one.kind == kind)
            if task.state == "open":  # what was withdrawn meanwhile is nobody's task any more
                record_outcome(book, task.id, outcome, self.here.desk.rules, self.here.user)

    def _visit(self, step: Step) -> Visit | None:
        if step.action != "visit":
            return None
        return Visit("李娜", "周强", no_supervisor=True, at=self.here.clock.at, left="没有")

    def _report(self, step: Step, word: str) -> None:
        if word == "replied":
            self.here.hear(step.channel, key=step.id, **{"from": ADDRESS[step.channel]}, text="？")
        else:
            with self.here.archive.reading() as view:
                delivery = deliveries.delivery_of_step(view.connection, step.id)
                ref = deliveries.attempts_of(view.connection, delivery.id)[0].client_ref
            self.here.hear(step.channel, key=f"{step.id}/{word}", outcome=word, ref=ref)
        assert understand_new(self.here.worker) == 1
        assert resolve_lost(self.here.worker) == 0

    def _plan(self) -> ladders.Plan:
        with self.here.archive.reading() as view:
            return ladders.plan_of_notice(view.connection, self.notice)

    def _all(self) -> list[Step]:
        with self.here.archive.reading() as view:
            return ladders.steps_of(view.connection, ladders.plan_of_notice(view.connection, self.notice).id)

    def _steps(self) -> tuple[tuple[object, ...], ...]:
        return tuple(
            (one.rung, one.action, one.channel, self.begun[one.ordinal], one.finished_at, one.why, one.state)
            for one in self._all()
            if one.ordinal in self.begun
        )

    def _ended(self) -> str:
        with self.here.archive.reading() as view:
            told = [line for line in lines_of(view, self.here.case_id) if line.kind == "plan.ended"]
        return told[-1].told["why"] if told else "paused"
