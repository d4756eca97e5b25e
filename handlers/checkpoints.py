"""Have the log signed: its keys are introduced by records, its notes are checked and kept."""

from evidence.checkpoint import Checkpoint
from evidence.errors import CheckpointError, NoteError, ProofError
from evidence.note import opened_checkpoint
from handlers.desk import Desk
from handlers.vouching import Signer, SignerFault, SignerStatus
from storage import checkpoints, source
from storage.book import SYSTEM, Book, Entry
from storage.log import read_head
from storage.log_keys import LogKey, log_keys

ACTOR = "system:signer"


def sign_now(desk: Desk) -> bytes | None:
    """Return a signed note over the log as it stands now, kept; None when the log has no signer.

    A deployment has one from the moment at which a key was introduced. Raises
    SignerFault when it does not answer, refuses, or signs what our database does not hold.
    """
    status = _status(desk)
    if desk.signer is None or status is None:
        return None
    if status.next is not None or not _introduced(desk, status):
        return change_key(desk, desk.signer, status)
    try:
        return sign_at(desk, _size(desk))
    except SignerFault:
        # Another process may have had a larger size signed since we looked; then ours is too small.
        return sign_at(desk, _size(desk))


def _size(desk: Desk) -> int:
    with desk.archive.reading() as view:
        return read_head(view.connection).size


def sign_at(desk: Desk, size: int) -> bytes | None:
    """Return the note over exactly this size: the one that is kept, or a new one. Raises SignerFault."""
    with desk.archive.reading() as view:
        head = read_head(view.connection)
        kept = checkpoints.at(view.connection, head.origin, size)
    if kept is not None:
        return kept.note
    return None if desk.signer is None else _kept(desk, desk.signer.sign(size), size)


def rotate_key(desk: Desk) -> tuple[str, str, bytes]:
    """Give the log a new key; return the old vkey, the new one and the note that bears both signatures.

    Interrupted at any point and asked again, it goes on where it stopped. Raises SignerFault.
    """
    if desk.signer is None:
        raise SignerFault("no signer is configured: set evidence.signer_socket")
    status = desk.signer.status()
    if not _introduced(desk, status):
        change_key(desk, desk.signer, status)
        status = desk.signer.status()
    if status.next is None:
        desk.signer.rotate()
        status = desk.signer.status()
    return status.vkey, str(status.next), change_key(desk, desk.signer, status)


def change_key(desk: Desk, signer: Signer, status: SignerStatus) -> bytes:
    """Record the key that comes into use, once, and return the first note that it signs."""
    with desk.archive.writing() as book:
        head = read_head(book.connection, lock=True)  # of several that see the new key one records it
        _must_follow(status, head.origin)
        wanted = status.next or status.vkey
        known = log_keys(book, head.epoch)
        if wanted not in _vkeys(known):
            _must_continue(status, known)
            told = {"isolation": status.isolation, "new": wanted, "old": status.vkey if known else None}
            book.add(Entry("key.rotated", SYSTEM, ACTOR, told=told))
    size = _size(desk)
    signed = signer.sign(size) if status.next is None else signer.finish_rotation(wanted, size)
    return _kept(desk, signed, None)


def _status(desk: Desk) -> SignerStatus | None:
    """Return how the signer stands; None where none ever came into use and none answers."""
    if desk.signer is None:
        return None
    try:
        return desk.signer.status()
    except SignerFault:
        with desk.archive.reading() as view:
            if log_keys(view, read_head(view.connection).epoch):
                raise
        return None


def _introduced(desk: Desk, status: SignerStatus) -> bool:
    with desk.archive.reading() as view:
        head = read_head(view.connection)
        known = log_keys(view, head.epoch)
    _must_follow(status, head.origin)
    if known and status.vkey not in _vkeys(known):
        _must_continue(status, known)
    return bool(known)


def _must_follow(status: SignerStatus, origin: str) -> None:
    if status.origin != origin:
        raise SignerFault(
            f"the signer follows {status.origin}, the database is at {origin}: see docs/signer.md"
        )


def _must_continue(status: SignerStatus, known: list[LogKey]) -> None:
    """Without the old key's signature nobody could tell our new key from a forger's."""
    if known and status.vkey not in _vkeys(known):
        raise SignerFault(
            "the signer has another key than the log's records name: put its folder back from its backup; if"
            " the key is lost, run `huizheng epoch start`"
        )


def _vkeys(known: list[LogKey]) -> list[str]:
    return [one.key.vkey for one in known]


def _kept(desk: Desk, signed: bytes, size: int | None) -> bytes:
    """Check a note against our own tree and keep it."""
    with desk.archive.writing() as book:
        point = _checked(book, signed)
        if size not in (None, point.size):
            raise SignerFault(f"the signer signed size {point.size} instead of {size}")
        checkpoints.save(book.connection, point.origin, point.size, signed, book.now)
    return signed


def _checked(book: Book, signed: bytes) -> Checkpoint:
    head = read_head(book.connection)
    try:
        keys = [one.key for one in log_keys(book, head.epoch)]
        point, _ = opened_checkpoint(signed, keys)
        ours = source.checkpoint_at(book.connection, point.size)
    except (NoteError, CheckpointError, ProofError) as error:
        raise SignerFault(f"the signer's note cannot be used ({error}): see docs/signer.md") from None
    if ours != point:
        raise SignerFault(
            f"at size {point.size} the database's tree has another root than the one that the signer computed"
            " from the records: run `huizheng audit`"
        )
    return point
