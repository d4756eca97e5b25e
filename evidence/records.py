"""Leaves of the log: how one is made, read back and named (docs/evidence-format.md §3, §6)."""

from base64 import b32encode
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from evidence import canonical, fields, merkle
from evidence.errors import CanonicalError, RecordError

FIRST = "0" * 64  # cprev of the first record of a stream

_CASE, _SYSTEM, _INTAKE = frozenset({"case"}), frozenset({"system"}), frozenset({"intake", "system"})
_CASE_OR_SYSTEM = _CASE | _SYSTEM

RECORD_KINDS: Mapping[str, frozenset[str]] = {  # kind -> families of streams in which it may stand
    **dict.fromkeys(("log.started", "epoch.started"), _SYSTEM),
    **dict.fromkeys(
        ("firm.saved", "site.saved", "user.saved", "employee.saved", "policy.saved", "calendar.saved"),
        _SYSTEM,
    ),
    **dict.fromkeys(("policy.chosen", "sending.paused", "sending.resumed"), _SYSTEM),
    **dict.fromkeys(("contact.saved", "contact.bound", "contact.suppressed"), _SYSTEM),
    "contact.shown": _CASE,
    **dict.fromkeys(("case.opened", "case.changed", "case.closed", "notice.composed", "paper.made"), _CASE),
    **dict.fromkeys(("plan.started", "plan.paused", "plan.resumed", "plan.ended"), _CASE),
    **dict.fromkeys(("plan.moved", "follow_up.started", "follow_up.ended"), _CASE),
    **dict.fromkeys(("step.planned", "step.done", "step.lapsed", "step.skipped"), _CASE),
    **dict.fromkeys(("attempt.started", "attempt.accepted", "attempt.rejected"), _CASE),
    **dict.fromkeys(("attempt.unknown", "attempt.found", "attempt.absent", "attempt.doubled"), _CASE),
    **dict.fromkeys(("receipt.received", "reply.received", "reply.confirmed", "reply.corrected"), _CASE),
    **dict.fromkeys(("page.displayed", "page.read", "page.answered", "page.refused"), _CASE),
    **dict.fromkeys(("task.opened", "task.done", "custody.exported", "custody.handed_over"), _CASE),
    **dict.fromkeys(("intake.received", "intake.unreadable"), _INTAKE),
    **dict.fromkeys(("selfcheck.done", "clock.incident", "checkpoint.signed", "heads.made"), _SYSTEM),
    **dict.fromkeys(("key.rotated", "key.compromised", "key.escrowed", "key.rehearsed"), _SYSTEM),
    **dict.fromkeys(("anchor.received", "anchor.sent", "anchor.missed"), _SYSTEM),
    **dict.fromkeys(("erase.asked", "erase.done", "erase.refused"), _CASE_OR_SYSTEM),
    **dict.fromkeys(("hold.set", "hold.lifted", "transfer.cross_border"), _CASE_OR_SYSTEM),
}
INTAKE_KINDS = frozenset({"intake.received", "intake.unreadable"})

STATES = frozenset(
    {"submitted", "accepted", "sent", "delivered", "displayed", "read", "replied"}
    | {"rejected_temp", "rejected_perm", "refused", "returned", "locker", "unknown"}
)
ASSURANCES = frozenset({"C0", "C1", "C2", "C3", "C4"})

_PART = fields.shaped(
    {
        "commit": fields.matches(fields.HEX64),
        "media": fields.matches(fields.MEDIA),
        "name": fields.matches(fields.PART_NAME),
    }
)
_ALWAYS: Mapping[str, fields.Rule] = {
    "v": lambda value: type(value) is int and value == 1,
    "log": fields.matches(fields.ORIGIN),
    "id": fields.matches(fields.UUID7),
    "salt": fields.matches(r"[0-9a-f]{32}"),
    "kind": fields.among(frozenset(RECORD_KINDS)),
    "stream": fields.matches(fields.STREAM),
    "cseq": fields.counted(1),
    "cprev": fields.matches(fields.HEX64),
    "at": fields.is_time,
    "actor": fields.matches(fields.ACTOR),
    "assurance": fields.among(ASSURANCES),
    "parts": fields.listed(_PART),
    "refs": fields.listed(fields.matches(fields.REF)),
    "build": fields.matches(r"[a-z][a-z0-9-]*/[0-9A-Za-z.+-]{1,64}"),
    "class": fields.among(frozenset({"case", "intake", "system", "custody"})),
}
_SOMETIMES: Mapping[str, fields.Rule] = {
    "clock": fields.among(frozenset({"sandbox"})),
    "src_at": fields.is_time,
    "party": fields.matches(fields.UUID),
    "channel": fields.matches(fields.CHANNEL),
    "state": fields.among(STATES),
    "host": fields.matches(fields.TOKEN),
    "config": fields.matches(r"[0-9a-f]{16}"),
    "basis": fields.matches(fields.TOKEN),
    "health": fields.matches(fields.UUID7),
}


@dataclass(frozen=True)
class Record:
    """One leaf: its exact bytes, its hash and its fields."""

    leaf: bytes
    hash: bytes
    fields: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The record's id."""
        return str(self.fields["id"])

    @property
    def kind(self) -> str:
        """What happened (§3.4)."""
        return str(self.fields["kind"])

    @property
    def parts(self) -> Mapping[str, str]:
        """Commitments in hex by the part's name."""
        return {part["name"]: part["commit"] for part in self.fields["parts"]}

    @property
    def cites(self) -> tuple[str, ...]:
        """Leaf hashes, in hex, of the intake records on which this one rests."""
        return tuple(ref.removeprefix("cites ") for ref in self.fields["refs"] if ref.startswith("cites "))


def make_leaf(fields: Mapping[str, object]) -> bytes:
    """Return the exact bytes of a leaf; raises RecordError naming the field that is wrong."""
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()}
    _must_be_whole(plain)
    return canonical.dumps(plain)


def parse_leaf(leaf: bytes) -> dict[str, Any]:
    """Return the fields of a leaf; raises RecordError for any byte that the format does not allow."""
    try:
        found = canonical.loads(leaf)
    except CanonicalError as error:
        raise RecordError("leaf", str(error)) from error
    _must_be_whole(found)
    return dict(found)


def read(leaf: bytes) -> Record:
    """Return a leaf with its fields and hash; raises RecordError."""
    return Record(leaf, merkle.leaf_hash(leaf), parse_leaf(leaf))


def record_code(leaf_hash: bytes) -> str:
    """Return the sixteen characters that stand at the end of a notice: 80 bits of its leaf hash."""
    letters = b32encode(leaf_hash[:10]).decode()
    return "-".join(letters[start : start + 4] for start in range(0, 16, 4))


def _must_be_whole(leaf: object) -> None:
    wrong = fields.misfit(leaf, _ALWAYS, _SOMETIMES)
    if wrong is not None:
        raise RecordError(wrong, "missing, unknown or not in its form")
    assert isinstance(leaf, Mapping)
    if leaf["stream"].partition(":")[0] not in RECORD_KINDS[leaf["kind"]]:
        raise RecordError("stream", f"{leaf['kind']} does not stand in such a stream")
    if (leaf["cprev"] == FIRST) != (leaf["cseq"] == 1):
        raise RecordError("cprev", "zeros stand for the first record of a stream and only for that")
    names = [part["name"] for part in leaf["parts"]]
    if any(later <= earlier for earlier, later in pairwise(names)):
        raise RecordError("parts", "not sorted by name, or a name stands twice")
