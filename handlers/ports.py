"""What the handlers need from outside: channels, clock and ids, and how a channel may fail."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from casework.escalation import Policy
from casework.messages import Event, Meaning, Media, Outcome
from casework.pace import Pace
from casework.workdays import Calendar


class Resolve(StrEnum):
    """How a channel can settle an attempt whose answer was lost, strongest first."""

    KEY = "key"  # the gateway swallows a repeat that bears the same key
    QUERY = "query"  # the gateway can be asked for our reference
    RECEIPT = "receipt"  # only a later delivery report can tell
    NOTHING = "nothing"  # a person must decide


@dataclass(frozen=True)
class Capabilities:
    """What a channel can do and what its words prove; printed in its page."""

    resolves: tuple[Resolve, ...]
    proves: Mapping[str, str]  # the gateway's word -> what it does and does not prove
    key_window: timedelta = timedelta(0)  # how long the gateway honours a repeated key
    settle: timedelta = timedelta(seconds=5)  # wait before asking about a lost answer
    text_limit: int | None = None  # characters that one message may hold
    identifies_reader: bool = False  # True: the page can learn the account (OAuth)
    portable: bool = False  # True: any account of this kind can write to an address (a phone number)
    pace: Pace = field(
        default_factory=Pace
    )  # what the vendor lets an account send, unless its settings say otherwise


@dataclass(frozen=True)
class Envelope:
    """One message to one person, ready to be put into a gateway's own form."""

    address: str  # openid, +E.164 number, e-mail address
    client_ref: str  # our id of this attempt, at most 32 ASCII characters
    kind: str  # notice kind, e.g. "return_reminder"
    title: str  # e.g. 返岗提醒
    firm: str
    lines: tuple[str, ...]  # the short form for narrow channels; the page holds the full text
    link: str  # the employee's page for this delivery
    record_code: str
    callback_base: str  # our public address; webhooks live below it at /hooks/<channel>/<account>


@dataclass(frozen=True)
class Answer:
    """What a gateway said to a request, with its exact bytes."""

    outcome: Outcome  # ACCEPTED, or the standing found by asking
    raw: bytes
    said: str
    provider_id: str | None = None


class SendFailed(Exception):  # noqa: N818  (reads as what happened)
    """The gateway did not take the message; subclasses say what to do next."""

    outcome = Outcome.UNKNOWN

    def __init__(self, code: str, said: str, raw: bytes = b"") -> None:
        super().__init__(f"{code}: {said}")
        self.code, self.said, self.raw = code, said, raw


class Refused(SendFailed):
    """The gateway will never take this message to this address: try another channel."""

    outcome = Outcome.REJECTED_PERM


class Misconfigured(Refused):
    """Our own settings are wrong (secret, allow-list, template): tell the administrator."""


class Throttled(SendFailed):
    """The gateway surely did not process it and wants us slower: a new attempt later."""

    outcome = Outcome.REJECTED_TEMP

    def __init__(
        self, code: str, said: str, raw: bytes = b"", wait: timedelta = timedelta(minutes=1)
    ) -> None:
        super().__init__(code, said, raw)
        self.wait = wait


class Unreachable(Throttled):
    """No connection came about, so no byte of the message left: a new attempt later, and later still."""


class Unsure(SendFailed):
    """Nobody knows whether it went (timeout, reset, 5xx, unreadable answer): ask before resending."""

    outcome = Outcome.UNKNOWN


class Forged(Exception):  # noqa: N818
    """A webhook without a right signature, or in a mode that proves nothing."""


class Unreadable(Exception):  # noqa: N818
    """A webhook whose signature is right but whose content cannot be understood."""


@dataclass(frozen=True)
class RawRequest:
    """One HTTP request as it arrived, before anybody trusts it."""

    method: str
    target: str  # path and query exactly as sent, e.g. /hooks/sms_twilio/hk?m=…
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Element:
    """One authenticated piece of a webhook: what is stored, sealed and later interpreted.

    ``key`` names the event so that the platform's own repeats are found;
    ``inner`` is what the signature covered once decrypted (equal to the body
    where nothing is encrypted). ``spoken`` is False only for what surely holds
    no word of a person, such as a delivery report: nobody's next rung waits
    until it is read.
    """

    key: str
    inner: bytes
    spoken: bool = True


class Channel(Protocol):
    """A way to reach a person. One file in bot/channels/ implements it."""

    name: str  # also the address: /hooks/<name>/<account>
    account: str
    capabilities: Capabilities

    def prepare(self, envelope: Envelope) -> bytes:
        """Return the exact request to store, seal and then send; no I/O. Raises Refused."""

    def send(self, request: bytes) -> Answer:
        """Send a prepared request once. Raises SendFailed."""

    def find(self, request: bytes, since: datetime) -> Answer | None:
        """Ask the gateway whether it took this request after ``since``; None: it says no.

        Raises Unsure when the gateway cannot be asked now.
        """

    def greet(self, request: RawRequest) -> bytes:
        """Answer the platform's address check (GET). Raises Forged."""

    def authenticate(self, request: RawRequest) -> tuple[Element, ...]:
        """Check the signature over the raw bytes and cut them into elements. Raises Forged."""

    def interpret(self, inner: bytes) -> tuple[Event, ...]:
        """Say what a stored element means. Raises Unreadable."""

    def acknowledgement(self) -> tuple[bytes, str]:
        """Body and content type that tell the platform "taken, do not repeat"."""

    def fetch(self, media: Media) -> tuple[bytes, str]:
        """Fetch what came with a reply: bytes and media type. Raises SendFailed."""


class Binds(Protocol):
    """A channel on which an employee is bound by scanning a one-time code."""

    def invitation(self, code: str) -> str:
        """Return the address that the QR code must hold. Raises SendFailed."""


class Recognises(Protocol):
    """A channel whose own browser can tell who is reading (OAuth)."""

    def ask_who(self, return_to: str, state: str) -> str:
        """Return the address to which the reader's browser is sent."""

    def who(self, code: str) -> str:
        """Return the account behind the code the browser came back with. Raises SendFailed."""


@dataclass(frozen=True)
class Ladders:
    """The rules by which ladders run: the working calendar, the policies, the channels that exist."""

    calendar: Calendar
    policies: Mapping[str, Policy]  # by the ladder's name, which a kind of notice names
    channel_names: frozenset[str]


class Proposal(Protocol):
    """What a reply seems to say, and whether it says so beyond doubt."""

    @property
    def meaning(self) -> Meaning:
        """The proposed meaning."""

    @property
    def unambiguous(self) -> bool:
        """Whether it acknowledges and says nothing else."""

    @property
    def why(self) -> str:
        """Which rule proposed it."""


class Proposes(Protocol):
    """The conversation's rules, as the handlers call them."""

    def __call__(self, text: str) -> Proposal:
        """Propose a meaning for a reply."""


class Clock(Protocol):
    """Two clocks: business time (due times, what records say) and real time (leases, timeouts)."""

    def now(self) -> datetime:
        """Business time, aware, UTC."""

    def real(self) -> datetime:
        """Real time, aware, UTC."""


class Ids(Protocol):
    """Where identifiers and secrets come from."""

    def uuid(self) -> str:
        """A version 7 UUID."""

    def token(self, length: int) -> str:
        """Random characters from an alphabet without look-alikes."""

    def bytes(self, length: int) -> bytes:
        """Random bytes for keys and salts."""
