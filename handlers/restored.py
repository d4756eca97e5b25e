"""Is this database older than what was seen of it? Then the log must not go on (evidence-format §2.4)."""

from handlers.desk import Desk
from handlers.vouching import SignerStatus
from storage import log
from storage.epochs import Epoch, epochs


def notice_restore(desk: Desk) -> str | None:
    """Compare the database with what the signer has seen; halt the log and say why when it is older.

    Raises SignerFault when there is a signer and it does not answer.
    """
    if desk.signer is None:
        return None
    status = desk.signer.status()  # first: the log may grow before we look at it, but never shrink
    with desk.archive.reading() as view:
        known = epochs(view.connection)
        halted = log.read_head(view.connection).halted
    if halted is not None:
        return None
    if status.origin in [one.origin for one in known[:-1]]:
        desk.signer.begin_epoch(known[-1].origin)  # somebody died before telling it
        return None
    why = contradiction(status, known[-1])
    if why is None:
        return None
    with desk.archive.engine.begin() as connection:
        return why if log.halt(connection, why) else None


def contradiction(status: SignerStatus, present: Epoch) -> str | None:
    """Return what the signer has seen that this database does not hold."""
    if status.origin != present.origin:
        return f"the signer has seen {status.origin}, but the database is still at {present.origin}"
    if status.trouble is not None:
        return status.why
    if status.seen > present.size:
        return f"the database holds {present.size} records, but the signer has read {status.seen}"
    return None
