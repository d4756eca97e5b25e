"""An employee answers: kept word for word, a meaning proposed, the ladder paused, a person asked to look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from casework.messages import Meaning, Outcome, Reply
from casework.workdays import BEIJING
from handlers.escalate import advance
from handlers.heard import Heard
from handlers.people import suppress_address
from handlers.ports import Ladders, Proposal, Proposes
from storage import cases, deliveries, inbox, ladders, people
from storage.book import TEXT, Book, Entry, Part, case_stream
from storage.rows import Put
from storage.vault import Kept

ANSWER_WITHIN_WORKDAYS = 1


@dataclass(frozen=True)
class Attachment:
    """A picture or recording that came with a reply; no data when the gateway no longer had it."""

    media_type: str
    data: bytes | None
    said: str = ""


def receive_reply(
    book: Book,
    heard: Heard,
    reply: Reply,
    rules: Ladders,
    propose: Proposes,
    fetched: Mapping[str, Attachment],
) -> None:
    """Keep a reply in the case it belongs to; one from nobody we know stays sealed at intake only."""
    point = people.find_contact(
        book.connection, book.keys, heard.intake.channel, heard.intake.account, reply.address
    )
    if point is None:
        inbox.count(book.connection, f"reply_from_stranger/{heard.source}")
        return
    if inbox.has_reply(book.connection, heard.source, reply.external_key):
        return
    if reply.opt_out:
        suppress_address(
            book, point, "员工回复退订", heard.actor, refs=[heard.cites], assurance="C1", src_at=reply.at
        )
    case = next(iter(cases.open_cases(book.connection, point.employee_id)), None)
    if case is None:
        inbox.count(book.connection, f"reply_without_case/{heard.source}")
        return
    attachments = [fetched[media.ref] for media in reply.media if media.ref in fetched]
    _keep(book, heard, reply, case, point, propose(reply.text), rules, attachments)


def _keep(
    book: Book, heard: Heard, reply: Reply, case: cases.Case, point: people.ContactPoint, proposal: Proposal,
    rules: Ladders, attachments: list[Attachment],
) -> None:  # fmt: skip
    stream = case_stream(case.id)
    running = ladders.running_plans(book.connection, [case.id])
    notice_id = running[-1].notice_id if running else None
    text = book.keep(stream, reply.text.encode("utf-8", "surrogatepass"), TEXT)
    columns = {
        "channel": heard.source, "external_key": reply.external_key, "employee_id": case.employee_id,
        "case_id": case.id, "notice_id": notice_id, "text_blob": text.id, "proposed": proposal.meaning.value,
        "confirmed": None, "received_at": heard.intake.received_at,
    }  # fmt: skip
    put = Put("reply", book.ids.uuid(), columns)
    record_id = book.add(
        Entry(
            "reply.received",
            stream,
            f"employee:{case.employee_id}",
            rows=[put],
            told={"proposed": proposal.meaning.value, "why": proposal.why, "attachments": _told(attachments)},
            parts={
                "text": text,
                "inner": Part(heard.inner, "application/octet-stream"),
                **_parts(attachments),
            },
            refs=[heard.cites],
            party=case.employee_id,
            channel=heard.source,
            state="replied",
            assurance="C1",
            src_at=reply.at,
        )
    )
    sole = len(running) == 1 and _was_told(book, running[0].notice_id, point)
    settle_reply(book, put.id, case, proposal, record_id, rules, sole=sole)


def _was_told(book: Book, notice_id: str, point: people.ContactPoint) -> bool:
    """Whether the gateway took this notice for this very address: what was not sent is not acknowledged."""
    made = deliveries.deliveries_of_notice(book.connection, notice_id)
    sent = [one for one in made if one.contact_point_id == point.id]
    return any(deliveries.standing_of(book.connection, one.id).at_least(Outcome.ACCEPTED) for one in sent)


def _told(attachments: list[Attachment]) -> list[dict[str, object]]:
    return [{"media": one.media_type, "kept": one.data is not None, "said": one.said} for one in attachments]


def _parts(attachments: list[Attachment]) -> dict[str, Part | Kept]:
    return {
        f"attachment-{number}": Part(one.data, one.media_type)
        for number, one in enumerate(attachments, start=1)
        if one.data is not None
    }


def settle_reply(
    book: Book,
    reply_id: str,
    case: cases.Case,
    proposal: Proposal,
    record_id: str,
    rules: Ladders,
    *,
    sole: bool,
) -> None:
    """Pause every ladder of the case and give HR one working day to look.

    Only an acknowledgement beyond doubt of the one running notice confirms
    itself; an automatic answer changes nothing.
    """
    if proposal.meaning is Meaning.AUTOMATIC:
        return
    actor = f"employee:{case.employee_id}"
    if sole and proposal.unambiguous and proposal.meaning is Meaning.RECEIVED:
        _confirm_itself(book, reply_id, case, record_id)
    else:
        _ask_hr(book, reply_id, case, record_id, rules)
    for plan in ladders.running_plans(book.connection, [case.id]):
        pause(book, plan, "员工已回复", actor, record_id)
        advance(book, plan.id, rules, actor, caused_by=record_id)


def look_by(now: datetime, rules: Ladders) -> datetime:
    """Return by when HR must look at an answer: the same time of day one working day later, in Beijing."""
    local = now.astimezone(BEIJING)
    day = rules.calendar.add_workdays(local.date(), ANSWER_WITHIN_WORKDAYS)
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
    columns = {
        "case_id": case.id,
        "step_id": None,
        "kind": "confirm_reply",
        "due_at": look_by(book.now, rules),
        "state": "open",
        "outcome": None,
        "done_by": None,
        "done_at": None,
        "about": reply_id,
    }
    book.add(
        Entry(
            "task.opened",
            case_stream(case.id),
            "system:conversation",
            rows=[Put("task", book.ids.uuid(), columns)],
            told={"kind": "confirm_reply"},
            refs=[f"caused-by {record_id}"],
            party=case.employee_id,
        )
    )
