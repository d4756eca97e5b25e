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


class Forked(Refused):
    """The log signed what does not continue what it showed before; both notes are kept in ``folder``."""

    def __init__(self, said: str, folder: Path | None) -> None:
        super().__init__(422, said)
        self.folder = folder


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
            self._must_continue(given, checkpoint, seen, body)
            line = self.key.cosign(checkpoint.body(), self._now())
            self.store.keep(checkpoint.origin, joined(checkpoint.body(), [*signed, line]))
        return line

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
        signed = _signed_by(given.note, keys)
        if given.old > checkpoint.size:
            raise Refused(400, "the old size is larger than the checkpoint's")
        return given, checkpoint, signed

    def _must_continue(
        self, given: Submission, checkpoint: Checkpoint, seen: bytes | None, body: bytes
    ) -> None:
        before = None if seen is None else checkpoint_in(seen)
        size = before.size if before else 0
        if given.old != size:
            raise Refused(409, f"{size}\n", SIZE_MEDIA)
        if checkpoint.size == 0 and checkpoint.root != merkle.EMPTY_ROOT:
            raise Refused(422, "an empty log has another root")
        try:
            _must_connect(before, checkpoint, given.proof)
        except ProofError as error:
            folder = self.store.keep_conflict(seen, given.note, body) if seen else None
            raise Forked(f"does not continue the {size} records seen before: {error}", folder) from error


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
