"""Foresee a ladder: each step with its exact time and why, what it serves, and what is never reached."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from casework import packaged
from casework.assumptions import Assumptions, check_fates
from casework.calendars import Calendar
from casework.case import deadlines
from casework.grounds import grounds
from casework.ladder import Policy, Rung
from casework.playing import Act, Played, play
from casework.workdays import BEIJING


@dataclass(frozen=True)
class Served:
    """The clock, or the house's own rule, that a rung serves.

    ``due`` and ``left`` (from the step to then) are None where the accident's date was not assumed, and
    for a house rule in words, which has no clock.
    """

    title: str
    law: str = ""
    due: datetime | None = None
    left: timedelta | None = None


@dataclass(frozen=True)
class Foreseen:
    """One act of the ladder, and why it lies there.

    ``grounds`` name the make-up days and holidays that count; ``provisional`` says that the day may
    still change, because it lies behind days whose notice is not out.
    """

    rung: Rung
    act: Act
    grounds: tuple[str, ...]
    provisional: bool
    serves: Served | None


@dataclass(frozen=True)
class Unreached:
    """A rung that is not taken, and why."""

    rung: Rung
    why: str


@dataclass(frozen=True)
class Simulation:
    """A whole ladder as it would go, if what is assumed came true; all times are in Beijing."""

    policy: Policy
    calendar: Calendar
    started_at: datetime
    steps: tuple[Foreseen, ...]
    unreached: tuple[Unreached, ...]
    ended_at: datetime
    ended: str

    @property
    def provisional(self) -> bool:
        """Whether some day may still change with a notice that is not out."""
        return any(step.provisional for step in self.steps)

    @property
    def cost_fen(self) -> int:
        """What the steps are thought to cost, as far as the ladder says it (hundredths of a yuan)."""
        return sum(step.rung.cost_fen for step in self.steps)


def simulate(
    policy: Policy, calendar: Calendar, started_at: datetime, assumptions: Assumptions
) -> Simulation:
    """Foresee a ladder from its start to its end.

    The steps are those of the decider that runs real ladders, for the same outcomes. Raises
    AssumptionRefused, and ValueError for a start without a time zone.
    """
    check_fates(assumptions.fates, policy.rungs)
    played = play(policy, calendar, started_at, assumptions)
    steps = tuple(_foreseen(played, number, assumptions) for number in range(len(played.acts)))
    return Simulation(
        policy, calendar, played.story.started_at, steps, _unreached(played), played.ended_at, played.ended
    )


def _foreseen(played: Played, number: int, assumptions: Assumptions) -> Foreseen:
    act, calendar = played.acts[number], played.story.calendar
    rung = played.story.policy.rungs[act.planned.rung]
    reasons = grounds(calendar, _counted_from(played, number).date(), act.begun_at.date())
    earlier = played.acts[: number + 1]
    return Foreseen(
        rung, act, reasons if _by_days(played, act) else (),
        any(_by_days(played, one) and calendar.provisional(one.begun_at.date()) for one in earlier),
        _served(rung, act, assumptions),
    )  # fmt: skip


def _by_days(played: Played, act: Act) -> bool:
    """Whether working days matter for an act: it counts them, or may only begin on one."""
    policy, planned = played.story.policy, act.planned
    counts = policy.rungs[planned.rung].workdays > 0
    return counts or policy.window_for(planned.rung, planned.action).workdays_only


def _counted_from(played: Played, number: int) -> datetime:
    act, earlier = played.acts[number], played.acts[:number]
    first = all(one.planned.rung != act.planned.rung for one in earlier)
    if first and played.story.policy.rungs[act.planned.rung].anchor == "start":
        return played.story.started_at
    known = (one.heard_at or one.ended_at for one in earlier)
    return max((at for at in known if at <= act.begun_at), default=played.story.started_at)


def _served(rung: Rung, act: Act, assumptions: Assumptions) -> Served | None:
    if not rung.serves:
        return None
    clocks = {clock["name"]: clock for clock in packaged.read("rules", "clocks")["clock"]}
    if rung.serves not in clocks:
        return Served(rung.serves)
    clock = clocks[rung.serves]
    if assumptions.accident_at is None:
        return Served(clock["title"], clock["law"])
    due = next(one.due for one in deadlines(assumptions.accident_at) if one.name == rung.serves)
    return Served(clock["title"], clock["law"], due.astimezone(BEIJING), due - act.begun_at)


def _unreached(played: Played) -> tuple[Unreached, ...]:
    taken = {act.planned.rung for act in played.acts}
    rungs = enumerate(played.story.policy.rungs)
    return tuple(Unreached(rung, _why_not(played, index)) for index, rung in rungs if index not in taken)


def _why_not(played: Played, index: int) -> str:
    rung, story = played.story.policy.rungs[index], played.story
    if rung.anchor == "return" and not any(paper.came_back for paper in story.papers):
        return "只有纸质通知被退回或拒收才走这一步"
    if index in played.passed:
        return played.passed[index]
    if rung.action == "send" and story.channel_for(rung) is None:
        return "没有可用的渠道"
    return f"{played.ended_at:%Y-%m-%d %H:%M} 阶梯已经停下：{played.ended}"
