"""The worker's sweeps: each claims some rows, works on them, commits, and may be killed at any point."""

from datetime import timedelta

import structlog

from casework.messages import Event, Reply
from handlers.conclude import conclude
from handlers.dispatch import ANSWER_WITHIN, Dispatch, begin
from handlers.ports import Answer, Channel, SendFailed, Unreadable, Unsure
from handlers.receive import Understanding, hear, understand
from handlers.reply import Attachment
from handlers.tasks import open_task
from scheduler.who import BATCH, Worker
from storage import inbox, ladders
from storage.inbox import Intake
from storage.ladders import Step

log = structlog.get_logger(__name__)

FETCH_TRIES = 5
FAILING_TRIES = 8


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
            _give_up(worker, intake)
    return len(waiting)


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


def _give_up(worker: Worker, intake: Intake) -> None:
    """A webhook on which we fail again and again is put aside and counted; its bytes stay sealed."""
    if intake.tries < FAILING_TRIES:
        return
    with worker.desk.archive.writing() as book:
        inbox.set_intake(book.connection, intake.id, "failed")
        inbox.count(book.connection, f"webhook_failed/{intake.channel}/{intake.account}")


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
