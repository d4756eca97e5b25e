"""A sealed webhook is understood: reports join attempts, replies pause ladders, addresses are bound."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from casework.messages import Bound, Event, Noted, Receipt, Reply, Unbound
from handlers.bind import bind
from handlers.doubled import note_doubled, numbered
from handlers.escalate import advance
from handlers.heard import Heard
from handlers.people import suppress_address
from handlers.ports import Channel, Ladders, Proposes, Unreadable
from handlers.reply import Attachment, receive_reply
from handlers.settle import plan_of
from storage import cases, deliveries, inbox, ladders, people
from storage.book import SYSTEM, Book, Entry, Reader, case_stream
from storage.inbox import Intake
from storage.rows import Put

BYTES = "application/octet-stream"
# A report may overtake the answer that names its attempt; it waits a little longer each time, and is
# looked at whenever an attempt of its account is accepted. Only its age ends the waiting.
ORPHAN_WAITS = (timedelta(seconds=2), timedelta(seconds=15), timedelta(minutes=2), timedelta(minutes=30))
ORPHAN_LIVES = timedelta(days=3)


@dataclass(frozen=True)
class Understanding:
    """With what an element is understood: its channel, the rules, and what was fetched for it."""

    channel: Channel
    rules: Ladders
    propose: Proposes
    fetched: Mapping[str, Attachment]


def understand(book: Book, intake_id: str, using: Understanding, actor: str) -> None:
    """Interpret one kept element and do what it asks for, once."""
    intake = inbox.lock_intake(book.connection, intake_id)
    if intake.state not in ("new", "orphan"):
        return
    heard = replace(hear(book, intake), portable=using.channel.capabilities.portable)
    try:
        events = using.channel.interpret(heard.inner)
    except Unreadable as fault:
        _mark_unreadable(book, heard, str(fault), actor)
        return
    known = [_apply(book, heard, event, using) for event in events]
    if all(known):
        inbox.set_intake(book.connection, intake.id, "read")
    else:
        _keep_waiting(book, intake)


def _apply(book: Book, heard: Heard, event: Event, using: Understanding) -> bool:
    """Do what one event asks for; False when it must wait for something that is still under way."""
    match event:
        case Receipt():
            return _report(book, heard, event, using.rules)
        case Reply():
            receive_reply(book, heard, event, using.rules, using.propose, using.fetched)
        case Bound():
            bind(book, heard, event)
        case Unbound():
            _unbind(book, heard, event, using.rules)
        case Noted():
            pass  # sealed at intake; it changes nothing
    return True


def _report(book: Book, heard: Heard, report: Receipt, rules: Ladders) -> bool:
    attempt = deliveries.find_attempt(
        book.connection, heard.intake.channel, heard.intake.account, report.client_ref, report.provider_id
    )
    if attempt is None:
        return False
    event_key = book.keys.blind("event", report.event_key)
    if deliveries.has_receipt(book.connection, heard.source, event_key):
        return True
    plan = ladders.plan_by_id(book.connection, plan_of(book, attempt).id, lock=True)
    columns = {
        "channel": heard.source, "event_key": event_key, "attempt_id": attempt.id,
        "delivery_id": attempt.delivery_id, "outcome": report.outcome.value, "said": report.said[:200],
        "event_at": report.at, "received_at": heard.intake.received_at,
    }  # fmt: skip
    record_id = book.add(
        Entry(
            "receipt.received", case_stream(plan.case_id), heard.actor,
            rows=[Put("receipt", book.ids.uuid(), columns), *numbered(attempt, report)],
            told={"said": report.said},
            parts={"inner": book.keep(case_stream(plan.case_id), heard.inner, BYTES)},
            refs=[heard.cites, f"receipt-for {attempt.record_id}"],
            party=cases.case_by_id(book.connection, plan.case_id).employee_id,
            channel=heard.source, state=report.outcome.value, assurance="C1", src_at=report.at,
        )
    )  # fmt: skip
    note_doubled(book, heard, report, attempt, plan)
    advance(book, plan.id, rules, heard.actor, caused_by=record_id)
    return True


def _unbind(book: Book, heard: Heard, event: Unbound, rules: Ladders) -> None:
    """The address takes no more messages: running ladders move to the next channel."""
    point = people.find_contact(
        book.connection, book.keys, heard.intake.channel, heard.account, event.address
    )
    if point is None:
        return
    suppress_address(
        book, point, "员工取消关注或退订", heard.actor, refs=[heard.cites], assurance="C1", src_at=event.at
    )
    advance_all(book, point.employee_id, rules, heard.actor)


def advance_all(book: Book, employee_id: str, rules: Ladders, actor: str) -> None:
    """Ask again about every running plan of an employee."""
    open_ids = [case.id for case in cases.open_cases(book.connection, employee_id)]
    for plan in ladders.running_plans(book.connection, open_ids):
        advance(book, plan.id, rules, actor)


def hear(book: Book | Reader, intake: Intake) -> Heard:
    """Open the exact bytes that were sealed at intake."""
    blob = inbox.blob_of(book.connection, intake.record_id, "inner") or inbox.blob_of(
        book.connection, intake.record_id, "raw"
    )
    assert blob is not None  # take_in keeps at least the raw body
    return Heard(intake, book.open(blob).data, inbox.leaf_hash_of(book.connection, intake.record_id))


def _keep_waiting(book: Book, intake: Intake) -> None:
    if book.now - intake.received_at > ORPHAN_LIVES:
        inbox.set_intake(book.connection, intake.id, "unmatched")
        inbox.count(book.connection, f"webhook_unmatched/{intake.channel}/{intake.account}")
        return
    wait = ORPHAN_WAITS[min(intake.looks, len(ORPHAN_WAITS) - 1)]
    inbox.wait_as_orphan(book.connection, intake.id, book.now + wait)


def _mark_unreadable(book: Book, heard: Heard, why: str, actor: str) -> None:
    inbox.set_intake(book.connection, heard.intake.id, "unreadable")
    inbox.count(book.connection, f"webhook_unreadable/{heard.source}")
    book.add(
        Entry(
            "intake.unreadable",
            SYSTEM,
            actor,
            told={"why": why[:300]},
            refs=[heard.cites],
            channel=heard.source,
        )
    )
