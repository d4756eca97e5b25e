"""The self-audit: is everything done that is due? Only then the outside monitor hears from us."""

import structlog

from handlers.vitals import look
from scheduler.who import Worker
from storage.health import forget_workers

log = structlog.get_logger(__name__)


def audit_self(worker: Worker) -> int:
    """Look for what has waited too long; when nothing has, call ops.heartbeat_url.

    The absence of the call is the alarm: it also stays away when this process,
    its database or the whole machine is gone.
    """
    desk = worker.desk
    found = look(desk)
    for one in found:
        log.error("selfaudit_found", code=one.code, said=one.said, since=one.since, count=one.count)
    with desk.archive.engine.begin() as connection:
        forget_workers(connection, desk.archive.clock.real())
    if not found:
        _call(worker)
    return 0  # one look is enough until the next beat


def _call(worker: Worker) -> None:
    """No transaction is open here, and a monitor that fails is no fault of the work."""
    if worker.desk.heartbeat is None:
        return
    try:
        worker.desk.heartbeat()
    except Exception as error:
        log.warning("heartbeat_unreached", error=type(error).__name__)
