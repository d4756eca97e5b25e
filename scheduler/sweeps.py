"""The worker's sweeps: each claims some rows, works on them, commits, and may be killed at any point."""

import structlog

from casework.messages import Event, Reply
from handlers.conclude import conclude
from handlers.dispatch import ANSWER_WITHIN, Dispatch, begin
from handlers.ports import Answer, Channel, SendFailed, Unreadable, Unsure
from handlers.receive import Understanding, hear, understand
from handlers.reply import Attachment
from handlers.senders import what_is_blocked
from handlers.tasks import open_task
from scheduler.failing import step_failed, webhook_failed
from scheduler.who import BATCH, Worker
from storage import inbox, ladders
from storage.clock import lease_time
from storage.inbox import Intake
from storage.ladders import Step

log = structlog.get_logger(__name__)

FETCH_TRIES = 2
SENDING_TAKES = ANSWER_WITHIN / 2  # more than a channel's timeouts add up to by default


class ChannelGone(Exception):  # noqa: N818
    """A webhook waits for an account that the settings no longer name."""


def send_due(worker: Worker) -> int:
    """Take the rungs that are due: messages are sent, tasks are put on a person's list."""
    archive = worker.desk.archive
    with archive.writing() as book:
        real, blocked = lease_time(book.connection, archive.clock), what_is_blocked(book, worker.desk)
        steps = ladders.claim_steps(
            book.connection, worker.name, book.now, real, worker.lease, BATCH, blocked
        )
    for step in steps:
        if worker.told.is_set():
            return 0  # the rest of the claim lapses by itself, and another worker takes it
        try:
            _take(worker, step)
        except Exception:
            log.exception("step_failed", step=step.id)
            step_failed(worker, step)
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
            webhook_failed(worker, intake)
    return len(waiting)


def _take(worker: Worker, step: Step) -> None:
    desk = worker.desk
    worker.fail_at("before_attempt")
    if step.action != "send":
        with desk.archive.writing() as book:
            open_task(book, step, desk.rules, worker.actor)
        return
    with desk.archive.writing() as book:
        dispatch = begin(book, step, desk, ANSWER_WITHIN * worker.pace, worker.actor)
    if dispatch is not None:
        worker.fail_at("after_attempt")
        _send(worker, dispatch)


def _send(worker: Worker, dispatch: Dispatch) -> None:
    """Hand the request to the gateway with no transaction open, then write down its answer.

    A process that stood still until the answer could not come in time any more
    (a suspended host) sends nothing: others may be looking into the attempt.
    """
    latest = dispatch.deadline_at - SENDING_TAKES * worker.pace
    if worker.desk.archive.clock.real() > latest:
        log.warning("too_late_to_send", attempt=dispatch.attempt_id)
        return
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


def _understand(worker: Worker, intake: Intake) -> None:
    desk = worker.desk
    channel = desk.channels.get((intake.channel, intake.account))
    if channel is None:
        raise ChannelGone(f"{intake.channel}/{intake.account}")
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
    """Fetch what came with replies; the second failure is final.

    A picture that the gateway does not hand out must not delay what its reply
    does: the ladder pauses with what could be fetched, and the attachment is
    marked as not kept, with the reason. The first failure raises, so that the
    whole is tried once more some seconds later.
    """
    fetched = {}
    for media in (media for event in events if isinstance(event, Reply) for media in event.media):
        try:
            data, media_type = channel.fetch(media)
            fetched[media.ref] = Attachment(media_type, data)
        except Exception as failed:
            if tries < FETCH_TRIES:
                raise
            log.warning("attachment_lost", channel=channel.name, error=type(failed).__name__)
            said = (
                f"{failed.code}：{failed.said}" if isinstance(failed, SendFailed) else type(failed).__name__
            )
            fetched[media.ref] = Attachment(media.media_type, None, said)
    return fetched
