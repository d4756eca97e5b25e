"""Those who vouch for the log from outside our process, as ports: the signer and the anchors."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from evidence.checkpoint import Checkpoint
from evidence.note import Key


@dataclass(frozen=True)
class SignerStatus:
    """What the signer says of itself.

    ``seen`` is how many leaves it has read and hashed itself, ``signed`` the size
    that it signed last. ``trouble`` is None while the log is a continuation of
    what it saw, or ``behind`` (the database is shorter) or ``changed`` (a leaf
    that it saw is another one now), with ``why`` in a sentence for the operator.
    ``isolation`` is ``same-user``, ``separate-user`` or ``separate-host``.
    """

    origin: str
    vkey: str
    isolation: str
    seen: int
    signed: int
    note: bytes | None  # the last signed note
    trouble: str | None = None
    why: str = ""
    next: str | None = None  # the vkey of a rotation that is under way
    earlier: Mapping[str, bytes] = field(
        default_factory=dict
    )  # last note of each epoch that ended, by origin


class SignerFault(Exception):  # noqa: N818
    """The signer does not answer, or refuses to sign; the message says why and what to do."""


class Signer(Protocol):
    """The process that holds the log's key. Nobody else can sign."""

    def status(self) -> SignerStatus:
        """Say how it stands. Raises SignerFault when it does not answer."""

    def sign(self, size: int) -> bytes:
        """Return the signed note over the log at this size, waiting until it has read so far.

        It refuses a size below the one it signed last. Raises SignerFault.
        """

    def sign_export(self, text: bytes) -> bytes:
        """Return the signed note over an ``export.note`` text (evidence-format §7.2). Raises SignerFault."""

    def rotate(self) -> str:
        """Make the next key and return its vkey; asked again, the same one. Raises SignerFault."""

    def finish_rotation(self, vkey: str, size: int) -> bytes:
        """Return the note by both keys over a size that covers the record of the next key.

        The old key is gone afterwards. Asked again, it gives the same note. Raises SignerFault.
        """

    def begin_epoch(self, origin: str) -> None:
        """Follow the epoch that the database has begun; the one before never goes on. Raises SignerFault."""


@dataclass(frozen=True)
class Anchoring:
    """What an anchor is asked to see: a signed note, and a way to prove that it continues an older size."""

    note: bytes
    checkpoint: Checkpoint
    proof_from: Callable[[int], Sequence[bytes]]  # consistency proof from this older size; ValueError
    last: int = 0  # the size that this same service saw last, as far as we know
    keys: Sequence[Key] = ()  # the log's own, which alone can have signed what a service claims to have seen


@dataclass(frozen=True)
class Anchored:
    """An anchor's answer: its bytes verbatim, their media type, and the time it claims."""

    token: bytes
    media: str
    time: datetime | None


class AnchorFailed(Exception):  # noqa: N818
    """The service did not answer, answered nonsense or refused; the message is for the operator.

    ``ahead`` is set when a witness says that it has already seen a larger log:
    our database is then older than what it saw.
    """

    def __init__(self, said: str, ahead: int | None = None) -> None:
        super().__init__(said)
        self.ahead = ahead


class Anchor(Protocol):
    """One outside service: a time-stamp service, a witness or a mailbox."""

    @property
    def kind(self) -> str:
        """``tsa``, ``witness`` or ``mail``."""

    @property
    def service(self) -> str:
        """Host of the service, key name of the witness, or the masked address; never a secret."""

    def anchor(self, asked: Anchoring) -> Anchored:
        """Show it the note. Raises AnchorFailed; never waits longer than ten seconds."""
