"""Keep the log signed, and notice a database that is older than what was signed."""

from datetime import timedelta

import structlog

from handlers.checkpoints import sign_now
from handlers.desk import Desk
from handlers.restored import notice_restore
from handlers.vouching import SignerFault
from scheduler.who import Worker
from storage import checkpoints, source
from storage.log import read_head

log = structlog.get_logger(__name__)

PROMPTLY = "notice.composed"  # its code goes to the employee: its checkpoint must not wait


def sign_checkpoints(worker: Worker) -> int:
    """Have the log signed when it is due; nothing that goes wrong here keeps a message waiting."""
    try:
        why = notice_restore(worker.desk)
        if why is not None:
            log.error("log_halted", why=why)
        elif is_due(worker.desk):
            sign_now(worker.desk)
    except SignerFault as fault:
        log.warning("log_not_signed", why=str(fault))
    return 0


def is_due(desk: Desk) -> bool:
    """Whether the log has grown, and the last note is old or a notice waits for its checkpoint."""
    with desk.archive.reading() as view:
        head = read_head(view.connection)
        last = checkpoints.newest(view.connection, head.origin)
        if last is None or head.size <= last.size:
            return last is None
        old = view.now - last.made_at >= timedelta(minutes=desk.checkpoint_minutes)
        return old or source.has_since(view.connection, PROMPTLY, last.size)
