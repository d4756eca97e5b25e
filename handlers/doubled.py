"""A gateway took one message twice: its reports bear two numbers of its own for our one attempt."""

from casework.messages import Receipt
from handlers.heard import Heard
from storage import cases, deliveries, inbox
from storage.book import Book, Entry, case_stream
from storage.deliveries import Attempt
from storage.ladders import Plan
from storage.rows import Put


def note_doubled(book: Book, heard: Heard, report: Receipt, attempt: Attempt, plan: Plan) -> None:
    """Record, once for each further number, that the person was sent the same message again."""
    if None in (attempt.provider_id, report.provider_id) or attempt.provider_id == report.provider_id:
        return
    event_key = book.keys.blind("doubled", f"{attempt.id} {report.provider_id}")
    if deliveries.has_receipt(book.connection, heard.source, event_key):
        return
    why = "网关把同一次发送受理了两次：员工可能收到两条同样的消息"
    columns = {
        "channel": heard.source, "event_key": event_key, "attempt_id": attempt.id,
        "delivery_id": attempt.delivery_id, "outcome": "accepted", "said": why,
        "event_at": report.at, "received_at": heard.intake.received_at,
    }  # fmt: skip
    entry = Entry(
        "attempt.doubled", case_stream(plan.case_id), heard.actor,
        rows=[Put("receipt", book.ids.uuid(), columns)],
        told={"why": why},
        refs=[heard.cites, f"outcome-of {attempt.record_id}"],
        party=cases.case_by_id(book.connection, plan.case_id).employee_id,
        channel=heard.source, state="accepted", assurance="C1", src_at=report.at,
    )  # fmt: skip
    book.add(entry)
    inbox.count(book.connection, f"gateway_doubled/{heard.source}")


def numbered(attempt: Attempt, report: Receipt) -> list[Put]:
    """Return the row that keeps the gateway's number where its own answer was lost."""
    if attempt.provider_id is not None or report.provider_id is None:
        return []
    return [Put("attempt", attempt.id, {"provider_id": report.provider_id}, new=False)]
