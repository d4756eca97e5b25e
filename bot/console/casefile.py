"""Everything that the page of one case shows, read in one consistent view."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.console import words
from bot.console.entries import Entry
from bot.console.reading import Reading, masked
from casework.case import Deadline, Stage, deadlines
from casework.escalation import policy_from_body
from casework.identity import mask_phone
from casework.ladder import Policy
from handlers.hold import GROUNDS as DISPUTES
from storage import cases, ladders, people, tasks
from storage.book import Reader
from storage.holds import standing_holds
from storage.ladders import Plan, Step
from storage.timeline import lines_of

LONGEST = 5000  # records of one case that a page can show


@dataclass(frozen=True)
class Contact:
    """An address as HR sees it: whose, by which channel, how known; the number itself stays masked."""

    channel: str
    shown: str
    state: str
    since: datetime
    how: str


@dataclass(frozen=True)
class Ladder:
    """One notice's ladder with the step that comes next, if one is planned."""

    plan: Plan
    policy: Policy
    title: str
    step: Step | None

    @property
    def due_at(self) -> datetime:
        """When the next step is due; only asked where one is planned."""
        assert self.step is not None
        return self.step.due_at

    @property
    def step_title(self) -> str:
        """What the next step is called: the rung's own name, unless it does something else there."""
        if self.step is None:
            return ""
        rung = self.policy.rungs[self.step.rung]
        plain = self.step.action == rung.action or rung.action == "call"
        return rung.title if plain and self.step.action == "send" else words.STEPS[self.step.action]


@dataclass(frozen=True)
class Held:
    """A hold on the case: the kind of dispute in Chinese, and since when."""

    ground: str
    since: datetime


@dataclass(frozen=True)
class CaseFile:
    """One case, ready to be drawn."""

    case: cases.Case
    person: people.Employee
    firm: str
    contacts: tuple[Contact, ...]
    emergency: tuple[str, str, str] | None
    ladders: tuple[Ladder, ...]
    waiting: tuple[tasks.Task, ...]
    entries: tuple[Entry, ...]
    deadlines: tuple[Deadline, ...]
    holds: tuple[Held, ...]
    records: int
    head: str
    unbroken: bool

    @property
    def next(self) -> Ladder | None:
        """The ladder whose next step comes first."""
        return self.coming[-1] if self.coming else None

    @property
    def coming(self) -> tuple[Ladder, ...]:
        """Ladders with a planned step, the latest on top, as in the timeline."""
        planned = [one for one in self.ladders if one.step is not None]
        return tuple(sorted(planned, key=lambda one: one.due_at, reverse=True))

    @property
    def paused(self) -> tuple[Ladder, ...]:
        """Ladders that stand still until a person decides."""
        return tuple(one for one in self.ladders if one.plan.state == "paused")


def read_case(view: Reader, case: cases.Case, caller: str) -> CaseFile:
    """Gather a case; ``caller`` is the name that HR gives on the phone."""
    connection = view.connection
    person = people.employee_by_id(connection, case.employee_id)
    lines = lines_of(view, case.id, limit=LONGEST)
    held = tuple(_ladder(view, plan) for plan in ladders.plans_of_case(connection, case.id))
    waiting = tuple(one for one in tasks.tasks_of(connection, case.id) if one.state == "open")
    firm = people.firm_name(connection, case.firm_id)
    contact = person.emergency_contact
    return CaseFile(
        case=case,
        person=person,
        firm=firm,
        contacts=tuple(_contact(point) for point in people.contact_points(connection, person.id)),
        emergency=(contact.name, contact.relation, mask_phone(contact.phone)) if contact else None,
        ladders=held,
        waiting=waiting,
        entries=tuple(Reading(view, case, person, firm, caller).entries(lines)),
        deadlines=_clocks(case, view.now) if case.state != "erased" else (),
        holds=tuple(
            Held(DISPUTES.get(one.ground, one.ground), one.set_at)
            for one in standing_holds(connection, case.id)
        ),
        records=len(lines),
        head=lines[-1].leaf_hash,
        unbroken=[line.cseq for line in lines] == list(range(1, len(lines) + 1)),
    )


def stages(case: cases.Case) -> list[tuple[Stage, str]]:
    """Return the stages in their usual order, each past, now or ahead."""
    order = list(Stage)
    here = order.index(Stage(case.stage))
    return [(stage, "now" if n == here else "past" if n < here else "ahead") for n, stage in enumerate(order)]


def _ladder(view: Reader, plan: Plan) -> Ladder:
    policy = policy_from_body(ladders.policy_body(view.connection, plan.policy_id))
    notice = cases.notice_by_id(view, plan.notice_id)
    steps: Sequence[Step] = ladders.steps_of(view.connection, plan.id)
    planned = next((step for step in steps if step.state == "planned"), None)
    return Ladder(plan, policy, notice.title if notice else "", planned)


def _contact(point: people.ContactPoint) -> Contact:
    shown = masked(point.channel, point.address)
    return Contact(words.channel(point.channel), shown, point.state, point.since, point.how)


def _clocks(case: cases.Case, now: datetime) -> tuple[Deadline, ...]:
    """The clocks that still run; the firm's own filing also when it is late and not yet done."""
    filed = case.stage not in (Stage.REPORTED, Stage.FILING)
    done = ("papers", "employer_filing") if filed else ()
    running = [one for one in deadlines(case.accident_at) if one.name not in done]
    return tuple(one for one in running if one.due > now or one.actor == "用人单位")
