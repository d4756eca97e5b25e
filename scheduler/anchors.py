"""The anchors' sweep: the day's heads and checkpoint, whom to ask again, who has been silent for a day."""

import structlog

from handlers.anchors import anchor_daily, record_missed
from handlers.ask_anchors import ask_due
from handlers.vouching import SignerFault
from scheduler.who import Worker

log = structlog.get_logger(__name__)

PATIENCE = 20.0  # seconds: more than an anchor may take


def anchor_due(worker: Worker) -> int:
    """Do what is due; return how many services were asked."""
    desk = worker.desk
    try:
        anchor_daily(desk)
    except SignerFault as fault:
        log.warning("day_not_anchored", why=str(fault))
    asked = ask_due(desk, PATIENCE)
    record_missed(desk)
    return asked
