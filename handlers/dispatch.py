"""A due rung is to be sent: what will leave, to whom, is written down before its first byte does."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.records import record_code
from handlers.claimed import may_take
from handlers.desk import Desk
from handlers.escalate import advance
from handlers.ports import Channel, Envelope, Refused
from storage import cases, deliveries, page_tokens, people
from storage.book import JSON, Book, Entry, case_stream
from storage.ladders import Plan, Step
from storage.people import ContactPoint
from storage.rows import Put

# The answer is taken for lost after this long; a channel's connect and read
# timeouts must add up to less (bot/channels/*/settings.py).
ANSWER_WITHIN = timedelta(seconds=45)
TOKEN_LENGTH = 12
TOKEN_LIVES = timedelta(days=180)


@dataclass(frozen=True)
class Dispatch:
    """A written-ahead attempt: what to hand to which channel once the transaction is committed.

    After ``deadline_at`` (real time) its answer is taken for lost and others look into it.
    """

    attempt_id: str
    channel: Channel
    request: bytes
    deadline_at: datetime


@dataclass(frozen=True)
class _Sending:
    """One rung about to be sent, and the delivery and page that belong to it."""

    plan: Plan
    step: Step
    point: ContactPoint
    channel: Channel
    delivery_id: str
    token: str
    client_ref: str
    new: bool  # False: the rung was tried before and keeps its delivery and its page


def begin(book: Book, step: Step, desk: Desk, within: timedelta, actor: str) -> Dispatch | None:
    """Write down, before a byte leaves, exactly what will be sent to whom; None when nothing is to be sent.

    The step must be claimed, and it must be allowed to be taken now
    (handlers/claimed.py). The answer is taken for lost ``within`` this time from now.
    """
    plan = may_take(book, step, desk.rules)
    if plan is None:
        return None
    point = _point(book, plan, step, desk)
    if point is None:
        _close_step(book, plan, step, "该渠道已没有可用的地址", desk, actor)
        return None
    sending = _sending(book, plan, step, point, desk)
    try:
        request = sending.channel.prepare(_envelope(book, sending, desk.public_url))
    except Refused as refusal:
        _close_step(book, plan, step, f"{refusal.code}：{refusal.said}", desk, actor)
        return None
    return _write_ahead(book, sending, request, within, actor)


def _point(book: Book, plan: Plan, step: Step, desk: Desk) -> ContactPoint | None:
    """Return where a rung goes; one that was tried before keeps the address its delivery names."""
    known = deliveries.delivery_of_step(book.connection, step.id)
    if known is not None:
        point = people.contact_point_by_id(book.connection, known.contact_point_id)
        usable = point.state == "active" and (point.channel, point.account) in desk.channels
        return point if usable else None
    case = cases.case_by_id(book.connection, plan.case_id)
    person = people.employee_by_id(book.connection, case.employee_id)
    here = (
        one
        for one in people.usable_contacts(book.connection, person)
        if (one.channel, one.account) in desk.channels
    )
    return next((one for one in here if one.channel == step.channel), None)


def _sending(book: Book, plan: Plan, step: Step, point: ContactPoint, desk: Desk) -> _Sending:
    known = deliveries.delivery_of_step(book.connection, step.id)
    held = page_tokens.token_of(book.connection, known.id) if known else None
    return _Sending(
        plan=plan,
        step=step,
        point=point,
        channel=desk.channels[point.channel, point.account],
        delivery_id=known.id if known else book.ids.uuid(),
        token=held.token if held else book.ids.token(TOKEN_LENGTH),
        client_ref=book.ids.token(20),
        new=known is None,
    )


def _envelope(book: Book, sending: _Sending, public_url: str) -> Envelope:
    notice = cases.notice_by_id(book, sending.plan.notice_id)
    assert notice is not None  # the plan's foreign key says so
    case = cases.case_by_id(book.connection, sending.plan.case_id)
    return Envelope(
        address=sending.point.address,
        client_ref=sending.client_ref,
        kind=notice.kind,
        title=notice.title,
        firm=people.firm_name(book.connection, case.firm_id),
        lines=notice.short_lines,
        link=f"{public_url}/n/{sending.token}",
        record_code=record_code(cases.record_leaf_hash(book.connection, notice.composed_record)),
        callback_base=public_url,
    )


def _write_ahead(book: Book, sending: _Sending, request: bytes, within: timedelta, actor: str) -> Dispatch:
    stream, point = case_stream(sending.plan.case_id), sending.point
    kept = book.keep(stream, request, JSON)
    deadline_at = book.clock.real() + within
    attempt = Put(
        "attempt",
        book.ids.uuid(),
        {
            "delivery_id": sending.delivery_id,
            "number": len(deliveries.attempts_of(book.connection, sending.delivery_id)) + 1,
            "channel": point.channel,
            "account": point.account,
            "client_ref": sending.client_ref,
            "state": "sending",
            "started_at": book.now,
            "deadline_at": deadline_at,
            "provider_id": None,
            "request_blob": kept.id,
            "response_blob": None,
        },
    )
    dispatched = Put("plan_step", sending.step.id, {"state": "dispatched"}, new=False)
    entry = Entry(
        "attempt.started",
        stream,
        actor,
        rows=[*_delivery(sending), attempt, dispatched],
        parts={"request": kept},
        party=point.employee_id,
        channel=f"{point.channel}/{point.account}",
        state="submitted",
    )
    book.add(entry)
    if sending.new:
        expires = book.now + TOKEN_LIVES
        page_tokens.keep_token(book.connection, book.keys, sending.delivery_id, sending.token, expires)
    return Dispatch(attempt.id, sending.channel, request, deadline_at)


def _delivery(sending: _Sending) -> list[Put]:
    if not sending.new:
        return []
    columns = {
        "step_id": sending.step.id,
        "notice_id": sending.plan.notice_id,
        "contact_point_id": sending.point.id,
    }
    return [Put("delivery", sending.delivery_id, columns)]


def _close_step(book: Book, plan: Plan, step: Step, why: str, desk: Desk, actor: str) -> None:
    """A rung that could not even be tried is done, with its reason; the ladder goes on at once."""
    entry = Entry(
        "step.done",
        case_stream(plan.case_id),
        actor,
        rows=[Put("plan_step", step.id, {"state": "done", "finished_at": book.now}, new=False)],
        told={"why": why},
        party=cases.case_by_id(book.connection, plan.case_id).employee_id,
        state="rejected_perm",
    )
    advance(book, plan.id, desk.rules, actor, caused_by=book.add(entry))
