"""A person finds out what no machine could, whether a message went; that is a record and has its effect."""

from casework.escalation import policy_from_body
from casework.messages import Outcome
from casework.notices import load_kind
from casework.unknown_outcome import Known, Weighed, weigh
from handlers.escalate import advance
from handlers.people import Unacceptable
from handlers.ports import Ladders
from handlers.reachable import channels_of
from handlers.settle import Ending, plan_of, write
from storage import cases, deliveries, inbox, ladders, people
from storage.book import Book, Entry, Reader, case_stream
from storage.deliveries import Attempt
from storage.ladders import Plan, Step
from storage.rows import Put
from storage.tasks import Task

KIND = "unknown_attempt"
# What a person may find; sending again is the person's choice and never ours.
FINDINGS = {
    "went": "查明已发出",
    "did_not_go": "查明未发出，这一条不再补发",
    "send_again": "查明未发出，请系统补发这一条",
    "cannot_tell": "查不清楚，按结果不明留存",
}
_REPEATED = "repeated"


def evidence_about(view: Book | Reader, task: Task) -> Weighed | None:
    """Return what speaks for and against the message that a task asks about; None for other tasks."""
    if task.kind != KIND or task.about is None:
        return None
    attempt = deliveries.attempt_by_id(view.connection, task.about)
    reports = deliveries.reports_of(view.connection, attempt.delivery_id)
    own = tuple((one.received_at, one.said) for one in reports if one.attempt_id == attempt.id)
    opened = [one.received_at for one in reports if one.outcome in (Outcome.DISPLAYED, Outcome.READ)]
    notice_id = deliveries.delivery_by_id(view.connection, attempt.delivery_id).notice_id
    replied = [one.received_at for one in inbox.replies_of(view.connection, task.case_id)
               if one.notice_id == notice_id and one.received_at >= attempt.started_at]  # fmt: skip
    others = [one for one in _attempts_of_notice(view, notice_id) if one.id != attempt.id]
    known = Known(
        sent_at=attempt.started_at,
        answer_by=attempt.deadline_at,
        asked=attempt.looks,
        denied=attempt.absences,
        reports=own,
        opened_at=min(opened, default=None),
        replied_at=min(replied, default=None),
        elsewhere=sum(one.state == "accepted" for one in others),
        again=sum(one.delivery_id == attempt.delivery_id and one.number > attempt.number for one in others),
    )
    return weigh(known)


def shown(book: Book, task: Task) -> dict[str, list[str]]:
    """Return for the record what the person who decides was shown; nothing for other tasks."""
    weighed = evidence_about(book, task)
    return {name: list(said) for name, said in vars(weighed).items()} if weighed else {}


def lock_plan_of(book: Book, task: Task) -> None:
    """Lock the plan that a finding will change, before the task itself."""
    if task.kind == KIND and task.about is not None:
        plan = plan_of(book, deliveries.attempt_by_id(book.connection, task.about))
        ladders.plan_by_id(book.connection, plan.id, lock=True)


def apply_finding(book: Book, task: Task, word: str, rules: Ladders, actor: str, caused_by: str) -> None:
    """Settle the attempt as the person found, and let the ladder go on. Raises Unacceptable."""
    if task.kind != KIND or task.about is None:
        return
    attempt = deliveries.attempt_by_id(book.connection, task.about, lock=True)
    if word == "send_again":
        _send_again(book, attempt, actor, caused_by)
    elif attempt.state == "human" and word == "went":
        _settle(
            book, attempt, Ending("attempt.found", "accepted", "accepted", "人工查明已发出"), actor, caused_by
        )
    elif attempt.state == "human" and word == "did_not_go":
        _settle(book, attempt, _NOT_SENT, actor, caused_by)
    advance(book, plan_of(book, attempt).id, rules, actor, caused_by=caused_by)


_NOT_SENT = Ending("attempt.absent", "absent", "rejected_temp", "人工查明未发出")


def may_repeat(book: Book, attempt: Attempt, rules: Ladders) -> bool:
    """Whether a second copy is harmless, and a rung and a channel are left for it; once for one notice."""
    plan = plan_of(book, attempt)
    notice = cases.notice_by_id(book, plan.notice_id)
    if notice is None or not load_kind(notice.kind).repeat_allowed or not _sends_again(book, attempt, plan):
        return False
    made = _attempts_of_notice(book, plan.notice_id)
    person = people.employee_by_id(
        book.connection, cases.case_by_id(book.connection, plan.case_id).employee_id
    )
    left = set(channels_of(book, person, rules)) - {one.channel for one in made}
    return bool(left) and all(one.state != _REPEATED for one in made)


def _sends_again(book: Book, attempt: Attempt, plan: Plan) -> bool:
    delivery = deliveries.delivery_by_id(book.connection, attempt.delivery_id)
    rung = ladders.step_by_id(book.connection, delivery.step_id).rung
    policy = policy_from_body(ladders.policy_body(book.connection, plan.policy_id))
    return any(one.action == "send" for one in policy.rungs[rung + 1 :])


def _send_again(book: Book, attempt: Attempt, actor: str, caused_by: str) -> None:
    """Open the rung again, before anything that came after it has begun."""
    plan = plan_of(book, attempt)
    step_id = deliveries.delivery_by_id(book.connection, attempt.delivery_id).step_id
    steps = ladders.steps_of(book.connection, plan.id)
    step = next(one for one in steps if one.id == step_id)
    later = [one for one in steps if one.ordinal > step.ordinal and one.state != "skipped"]
    if attempt.state != "human" or plan.state != "running" or any(one.state != "planned" for one in later):
        raise Unacceptable(
            "outcome",
            "阶梯已暂停、结束或走到后面的步骤，或者这一条已有结论，不能再补发；请改选“查明未发出”，需要时另发一份通知",
        )
    for one in later:
        _put_back(book, plan, one, actor, caused_by)
    again = Put("plan_step", step.id, {"state": "planned", "finished_at": None}, new=False)
    _settle(book, attempt, _NOT_SENT, actor, caused_by, [again])


def _put_back(book: Book, plan: Plan, step: Step, actor: str, caused_by: str) -> None:
    rows = [Put("plan_step", step.id, {"state": "skipped", "finished_at": book.now}, new=False)]
    told, refs = {"why": "人事要求先补发前一条"}, [f"caused-by {caused_by}"]
    party = cases.case_by_id(book.connection, plan.case_id).employee_id
    stream = case_stream(plan.case_id)
    book.add(Entry("step.skipped", stream, actor, rows=rows, told=told, refs=refs, party=party))


def _settle(
    book: Book, attempt: Attempt, ending: Ending, actor: str, caused_by: str, rows: list[Put] | None = None
) -> None:
    extra = {row.id: {"lease_until": None, "hold_until": None} for row in rows or ()}
    found = Ending(
        ending.kind, ending.attempt_state, ending.state, ending.said, refs=[f"caused-by {caused_by}"]
    )
    write(book, attempt, found, actor, rows or (), extra)


def _attempts_of_notice(view: Book | Reader, notice_id: str) -> list[Attempt]:
    made = deliveries.deliveries_of_notice(view.connection, notice_id)
    return [one for delivery in made for one in deliveries.attempts_of(view.connection, delivery.id)]
