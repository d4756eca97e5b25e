"""What an answer does: every ladder of the employee stops, and a person looks, unless it is beyond doubt."""

from dataclasses import dataclass
from datetime import UTC, datetime

from casework.calendars import Calendar
from casework.messages import Meaning
from casework.workdays import BEIJING
from handlers.calendar import current
from handlers.escalate import advance
from handlers.ports import Ladders, Proposal
from handlers.tasks import new_task
from storage import cases, deliveries, ladders, people
from storage.book import Book, Entry, case_stream
from storage.ladders import Plan
from storage.rows import Put

ANSWER_WITHIN_WORKDAYS = 1


@dataclass(frozen=True)
class Waiting:
    """What waited for an answer when it came: the case and notice it is about, and all unended ladders.

    ``sole`` when only one notice waits for this person anywhere and it had gone
    to the very address from which the answer comes, before the answer came.
    """

    case: cases.Case | None
    notice_id: str | None
    plans: tuple[Plan, ...]
    sole: bool = False


def what_waits(book: Book, point: people.ContactPoint, received_at: datetime) -> Waiting:
    """Find what an answer from this address is about; nobody else pauses or resumes meanwhile."""
    found, plans = _unended(book, point.employee_id)
    told = [plan for plan in plans if _was_told(book, plan, point, received_at)]
    about = (told or plans)[-1] if plans else None
    case = next((one for one in found if about is None or one.id == about.case_id), None)
    return Waiting(
        case, about.notice_id if about else None, tuple(plans), sole=len(plans) == 1 and told == plans
    )


def waits_besides(book: Book, employee_id: str, case: cases.Case, notice_id: str) -> Waiting:
    """Return what waits when the answer itself says which notice it is about (the page)."""
    return Waiting(case, notice_id, tuple(_unended(book, employee_id)[1]))


def _unended(book: Book, employee_id: str) -> tuple[list[cases.Case], list[Plan]]:
    people.lock_employee(book.connection, employee_id)
    found = cases.open_cases(book.connection, employee_id)
    return found, ladders.unended_plans(book.connection, [case.id for case in found])


def _was_told(book: Book, plan: Plan, point: people.ContactPoint, received_at: datetime) -> bool:
    """Whether a gateway took the notice for this address before the answer came."""
    made = deliveries.deliveries_of_notice(book.connection, plan.notice_id)
    attempts = [
        attempt
        for one in made
        if one.contact_point_id == point.id
        for attempt in deliveries.attempts_of(book.connection, one.id)
    ]
    return any(one.state == "accepted" and one.started_at <= received_at for one in attempts)


def settle_reply(
    book: Book,
    reply_id: str,
    case: cases.Case,
    waiting: Waiting,
    proposal: Proposal,
    record_id: str,
    rules: Ladders,
) -> None:
    """Pause every ladder of the employee and give HR one working day to look.

    Only an acknowledgement beyond doubt of the one running notice confirms
    itself; an automatic answer changes nothing.
    """
    if proposal.meaning is Meaning.AUTOMATIC:
        return
    actor = f"employee:{case.employee_id}"
    if waiting.sole and proposal.unambiguous and proposal.meaning is Meaning.RECEIVED:
        _confirm_itself(book, reply_id, case, record_id)
    else:
        _ask_hr(book, reply_id, case, record_id, rules)
    for plan in waiting.plans:
        if plan.state == "running":
            pause(book, plan, "员工已回复", actor, record_id)
        advance(book, plan.id, rules, actor, caused_by=record_id)


def look_by(now: datetime, calendar: Calendar) -> datetime:
    """Return by when HR must look at an answer: the same time of day one working day later, in Beijing."""
    local = now.astimezone(BEIJING)
    day = calendar.add_workdays(local.date(), ANSWER_WITHIN_WORKDAYS)
    return datetime.combine(day, local.timetz()).astimezone(UTC)


def pause(book: Book, plan: ladders.Plan, why: str, actor: str, caused_by: str | None) -> None:
    """Stop a plan's outward rungs until a person resumes it with a reason."""
    case = cases.case_by_id(book.connection, plan.case_id)
    book.add(
        Entry(
            "plan.paused",
            case_stream(plan.case_id),
            actor,
            rows=[Put("plan", plan.id, {"state": "paused"}, new=False)],
            told={"why": why},
            refs=[f"caused-by {caused_by}"] if caused_by else [],
            party=case.employee_id,
        )
    )


def _confirm_itself(book: Book, reply_id: str, case: cases.Case, record_id: str) -> None:
    put = Put("reply", reply_id, {"confirmed": Meaning.RECEIVED.value}, new=False)
    told = {"why": "员工的原话只有“收到”之意，且只有一份通知在等回复"}
    book.add(
        Entry(
            "reply.confirmed", case_stream(case.id), "system:conversation", rows=[put], told=told,
            refs=[f"about {record_id}"], party=case.employee_id,
        )
    )  # fmt: skip


def _ask_hr(book: Book, reply_id: str, case: cases.Case, record_id: str, rules: Ladders) -> None:
    due_at = look_by(book.now, current(book, rules.calendar))
    book.add(
        Entry(
            "task.opened",
            case_stream(case.id),
            "system:conversation",
            rows=[new_task(book, case.id, "confirm_reply", due_at, about=reply_id)],
            told={"kind": "confirm_reply"},
            refs=[f"caused-by {record_id}"],
            party=case.employee_id,
        )
    )
