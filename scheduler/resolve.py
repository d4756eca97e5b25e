"""Find out what became of attempts whose answer was lost: by key, by query, by a report, by a person."""

from datetime import timedelta

import structlog

from handlers.conclude import conclude, conclude_absent, conclude_by_person, conclude_reported
from handlers.ports import Channel, Resolve, SendFailed, Unsure
from scheduler.failing import attempt_failed
from scheduler.sweeps import SENDING_TAKES
from scheduler.who import BATCH, Worker
from storage import deliveries
from storage.clock import lease_time
from storage.deliveries import Attempt
from storage.pauses import is_stopped

log = structlog.get_logger(__name__)

ABSENCES = 2  # a gateway that lags must say "no" twice, spaced, before we send again
QUERY_LAG = timedelta(minutes=3)  # from the first byte until a gateway's own index is sure to hold a message
LOOK_AFTER = (timedelta(seconds=10), timedelta(seconds=60), timedelta(minutes=5), timedelta(minutes=30))
WAIT_FOR_RECEIPT = timedelta(hours=1)
LOOKS = 50  # about a day of questions that the gateway did not answer


def resolve_lost(worker: Worker) -> int:
    """Find out what became of attempts whose answer was lost."""
    archive = worker.desk.archive
    with archive.writing() as book:
        lost = deliveries.claim_lost_attempts(
            book.connection, worker.name, lease_time(book.connection, archive.clock), worker.lease, BATCH
        )
    for attempt in lost:
        try:
            _resolve(worker, attempt)
        except Exception:
            log.exception("resolve_failed", attempt=attempt.id)
            attempt_failed(worker, attempt)
    return len(lost)


def _resolve(worker: Worker, attempt: Attempt) -> None:
    """Use the strongest means that the channel offers: a report, its key, a query, at last a person."""
    desk = worker.desk
    if _reported(worker, attempt):
        return
    channel = desk.channels.get((attempt.channel, attempt.account))
    if channel is None:
        _leave_to_person(worker, attempt)
        return
    if attempt.state == "sending":
        _settle_first(worker, attempt, channel)
        return
    able = channel.capabilities.resolves
    age = desk.archive.clock.now() - attempt.started_at
    # A clock that was set back proves nothing, and the repeat itself takes its time to arrive.
    if Resolve.KEY in able and timedelta(0) <= age < channel.capabilities.key_window - SENDING_TAKES:
        _repeat_under_key(worker, attempt, channel)
    elif Resolve.QUERY in able and attempt.looks < LOOKS:
        _ask(worker, attempt, channel)
    elif Resolve.RECEIPT in able and age < WAIT_FOR_RECEIPT:
        _look_again(worker, attempt)
    else:
        _leave_to_person(worker, attempt)


def _reported(worker: Worker, attempt: Attempt) -> bool:
    with worker.desk.archive.writing() as book:
        return conclude_reported(book, attempt.id, worker.desk.rules, worker.actor)


def _settle_first(worker: Worker, attempt: Attempt, channel: Channel) -> None:
    """The worker that sent it died: its request may still be in flight, so wait before asking."""
    archive = worker.desk.archive
    with archive.writing() as book:
        conclude(book, attempt.id, Unsure("lost", "发送进程中断，答复丢失"), worker.desk.rules, worker.actor)
        real = lease_time(book.connection, archive.clock)
        deliveries.look_again(book.connection, attempt.id, real + channel.capabilities.settle * worker.pace)


def _repeat_under_key(worker: Worker, attempt: Attempt, channel: Channel) -> None:
    """Send the stored bytes again under the same key; the gateway swallows what it has already.

    Only a yes settles it: a refusal of the repeat says nothing about the first.
    While a person has stopped messages nothing is repeated either.
    """
    with worker.desk.archive.reading() as view:
        stopped = is_stopped(view.connection, attempt.channel)
    if stopped:
        _look_again(worker, attempt)
        return
    try:
        found = channel.send(_request(worker, attempt))
    except SendFailed as failed:
        log.warning("repeat_failed", attempt=attempt.id, code=failed.code)
        _look_again(worker, attempt)
        return
    with worker.desk.archive.writing() as book:
        conclude(book, attempt.id, found, worker.desk.rules, worker.actor, asked=True)


def _ask(worker: Worker, attempt: Attempt, channel: Channel) -> None:
    """Ask the gateway; only a "no" that it really gave counts as one."""
    try:
        found = channel.find(_request(worker, attempt), attempt.started_at - timedelta(minutes=5))
    except SendFailed as failed:
        log.warning("query_failed", attempt=attempt.id, code=failed.code)
        _look_again(worker, attempt)
        return
    if found is None and attempt.absences + 1 < ABSENCES:
        _look_again(worker, attempt, absent=True)
        return
    with worker.desk.archive.writing() as book:
        if found is None:
            conclude_absent(book, attempt.id, worker.desk.rules, worker.actor)
        else:
            conclude(book, attempt.id, found, worker.desk.rules, worker.actor, asked=True)


def _look_again(worker: Worker, attempt: Attempt, *, absent: bool = False) -> None:
    archive = worker.desk.archive
    wait = LOOK_AFTER[min(attempt.looks, len(LOOK_AFTER) - 1)] * worker.pace
    if absent:  # the last "no" counts only when the gateway's index can lag no longer
        wait = max(wait, QUERY_LAG * worker.pace - (archive.clock.now() - attempt.started_at))
    with archive.writing() as book:
        real = lease_time(book.connection, archive.clock)
        deliveries.look_again(book.connection, attempt.id, real + wait, absent=absent)


def _leave_to_person(worker: Worker, attempt: Attempt) -> None:
    with worker.desk.archive.writing() as book:
        conclude_by_person(book, attempt.id, worker.desk.rules, worker.actor)


def _request(worker: Worker, attempt: Attempt) -> bytes:
    with worker.desk.archive.reading() as view:
        return view.open(attempt.request_blob).data
