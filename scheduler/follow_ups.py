"""The sweep that asks those who recover how they are, each on its own day."""

from datetime import timedelta

import structlog

from handlers.follow_up import ask
from scheduler.who import BATCH, Worker
from storage import follow_ups

log = structlog.get_logger(__name__)

AGAIN_AFTER = timedelta(hours=1)


def compose_follow_ups(worker: Worker) -> int:
    """Compose the questions that are due; one that fails is tried again later and delays no other."""
    archive = worker.desk.archive
    with archive.reading() as view:
        due = follow_ups.due_ids(view.connection, view.now, BATCH)
    for follow_up_id in due:
        try:
            with archive.writing() as book:
                ask(book, follow_up_id, worker.desk.rules, worker.actor)
        except Exception:
            log.exception("follow_up_failed", follow_up=follow_up_id)
            with archive.engine.begin() as connection:
                follow_ups.set_next(connection, follow_up_id, archive.clock.now() + AGAIN_AFTER)
    return 0  # each is planned anew; the next pass finds what a full batch left over
