"""A due rung is to be sent: what will leave, to whom, is written down before its first byte does."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from casework.notice_words import outer_title
from evidence.records import record_code
from handlers.claimed import may_take
from handlers.desk import Desk
from handlers.escalate import advance
from handlers.ports import Channel, Envelope, Refused
from handlers.senders import address_of, senders_of
from handlers.throttle import Account
from handlers.turns import take_turn
from storage import cases, deliveries, page_tokens, people
from storage.book import JSON, Book, Entry, case_stream
from storage.clock import lease_time
from storage.ladders import Plan, Step
from storage.people import ContactPoint
from storage.rows import Put

# The answer is taken for lost after this long; a channel's connect and read
# timeouts must add up to less (bot/channels/*/settings.py).
ANSWER_WITHIN = timedelta(seconds=45)
LATE = timedelta(minutes=5)
TOKEN_LENGTH = 12
TOKEN_LIVES = timedelta(days=180)


@dataclass(frozen=True)
class Dispatch:
    """A written-ahead attempt: what to hand to which channel once the transaction is committed.

    After ``deadline_at`` (real time by this host's clock) its answer is taken
    for lost and others look into it.
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
    delivery_id: str
    token: str
    client_ref: str
    new: bool  # False: the rung was tried before and keeps its delivery and its page


def begin(book: Book, step: Step, desk: Desk, within: timedelta, actor: str) -> Dispatch | None:
    """Write down, before a byte leaves, exactly what will be sent to whom; None when nothing is to be sent.

    The step must be claimed, and it must be allowed to be taken now
    (handlers/claimed.py). The answer is taken for lost ``within`` this time from now.
    """
    allowed = may_take(book, step, desk.rules, actor)
    if allowed is None:
        return None
    plan, step = allowed
    point = address_of(book, plan, step, desk)
    if point is None:
        _close_step(book, plan, step, "该渠道已没有可用的地址", desk, actor)
        return None
    sending = _sending(book, plan, step, point)
    try:
        requests = _prepared(book, sending, desk)
    except Refused as refusal:
        _close_step(book, plan, step, f"{refusal.code}：{refusal.said}", desk, actor)
        return None
    account = take_turn(book, step, point.employee_id, list(requests), desk, actor)
    return account and _write_ahead(book, sending, desk.channels[account], requests[account], within, actor)


def _sending(book: Book, plan: Plan, step: Step, point: ContactPoint) -> _Sending:
    known = deliveries.delivery_of_step(book.connection, step.id)
    held = page_tokens.token_of(book.connection, known.id) if known else None
    return _Sending(
        plan=plan,
        step=step,
        point=point,
        delivery_id=known.id if known else book.ids.uuid(),
        token=held.token if held else book.ids.token(TOKEN_LENGTH),
        client_ref=book.ids.token(20),
        new=known is None,
    )


def _prepared(book: Book, sending: _Sending, desk: Desk) -> dict[Account, bytes]:
    """Return what each account would send, the preferred first, without those that refuse to. Raises Refused.

    Raised is the refusal of the preferred account, when all of them refuse.
    """
    envelope, found, refusals = _envelope(book, sending, desk.public_url), {}, []
    for account in senders_of(sending.point, sending.step, desk):
        try:
            found[account] = desk.channels[account].prepare(envelope)
        except Refused as refusal:
            refusals.append(refusal)
    if not found:
        raise refusals[0]
    return found


def _envelope(book: Book, sending: _Sending, public_url: str) -> Envelope:
    notice = cases.notice_by_id(book, sending.plan.notice_id)
    assert notice is not None  # the plan's foreign key says so
    case = cases.case_by_id(book.connection, sending.plan.case_id)
    return Envelope(
        address=sending.point.address,
        client_ref=sending.client_ref,
        kind=notice.kind,
        title=outer_title(notice.title),
        firm=people.firm_name(book.connection, case.firm_id),
        lines=notice.short_lines,
        link=f"{public_url}/n/{sending.token}",
        record_code=record_code(cases.record_leaf_hash(book.connection, notice.composed_record)),
        callback_base=public_url,
    )


def _write_ahead(
    book: Book, sending: _Sending, channel: Channel, request: bytes, within: timedelta, actor: str
) -> Dispatch:
    stream = case_stream(sending.plan.case_id)
    kept = book.keep(stream, request, JSON)
    attempt = Put(
        "attempt",
        book.ids.uuid(),
        {
            "delivery_id": sending.delivery_id,
            "number": len(deliveries.attempts_of(book.connection, sending.delivery_id)) + 1,
            "channel": channel.name,
            "account": channel.account,
            "client_ref": sending.client_ref,
            "state": "sending",
            "started_at": book.now,
            "deadline_at": lease_time(book.connection, book.clock) + within,
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
        told=_lateness(sending.step, book.now),
        parts={"request": kept},
        party=sending.point.employee_id,
        channel=f"{channel.name}/{channel.account}",
        state="submitted",
    )
    book.add(entry)
    if sending.new:
        expires = book.now + TOKEN_LIVES
        page_tokens.keep_token(book.connection, book.keys, sending.delivery_id, sending.token, expires)
    return Dispatch(attempt.id, channel, request, book.clock.real() + within)


def _lateness(step: Step, now: datetime) -> dict[str, str]:
    """Say by how much a message leaves later than planned, whatever kept it waiting."""
    late = now - step.due_at
    return {"why": f"比计划的时间晚 {late // timedelta(minutes=1)} 分钟发出"} if late >= LATE else {}


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
