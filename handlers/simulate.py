"""Somebody asks how a ladder would go: for a person as they can be reached now, and in plain values."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from casework.assumptions import Assumptions
from casework.grounds import named
from casework.ladder import Policy, Rung
from casework.simulation import Foreseen, Served, Simulation, simulate
from casework.workdays import BEIJING
from handlers.calendar import current
from handlers.people import Unacceptable
from handlers.policies import version_of
from handlers.ports import Ladders
from handlers.reachable import channels_of
from storage import cases, people
from storage.book import Book, Reader
from storage.rows import timestamp


def assumed_of(view: Book | Reader, employee_no: str, rules: Ladders, assumed: Assumptions) -> Assumptions:
    """Put what is known of an employee into the assumptions: channels, contact, the last accident.

    Raises Unacceptable when there is no such employee.
    """
    person = people.employee_by_no(view.connection, employee_no)
    if person is None:
        raise Unacceptable("employee_no", f"没有工号为 {employee_no} 的员工")
    running = cases.open_cases(view.connection, person.id)
    return replace(
        assumed,
        channels=tuple(dict.fromkeys(channels_of(view, person, rules))),
        has_contact=person.emergency_contact is not None,
        accident_at=max((case.accident_at for case in running), default=assumed.accident_at),
    )


def foresee(
    view: Book | Reader, policy: Policy, start: datetime, rules: Ladders, assumed: Assumptions
) -> Simulation:
    """Foresee a ladder with the calendar that counts now. Raises AssumptionRefused."""
    return simulate(policy, current(view, rules.calendar), start, assumed)


def report(made: Simulation, assumed: Assumptions) -> dict[str, Any]:
    """Return a simulation as plain values; every moment is there for machines and, in Beijing, for people."""
    return {
        "policy": {
            "name": made.policy.name,
            "title": made.policy.title,
            "version": version_of(made.policy),
        },
        "calendar": {
            "version": made.calendar.version,
            "official_through": made.calendar.final_through.isoformat(),
        },
        **_moment("start", made.started_at),
        "channels": list(assumed.channels),
        "emergency_contact": assumed.has_contact,
        "steps": [_step(made.policy, one) for one in made.steps],
        "unreached": [{**_rung(made.policy, one.rung), "why": one.why} for one in made.unreached],
        **_moment("ends_at", made.ended_at),
        "ended": made.ended,
        "provisional": made.provisional,
        "cost_yuan": _yuan(made.cost_fen),
    }


def _step(policy: Policy, foreseen: Foreseen) -> dict[str, Any]:
    act = foreseen.act
    heard = _moment("heard_at", act.heard_at) if act.heard_at else {"heard_at": None, "heard_at_local": None}
    return {
        **_rung(policy, foreseen.rung),
        "action": act.planned.action.value,
        "channel": act.planned.channel,
        **_moment("at", act.begun_at),
        **_moment("ends_at", act.ended_at),
        "assumed": act.word,
        **heard,
        "withdrawn": act.withdrawn,
        "why": act.planned.why,
        "days": list(foreseen.grounds),
        "provisional": foreseen.provisional,
        "serves": _served(foreseen.serves) if foreseen.serves else None,
        "cost_yuan": _yuan(foreseen.rung.cost_fen),
    }


def _rung(policy: Policy, rung: Rung) -> dict[str, Any]:
    return {"rung": policy.rungs.index(rung) + 1, "name": rung.name, "title": rung.title}


def _served(served: Served) -> dict[str, Any]:
    due = _moment("due", served.due) if served.due else {"due": None, "due_local": None}
    hours = None if served.left is None else served.left // timedelta(hours=1)
    return {"title": served.title, "law": served.law, **due, "hours_left": hours}


def _moment(name: str, moment: datetime) -> dict[str, str]:
    local = moment.astimezone(BEIJING)
    return {name: timestamp(moment), f"{name}_local": f"{named(local.date())}{local:%H:%M}"}


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"
