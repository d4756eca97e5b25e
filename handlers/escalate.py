"""A ladder moves: after every event the pure decider is asked what comes next, and that is written down."""

from collections.abc import Mapping
from datetime import datetime

from casework.escalation import Do, Done, Pause, Planned, Rest, Story, Wait, next_step, policy_from_body
from casework.messages import Outcome, Standing
from handlers.calendar import current
from handlers.ports import Ladders
from handlers.reachable import channels_of
from storage import cases, deliveries, inbox, ladders, people, tasks
from storage.book import Book, Entry, case_stream
from storage.ladders import Plan, Step
from storage.rows import Put

ACKNOWLEDGING = {"received", "agreed", "declined", "extension", "returned"}


def advance(book: Book, plan_id: str, rules: Ladders, actor: str, caused_by: str | None = None) -> None:
    """Ask the decider about a plan and write down what it says.

    Called at the end of every transaction that may change a plan's story; when
    nothing changed it writes nothing.
    """
    plan = ladders.plan_by_id(book.connection, plan_id, lock=True)
    if plan.state == "ended":
        return
    steps = ladders.steps_of(book.connection, plan_id)
    story = story_of(book, plan, steps, rules)
    match next_step(story, book.now):
        case Wait():
            _drop_planned(book, plan, steps, actor, caused_by)
        case Do(planned):
            waiting = [step for step in _under_way(steps) if not story.policy.rungs[step.rung].beside]
            if [step.rung for step in waiting if _rings_another(step, planned)]:
                _put_aside(book, plan, waiting, planned.why, actor, caused_by)
                waiting = []
            if not waiting:
                _plan_step(book, plan, steps, planned, actor, caused_by)
        case Pause(why):
            _put_aside(book, plan, steps, why, actor, caused_by)
        case Rest(why):
            _put_aside(book, plan, steps, why, actor, caused_by)
            _end(book, plan, why, actor, caused_by)


def story_of(book: Book, plan: Plan, steps: list[Step], rules: Ladders) -> Story:
    """Gather everything that the decider must know about one plan."""
    case = cases.case_by_id(book.connection, plan.case_id)
    person = people.employee_by_id(book.connection, case.employee_id)
    policy = policy_from_body(ladders.policy_body(book.connection, plan.policy_id))
    standings = _standings(book, plan)
    return Story(
        policy=policy,
        calendar=current(book, rules.calendar),
        started_at=plan.started_at,
        channels=channels_of(book, person, rules),
        done=tuple(_done(book, step) for step in steps if step.state == "done"),
        displayed=any(one.at_least(Outcome.DISPLAYED) for one in standings),
        human_reply=plan.state == "paused",
        has_contact=person.emergency_contact is not None,
        resumed_at=plan.resumed_at,
        acknowledged=_confirmed(book, plan),
        closed=case.state != "open",
        read=any(one.at_least(Outcome.READ) for one in standings),
        under_way=tuple(step.rung for step in _under_way(steps) if policy.rungs[step.rung].beside),
    )


def _under_way(steps: list[Step]) -> list[Step]:
    return [step for step in steps if step.state in ("dispatched", "waiting")]


def _done(book: Book, step: Step) -> Done:
    delivery = deliveries.delivery_of_step(book.connection, step.id)
    standing = deliveries.standing_of(book.connection, delivery.id) if delivery else None
    if step.action == "send" and not _may_have_gone(book, delivery):
        standing = Standing(worst=Outcome.REJECTED_PERM)  # nothing of it left: the next channel need not wait
    finished = [one for one in tasks.tasks_of_step(book.connection, step.id) if one.state == "done"]
    outcome = finished[-1].outcome if finished else None
    settled_at = finished[-1].done_at if finished else None
    return Done(
        rung=step.rung,
        action=step.action,
        channel=step.channel,
        at=step.finished_at or step.due_at,
        standing=standing,
        outcome=outcome,
        settled_at=settled_at,
    )


def _may_have_gone(book: Book, delivery: deliveries.Delivery | None) -> bool:
    """Whether any attempt of a rung was taken by the gateway, or may have been."""
    made = deliveries.attempts_of(book.connection, delivery.id) if delivery else []
    went = ("accepted", "sending", "unknown", "human")
    return any(one.state in went or one.provider_id is not None for one in made)


def _standings(book: Book, plan: Plan) -> list[Standing]:
    found = deliveries.deliveries_of_notice(book.connection, plan.notice_id)
    return [deliveries.standing_of(book.connection, one.id) for one in found]


def _confirmed(book: Book, plan: Plan) -> bool:
    answers = inbox.replies_of(book.connection, plan.case_id)
    return any(one.notice_id == plan.notice_id and one.confirmed in ACKNOWLEDGING for one in answers)


def acknowledged(book: Book, plan: Plan) -> bool:
    """Answered in words that HR has confirmed, or read on the page where its ladder takes that for enough."""
    stops = policy_from_body(ladders.policy_body(book.connection, plan.policy_id)).stops
    read = "read" in stops and any(one.at_least(Outcome.READ) for one in _standings(book, plan))
    return read or _confirmed(book, plan)


def _rings_another(step: Step, planned: Planned) -> bool:
    """Whether an open call is to somebody who need not be rung any more: the page was opened since."""
    calls = {step.action, planned.action} == {"call_contact", "call_employee"}
    return step.rung == planned.rung and calls


def _plan_step(
    book: Book, plan: Plan, steps: list[Step], planned: Planned, actor: str, caused_by: str | None
) -> None:
    waiting = next((step for step in steps if step.state == "planned"), None)
    wanted = {
        "rung": planned.rung,
        "action": planned.action,
        "channel": planned.channel,
        "due_at": planned.due_at,
        "why": planned.why[:300],
    }
    if waiting is not None and all(
        getattr(waiting, name) == wanted[name] for name in ("rung", "action", "channel")
    ):
        if waiting.due_at == planned.due_at or max(waiting.due_at, planned.due_at) <= book.now:
            return
        put = Put("plan_step", waiting.id, {**wanted, "queued_at": _place(waiting, planned)}, new=False)
    else:
        if waiting is not None:
            ending = "lapsed" if waiting.rung in planned.lapsed else "skipped"
            _skip(book, plan, waiting, planned.why, actor, caused_by, ending)
        columns = {"plan_id": plan.id, "ordinal": len(steps) + 1, "state": "planned", "finished_at": None}
        columns["queued_at"] = _place(waiting, planned)
        put = Put("plan_step", book.ids.uuid(), {**wanted, **columns})
    told = {"why": planned.why, "lapsed": list(planned.lapsed)}
    book.add(_entry(book, "step.planned", plan, actor, caused_by, [put], told))


def _place(waiting: Step | None, planned: Planned) -> datetime:
    """Since when this step queues: a message that took over from one that never left keeps the old place."""
    if waiting is None or not waiting.action == planned.action == "send":
        return planned.due_at
    taken_over = waiting.rung in planned.lapsed or waiting.queued_at < waiting.due_at
    return min(waiting.queued_at, planned.due_at) if taken_over else planned.due_at


def _put_aside(
    book: Book, plan: Plan, steps: list[Step], why: str, actor: str, caused_by: str | None
) -> None:
    """Skip what is planned and withdraw what a person was asked to do; what is under way concludes."""
    for step in steps:
        if step.state in ("planned", "waiting"):
            _skip(book, plan, step, why, actor, caused_by)


def _drop_planned(book: Book, plan: Plan, steps: list[Step], actor: str, caused_by: str | None) -> None:
    """Nothing is to come before an open task is over; what was planned before that was known is dropped."""
    for step in steps:
        if step.state == "planned":
            _skip(book, plan, step, "先等已经交办的事办完", actor, caused_by)


def _skip(
    book: Book, plan: Plan, step: Step, why: str, actor: str, caused_by: str | None, ending: str = "skipped"
) -> None:
    rows = [Put("plan_step", step.id, {"state": ending, "finished_at": book.now}, new=False)]
    rows += _withdrawn(book, step)
    book.add(_entry(book, f"step.{ending}", plan, actor, caused_by, rows, {"why": why}))


def _withdrawn(book: Book, step: Step) -> list[Put]:
    open_task = tasks.task_of_step(book.connection, step.id)
    changes = {"state": "withdrawn", "done_at": book.now}
    return [Put("task", open_task.id, changes, new=False)] if open_task else []


def _end(book: Book, plan: Plan, why: str, actor: str, caused_by: str | None) -> None:
    rows = [Put("plan", plan.id, {"state": "ended", "ended_at": book.now}, new=False)]
    for step in ladders.steps_of(book.connection, plan.id):
        rows += _withdrawn(book, step)
    book.add(_entry(book, "plan.ended", plan, actor, caused_by, rows, {"why": why}))


def _entry(
    book: Book,
    kind: str,
    plan: Plan,
    actor: str,
    caused_by: str | None,
    rows: list[Put],
    told: Mapping[str, object],
) -> Entry:
    case = cases.case_by_id(book.connection, plan.case_id)
    refs = [f"caused-by {caused_by}"] if caused_by else []
    return Entry(
        kind, case_stream(plan.case_id), actor, rows=rows, told=told, refs=refs, party=case.employee_id
    )
