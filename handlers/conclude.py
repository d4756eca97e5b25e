"""An attempt is over: accepted, refused, to be tried later, or nobody knows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from handlers.escalate import advance
from handlers.ports import Answer, Ladders, SendFailed, Throttled, Unsure
from handlers.tasks import end_of_day
from storage import cases, deliveries, inbox, ladders
from storage.book import Book, Entry, case_stream
from storage.deliveries import Attempt
from storage.rows import Put

TEMPORARY_TRIES = 5
SETTLE = timedelta(seconds=5)  # a request may still be in flight
BYTES = "application/octet-stream"


def conclude(
    book: Book,
    attempt_id: str,
    result: Answer | SendFailed,
    rules: Ladders,
    actor: str,
    *,
    asked: bool = False,
) -> None:
    """Write down what became of an attempt; ``asked`` when the gateway was asked afterwards.

    An attempt that is settled already stays as it is: a worker that wakes up
    late changes nothing.
    """
    attempt = _locked(book, attempt_id)
    if attempt is None:
        return
    match result:
        case Answer():
            record_id = _accepted(book, attempt, result, actor, asked)
            inbox.wake_orphans(book.connection, attempt.channel, attempt.account, book.now)
        case Throttled() if attempt.number < TEMPORARY_TRIES:
            _later(book, attempt, result, actor)
            return
        case Unsure():
            _unknown(book, attempt, result, actor)
            return
        case _:
            record_id = _refused(book, attempt, result, actor)
    advance(book, plan_of(book, attempt).id, rules, actor, caused_by=record_id)


def conclude_absent(book: Book, attempt_id: str, actor: str) -> None:
    """The gateway, asked twice, never had it: the rung is due again with a new attempt."""
    attempt = _locked(book, attempt_id)
    if attempt is not None:
        ending = Ending("attempt.absent", "absent", "rejected_temp", "网关查询两次均无此消息", assurance="C2")
        _settle(book, attempt, ending, actor, step_state="planned")


def conclude_by_person(book: Book, attempt_id: str, rules: Ladders, actor: str) -> None:
    """Nobody can find out whether it went: a person is told, and the ladder goes on."""
    attempt = _locked(book, attempt_id)
    if attempt is None:
        return
    ending = Ending("attempt.unknown", "human", "unknown", "无法查明网关是否已发出，请人工核实")
    case_id = plan_of(book, attempt).case_id
    columns = {
        "case_id": case_id, "step_id": None, "kind": "unknown_attempt", "due_at": end_of_day(book.now),
        "state": "open", "outcome": None, "done_by": None, "done_at": None, "about": attempt.id,
    }  # fmt: skip
    record_id = _settle(book, attempt, ending, actor, more=[Put("task", book.ids.uuid(), columns)])
    advance(book, plan_of(book, attempt).id, rules, actor, caused_by=record_id)


def _locked(book: Book, attempt_id: str) -> Attempt | None:
    """Return an attempt that is still open, its plan locked first as everywhere; None when it is settled."""
    plan = plan_of(book, deliveries.attempt_by_id(book.connection, attempt_id))
    ladders.plan_by_id(book.connection, plan.id, lock=True)
    attempt = deliveries.attempt_by_id(book.connection, attempt_id, lock=True)
    return attempt if attempt.state in ("sending", "unknown") else None


def plan_of(book: Book, attempt: Attempt) -> ladders.Plan:
    """Return the plan to which an attempt belongs."""
    delivery = deliveries.delivery_by_id(book.connection, attempt.delivery_id)
    step = ladders.step_by_id(book.connection, delivery.step_id)
    return ladders.plan_by_id(book.connection, step.plan_id)


@dataclass(frozen=True)
class Ending:
    """How an attempt ends: the record's kind, the attempt's state, the proof state, the gateway's word."""

    kind: str
    attempt_state: str
    state: str
    said: str
    raw: bytes = b""
    assurance: str = "C0"
    changes: Mapping[str, Any] = field(default_factory=dict)


def _accepted(book: Book, attempt: Attempt, answer: Answer, actor: str, asked: bool) -> str:
    kind, assurance = ("attempt.found", "C2") if asked else ("attempt.accepted", "C1")
    changes = {"provider_id": answer.provider_id}
    ending = Ending(kind, "accepted", "accepted", answer.said, answer.raw, assurance, changes)
    return _settle(book, attempt, ending, actor)


def _refused(book: Book, attempt: Attempt, failed: SendFailed, actor: str) -> str:
    outcome = failed.outcome.value
    ending = Ending("attempt.rejected", outcome, outcome, f"{failed.code}：{failed.said}", failed.raw, "C1")
    return _settle(book, attempt, ending, actor)


def _later(book: Book, attempt: Attempt, failed: Throttled, actor: str) -> None:
    """The gateway surely did not take it: the same rung is due again after the wait it asked for."""
    said = f"{failed.code}：{failed.said}"
    ending = Ending("attempt.rejected", "rejected_temp", "rejected_temp", said, failed.raw, "C1")
    _settle(book, attempt, ending, actor, step_state="planned", wait=failed.wait)


def _unknown(book: Book, attempt: Attempt, failed: Unsure, actor: str) -> None:
    if attempt.state == "unknown":
        return
    ending = Ending("attempt.unknown", "unknown", "unknown", f"{failed.code}：{failed.said}", failed.raw)
    _write(
        book,
        attempt,
        ending,
        actor,
        [],
        {attempt.id: {"look_at": book.clock.real() + SETTLE, "lease_until": None}},
    )


def _settle(
    book: Book,
    attempt: Attempt,
    ending: Ending,
    actor: str,
    *,
    step_state: str = "done",
    wait: timedelta | None = None,
    more: list[Put] | None = None,
) -> str:
    """Write an attempt's end together with what becomes of its step."""
    step_id = deliveries.delivery_by_id(book.connection, attempt.delivery_id).step_id
    finished = book.now if step_state == "done" else None
    step = Put("plan_step", step_id, {"state": step_state, "finished_at": finished}, new=False)
    extra = {step_id: {"lease_until": None, "hold_until": book.now + wait if wait else None}}
    return _write(book, attempt, ending, actor, [step, *(more or [])], extra)


def _write(
    book: Book,
    attempt: Attempt,
    ending: Ending,
    actor: str,
    rows: list[Put],
    extra: Mapping[str, Mapping[str, Any]],
) -> str:
    plan = plan_of(book, attempt)
    stream = case_stream(plan.case_id)
    changes = {"state": ending.attempt_state, **ending.changes}
    parts = {}
    if ending.raw:
        parts["response"] = book.keep(stream, ending.raw, BYTES)
        changes["response_blob"] = parts["response"].id
    return book.add(
        Entry(
            ending.kind,
            stream,
            actor,
            rows=[Put("attempt", attempt.id, changes, new=False), *rows],
            told={"said": ending.said},
            parts=parts,
            refs=[f"outcome-of {attempt.record_id}"],
            party=cases.case_by_id(book.connection, plan.case_id).employee_id,
            channel=f"{attempt.channel}/{attempt.account}",
            state=ending.state,
            assurance=ending.assurance,
            extra=extra,
        )
    )
