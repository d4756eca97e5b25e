"""An attempt's end is written down together with what becomes of its step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from storage import cases, deliveries, ladders
from storage.book import Book, Entry, case_stream
from storage.deliveries import Attempt
from storage.rows import Put

BYTES = "application/octet-stream"
OPEN = ("sending", "unknown")


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
    refs: Sequence[str] = ()


def lock_attempt(book: Book, attempt_id: str) -> Attempt:
    """Return an attempt for writing, its plan locked first as everywhere."""
    plan = plan_of(book, deliveries.attempt_by_id(book.connection, attempt_id))
    ladders.plan_by_id(book.connection, plan.id, lock=True)
    return deliveries.attempt_by_id(book.connection, attempt_id, lock=True)


def plan_of(book: Book, attempt: Attempt) -> ladders.Plan:
    """Return the plan to which an attempt belongs."""
    delivery = deliveries.delivery_by_id(book.connection, attempt.delivery_id)
    step = ladders.step_by_id(book.connection, delivery.step_id)
    return ladders.plan_by_id(book.connection, step.plan_id)


def settle(
    book: Book,
    attempt: Attempt,
    ending: Ending,
    actor: str,
    *,
    again: bool = False,
) -> str:
    """Write an attempt's end; its step is done, or due ``again`` at once. Return the record's id.

    In a plan that has ended meanwhile nothing is due again: the step is skipped.
    """
    step_id = deliveries.delivery_by_id(book.connection, attempt.delivery_id).step_id
    ended = plan_of(book, attempt).state == "ended"
    state = ("skipped" if ended else "planned") if again else "done"
    finished = None if state == "planned" else book.now
    step = Put("plan_step", step_id, {"state": state, "finished_at": finished}, new=False)
    extra = {step_id: {"lease_until": None, "hold_until": None}}
    return write(book, attempt, ending, actor, [step], extra)


def write(
    book: Book,
    attempt: Attempt,
    ending: Ending,
    actor: str,
    rows: Sequence[Put] = (),
    extra: Mapping[str, Mapping[str, Any]] | None = None,
) -> str:
    """Write what is known of an attempt now, with further rows; return the record's id."""
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
            refs=[f"outcome-of {attempt.record_id}", *ending.refs],
            party=cases.case_by_id(book.connection, plan.case_id).employee_id,
            channel=f"{attempt.channel}/{attempt.account}",
            state=ending.state,
            assurance=ending.assurance,
            extra=extra or {},
        )
    )
