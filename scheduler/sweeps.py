"""The worker's sweeps: each claims some rows, works on them, commits, and may be killed at any point."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from casework.messages import Event, Reply
from handlers.conclude import conclude, conclude_absent, conclude_by_person
from handlers.desk import Desk
from handlers.dispatch import ANSWER_WITHIN, Dispatch, begin
from handlers.ports import Answer, Channel, Resolve, SendFailed, Unreadable, Unsure
from handlers.receive import Understanding, hear, understand
from handlers.reply import Attachment
from handlers.tasks import open_task
from storage import deliveries, inbox, ladders
from storage.deliveries import Attempt
from storage.inbox import Intake
from storage.ladders import Step

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 20
FETCH_TRIES = 5
ABSENCES = 2  # a gateway that lags must say "no" twice, spaced, before we send again
LOOK_AFTER = (timedelta(seconds=10), timedelta(seconds=60), timedelta(minutes=5), timedelta(minutes=30))
WAIT_FOR_RECEIPT = timedelta(hours=1)


def _pass_by(_: str) -> None:
    """A fail-point that does nothing: the real ones are set by a crash test only."""


@dataclass(frozen=True)
class Worker:
    """One worker: its desk, its name in claims, the fail-points of a crash test, and its pace.

    ``pace`` multiplies every wait in real time; below 1 only for demonstrations
    and tests, whose gateways must answer that much sooner.
    """

    desk: Desk
    name: str
    fail_at: Callable[[str], None] = field(default=_pass_by)
    pace: float = 1.0

    @property
    def lease(self) -> timedelta:
        """How long a claim lasts."""
        return LEASE * self.pace

    @property
    def actor(self) -> str:
        """How records name this process."""
        return "system:worker"


def send_due(worker: Worker) -> int:
    """Take the rungs that are due: messages are sent, tasks are put on a person's list."""
    archive = worker.desk.archive
    with archive.writing() as book:
        steps = ladders.claim_steps(
            book.connection, worker.name, book.now, archive.clock.real(), worker.lease, BATCH
        )
    for step in steps:
        try:
            _take(worker, step)
        except Exception:
            log.exception("step_failed", step=step.id)
            _postpone(worker, step)
    return len(steps)


def understand_new(worker: Worker) -> int:
    """Understand webhooks that were kept, and look again at reports that came too early."""
    archive = worker.desk.archive
    with archive.writing() as book:
        waiting = inbox.claim_intake(book.connection, book.now, worker.lease, BATCH)
    for intake in waiting:
        try:
            _understand(worker, intake)
        except Exception:
            log.exception("intake_failed", intake=intake.id)
    return len(waiting)


def resolve_lost(worker: Worker) -> int:
    """Find out what became of attempts whose answer was lost."""
    archive = worker.desk.archive
    with archive.writing() as book:
        lost = deliveries.claim_lost_attempts(
            book.connection, worker.name, archive.clock.real(), worker.lease, BATCH
        )
    for attempt in lost:
        try:
            _resolve(worker, attempt)
        except Exception:
            log.exception("resolve_failed", attempt=attempt.id)
    return len(lost)


def _take(worker: Worker, step: Step) -> None:
    desk = worker.desk
    worker.fail_at("before_attempt")
    if step.action != "send":
        with desk.archive.writing() as book:
            open_task(book, step, worker.actor)
        return
    with desk.archive.writing() as book:
        dispatch = begin(book, step, desk, ANSWER_WITHIN * worker.pace, worker.actor)
    if dispatch is not None:
        worker.fail_at("after_attempt")
        _send(worker, dispatch)


def _send(worker: Worker, dispatch: Dispatch) -> None:
    """Hand the request to the gateway with no transaction open, then write down its answer."""
    result: Answer | SendFailed
    try:
        result = dispatch.channel.send(dispatch.request)
    except SendFailed as failed:
        result = failed
    except Exception as error:
        log.exception("channel_failed", attempt=dispatch.attempt_id)
        result = Unsure("local", type(error).__name__)
    worker.fail_at("after_accept")
    with worker.desk.archive.writing() as book:
        conclude(book, dispatch.attempt_id, result, worker.desk.rules, worker.actor)
    worker.fail_at("after_conclude")


def _postpone(worker: Worker, step: Step) -> None:
    with worker.desk.archive.writing() as book:
        wait = timedelta(minutes=2 ** min(step.poison, 8))
        ladders.postpone(book.connection, step, book.now + wait)


def _understand(worker: Worker, intake: Intake) -> None:
    desk = worker.desk
    channel = desk.channels.get((intake.channel, intake.account))
    if channel is None:
        log.warning("channel_gone", channel=intake.channel, account=intake.account)
        return
    with desk.archive.reading() as view:
        inner = hear(view, intake).inner
    fetched = _fetch(channel, _events(channel, inner), intake.tries)
    with desk.archive.writing() as book:
        understand(book, intake.id, Understanding(channel, desk.rules, desk.propose, fetched), worker.actor)


def _events(channel: Channel, inner: bytes) -> tuple[Event, ...]:
    try:
        return channel.interpret(inner)
    except Unreadable:
        return ()  # understand() marks it


def _fetch(channel: Channel, events: tuple[Event, ...], tries: int) -> dict[str, Attachment]:
    """Fetch what came with replies while the gateway still has it; give up after some tries."""
    fetched = {}
    for media in (media for event in events if isinstance(event, Reply) for media in event.media):
        try:
            data, media_type = channel.fetch(media)
            fetched[media.ref] = Attachment(media_type, data)
        except SendFailed as failed:
            if tries < FETCH_TRIES:
                raise
            fetched[media.ref] = Attachment(media.media_type, None, f"{failed.code}：{failed.said}")
    return fetched


def _resolve(worker: Worker, attempt: Attempt) -> None:
    """Use the strongest means that the channel offers (facts: key, query, receipt, a person)."""
    desk = worker.desk
    channel = desk.channels.get((attempt.channel, attempt.account))
    if channel is None:
        _leave_to_person(worker, attempt)
        return
    if attempt.state == "sending":
        _settle_first(worker, attempt, channel)
        return
    able = channel.capabilities.resolves
    age = desk.archive.clock.now() - attempt.started_at
    if Resolve.KEY in able and age < channel.capabilities.key_window:
        _repeat_under_key(worker, attempt, channel)
    elif Resolve.QUERY in able:
        _ask(worker, attempt, channel)
    elif Resolve.RECEIPT in able and age < WAIT_FOR_RECEIPT:
        _look_again(worker, attempt)
    else:
        _leave_to_person(worker, attempt)


def _settle_first(worker: Worker, attempt: Attempt, channel: Channel) -> None:
    """The worker that sent it died: its request may still be in flight, so wait before asking."""
    archive = worker.desk.archive
    with archive.writing() as book:
        conclude(book, attempt.id, Unsure("lost", "发送进程中断，答复丢失"), worker.desk.rules, worker.actor)
        deliveries.look_again(
            book.connection, attempt.id, archive.clock.real() + channel.capabilities.settle * worker.pace
        )


def _repeat_under_key(worker: Worker, attempt: Attempt, channel: Channel) -> None:
    """Send the stored bytes again under the same key; the gateway swallows what it has already.

    Only a yes settles it: a refusal of the repeat says nothing about the first.
    """
    try:
        found = channel.send(_request(worker, attempt))
    except SendFailed as failed:
        log.warning("repeat_failed", attempt=attempt.id, code=failed.code)
        _look_again(worker, attempt)
        return
    with worker.desk.archive.writing() as book:
        conclude(book, attempt.id, found, worker.desk.rules, worker.actor, asked=True)


def _ask(worker: Worker, attempt: Attempt, channel: Channel) -> None:
    try:
        found = channel.find(_request(worker, attempt), attempt.started_at - timedelta(minutes=5))
    except SendFailed as failed:
        log.warning("query_failed", attempt=attempt.id, code=failed.code)
        _look_again(worker, attempt)
        return
    if found is None and attempt.looks < ABSENCES:
        _look_again(worker, attempt)
        return
    with worker.desk.archive.writing() as book:
        if found is None:
            conclude_absent(book, attempt.id, worker.actor)
        else:
            conclude(book, attempt.id, found, worker.desk.rules, worker.actor, asked=True)


def _look_again(worker: Worker, attempt: Attempt) -> None:
    archive = worker.desk.archive
    wait = LOOK_AFTER[min(attempt.looks, len(LOOK_AFTER) - 1)] * worker.pace
    with archive.writing() as book:
        deliveries.look_again(book.connection, attempt.id, archive.clock.real() + wait)


def _leave_to_person(worker: Worker, attempt: Attempt) -> None:
    with worker.desk.archive.writing() as book:
        conclude_by_person(book, attempt.id, worker.desk.rules, worker.actor)


def _request(worker: Worker, attempt: Attempt) -> bytes:
    with worker.desk.archive.reading() as view:
        return view.open(attempt.request_blob).data
