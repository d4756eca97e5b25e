"""The slow sweeps: cases to review, stray chats to erase, and the daily self-check of the log."""

from collections import Counter

import structlog

from handlers.retention import ask_for_reviews, erase_strays
from handlers.selfcheck import check_self, is_selfcheck_due
from scheduler.who import Worker

log = structlog.get_logger(__name__)


def review_retention(worker: Worker) -> int:
    """Put cases whose time is over on a person's list."""
    with worker.desk.archive.writing() as book:
        ask_for_reviews(book)
    return 0  # one pass finds them all


def forget_strays(worker: Worker) -> int:
    """Erase chats that belong to no case and are old enough."""
    return erase_strays(worker.desk.archive, worker.desk.data_dir)


def check_log(worker: Worker) -> int:
    """Recompute the log once a day; what is found is an alarm without anybody's data in it."""
    with worker.desk.archive.reading() as view:
        if not is_selfcheck_due(view):
            return 0
    found = check_self(worker.desk.archive)
    if found is not None and not found.sound:
        codes = dict(Counter(one.code for one in found.findings))
        log.error("selfcheck_found", findings=len(found.findings), codes=codes, remedy="run huizheng audit")
    return 0
