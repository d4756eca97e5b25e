"""The client of a witness that can be reached (C2SP tlog-witness): it sees a checkpoint and cosigns it."""

from hashlib import sha256

import requests

from bot.anchors.asking import ask, said
from bot.anchors.cosigning import MEDIA, NotCosigned, cosigned_line
from bot.anchors.submission import Malformed, read_size, written
from evidence.checkpoint import parse as parse_checkpoint
from evidence.errors import VerificationError
from evidence.note import Key, opened
from handlers.vouching import Anchored, AnchorFailed, Anchoring

TEXT = "text/plain; charset=utf-8"


class Cosigner:
    """One witness: its address, and the key whose line alone counts."""

    kind = "witness"

    def __init__(self, url: str, key: Key) -> None:
        self.service = key.name
        self._url, self._key = url, key

    def anchor(self, asked: Anchoring) -> Anchored:
        """Have the note cosigned, from the size that the witness says it saw. Raises AnchorFailed."""
        answer = self._submit(asked, asked.last)
        if answer.status_code == 409:
            answer = self._submit(asked, self._seen(answer, asked))
        if answer.status_code != 200:
            raise AnchorFailed(f"does not cosign ({said(answer)})")
        try:
            line, at = cosigned_line(answer.content, asked.note, self._key)
        except NotCosigned as wrong:
            raise AnchorFailed(f"{wrong}: is its vkey in evidence.witness_keys right?") from wrong
        return Anchored(line, MEDIA, at)

    def _submit(self, asked: Anchoring, old: int) -> requests.Response:
        try:
            proof = asked.proof_from(old) if old else ()
        except ValueError as error:
            raise AnchorFailed(f"no proof from size {old} to {asked.checkpoint.size}") from error
        return ask(f"{self._url}/add-checkpoint", written(old, proof, asked.note), TEXT)

    def _seen(self, answer: requests.Response, asked: Anchoring) -> int:
        """Return the size that the witness saw last, as it says in a conflict."""
        try:
            size = read_size(answer.content)
        except Malformed as wrong:
            raise AnchorFailed(f"names a conflict but no size ({said(answer)})") from wrong
        if size > asked.checkpoint.size:
            raise self._ahead(size, asked)
        return size

    def _ahead(self, size: int, asked: Anchoring) -> AnchorFailed:
        """A bare number stops no log: the witness must show what we signed and it cosigned at that size."""
        origin = asked.checkpoint.origin
        page = f"{self._url}/{sha256(origin.encode()).hexdigest()}/checkpoint"
        try:
            note, signers = opened(ask(page, None).content, [self._key, *asked.keys])
            shown = parse_checkpoint(note.text)
        except VerificationError:
            return AnchorFailed(f"says that it saw {size} records, but shows no checkpoint of that")
        both = self._key in signers and any(key in signers for key in asked.keys)
        if (shown.origin, shown.size) != (origin, size) or not both:
            return AnchorFailed(f"says that it saw {size} records, but shows another checkpoint")
        why = f"cosigned {size} records, more than the {asked.checkpoint.size} of this checkpoint"
        return AnchorFailed(why, ahead=size)
