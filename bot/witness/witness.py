"""What a witness does with a checkpoint: verify that it continues the last one, remember it, cosign it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from bot.anchors.submission import SIZE_MEDIA, Malformed, Submission, read
from bot.witness.keyfile import WitnessKey
from bot.witness.store import Store, checkpoint_in
from evidence import merkle
from evidence.checkpoint import Checkpoint
from evidence.checkpoint import parse as parse_checkpoint
from evidence.errors import CheckpointError, NoteError, ProofError
from evidence.note import Key, joined, opened, parse
from evidence.note import line as signature_line


class Refused(Exception):  # noqa: N818
    """The checkpoint is not cosigned; status and body are the protocol's answer (C2SP tlog-witness)."""

    def __init__(self, status: int, said: str, media: str = "text/plain; charset=utf-8") -> None:
        super().__init__(said)
        self.status, self.media = status, media


class Unproved(Refused):
    """The log's key signed it, but it was not shown to continue what was seen; that alone proves no fork."""


class Forked(Refused):
    """The log signed what does not continue what it showed before; both notes are kept in ``folder``.

    ``again`` says that it is a conflict that was kept already.
    """

    def __init__(self, said: str, folder: Path | None, again: bool = False) -> None:
        super().__init__(422, said)
        self.folder, self.again = folder, again


class Witness:
    """The witness of the logs whose keys it was given; ``now`` tells the time that it signs."""

    def __init__(
        self, key: WitnessKey, store: Store, logs: Sequence[Key], now: Callable[[], datetime]
    ) -> None:
        self.key, self.store, self.logs, self._now = key, store, tuple(logs), now

    def add_checkpoint(self, body: bytes) -> bytes:
        """Cosign the checkpoint of a request and return our line. Raises Refused.

        Looking at the last checkpoint and remembering the new one happen with
        everybody else shut out, and the new one is on the disk before we answer.
        """
        given, checkpoint, signed = self._read(body)
        with self.store.alone():
            seen = self.store.seen(checkpoint.origin)
            before = None if seen is None else checkpoint_in(seen)
            if before is not None and _forks(before, checkpoint, given):
                said = f"the log signed another root than for the {before.size} records seen before"
                raise Forked(said, *self._kept(checkpoint, signed, body))
            _must_continue(before, checkpoint, given)
            line = self.key.cosign(checkpoint.body(), self._now())
            self.store.keep(checkpoint.origin, joined(checkpoint.body(), [*signed, line]))
        return line

    def keep_conflict(self, body: bytes) -> Path | None:
        """Keep a request of the log's own server that contradicts what was seen. Raises Refused.

        Returns its folder; None when there are too many, or nothing was seen.
        """
        _, checkpoint, signed = self._read(body)
        with self.store.alone():
            return self._kept(checkpoint, signed, body)[0]

    def _kept(self, checkpoint: Checkpoint, signed: Sequence[bytes], body: bytes) -> tuple[Path | None, bool]:
        seen = self.store.seen(checkpoint.origin)
        if seen is None:
            return None, False
        return self.store.keep_conflict(seen, joined(checkpoint.body(), signed), body)

    def _read(self, body: bytes) -> tuple[Submission, Checkpoint, list[bytes]]:
        """Read a request and check the log's signature; the lines that hold are returned."""
        try:
            given = read(body)
            checkpoint = parse_checkpoint(parse(given.note).text)
        except (Malformed, NoteError, CheckpointError) as error:
            raise Refused(400, f"cannot be read: {error}") from error
        keys = [key for key in self.logs if key.name == checkpoint.origin]
        if not keys:
            raise Refused(404, f"{checkpoint.origin} is no log of ours")
        return given, checkpoint, _signed_by(given.note, keys)


def _forks(before: Checkpoint, shown: Checkpoint, given: Submission) -> bool:
    """Whether two notes of the log exclude each other: no stranger can make one appear to do so."""
    if shown.size == before.size:
        return shown.root != before.root
    if given.old != before.size:
        return False
    try:
        return merkle.earlier_root(before.size, shown.size, shown.root, given.proof) != before.root
    except ProofError:
        return False


def _must_continue(before: Checkpoint | None, shown: Checkpoint, given: Submission) -> None:
    size = before.size if before else 0
    if given.old > shown.size:
        raise Unproved(400, "the old size is larger than the checkpoint's")
    if given.old != size:
        raise Unproved(409, f"{size}\n", SIZE_MEDIA)
    if shown.size == 0 and shown.root != merkle.EMPTY_ROOT:
        raise Refused(422, "an empty log has another root")
    try:
        _must_connect(before, shown, given.proof)
    except ProofError as error:
        raise Unproved(422, f"not shown to continue the {size} records seen before: {error}") from error


def _must_connect(before: Checkpoint | None, checkpoint: Checkpoint, proof: Sequence[bytes]) -> None:
    if before is None or before.size == 0:
        if proof:
            raise ProofError("an empty log needs no proof")
        return
    merkle.verify_consistency(before.size, before.root, checkpoint.size, checkpoint.root, proof)


def _signed_by(note: bytes, keys: Sequence[Key]) -> list[bytes]:
    """Return the lines of these keys alone: strangers' lines are nothing that we vouch for or keep."""
    try:
        found, signers = opened(note, keys)
    except NoteError as error:
        raise Refused(403, f"a signature does not hold: {error}") from error
    if not signers:
        raise Refused(403, "not signed by a key of that log that we know")
    data = {(one.name, one.key_id): one.data for one in found.signatures}
    return [signature_line(key, data[key.name, key.id]) for key in signers]
