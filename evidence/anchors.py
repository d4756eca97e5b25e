"""The answers of time-stamp services and witnesses in a bundle, and what can be said of each (§2.2, §8)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from evidence import cosignature, fields, index, note, stamp
from evidence.checkpoint import Checkpoint
from evidence.checks import Walk
from evidence.disclosed import Disclosed
from evidence.errors import CheckpointError, NoteError
from evidence.note import Key
from evidence.policy import Policy
from evidence.report import Finding
from evidence.signed import Signed

Status = Literal["checked", "present", "failed"]

_TOLD = {
    "kind": fields.among(frozenset({"tsa", "witness"})),
    "origin": fields.matches(fields.ORIGIN),
    "service": fields.is_text,
    "size": fields.counted(1),
    "time": lambda value: value is None or fields.is_time(value),
}


@dataclass(frozen=True)
class Seen:
    """What became of one anchor; ``words`` names the sentence that says why, ``values`` fill it."""

    record: str
    place: int  # of the anchor.received
    kind: str
    service: str
    point: Checkpoint | None  # what it is over, where that is a checkpoint of this log
    token: bytes
    status: Status
    time: datetime | None
    words: str
    values: Mapping[str, object] = field(default_factory=dict)
    witness: Key | None = None  # whose cosignature holds

    @property
    def end(self) -> int:
        """The place below which every record stood when the anchor saw the log."""
        return index.place(self.point.origin, self.point.size) if self.point else 0


def read(
    walk: Walk, disclosed: Disclosed, notes: list[Signed], policy: Policy | None
) -> tuple[list[Seen], list[Finding]]:
    """Return every anchor in log order, and what is wrong with those that fail or cannot be told.

    ``notes`` are the signed notes that are consistent with the log: an anchor over
    anything else saw nothing of it.
    """
    seen, findings = [], []
    for number in walk.system:
        if walk.index.kinds[number] == "anchor.received":
            one = _seen(walk, number, disclosed, notes, policy)
            seen.append(one)
            if one.status == "failed":
                values = {"service": one.service, **one.values}
                code = "witness" if one.kind == "witness" else "anchor"
                findings.append(Finding(code, one.record, one.words, values))
    return seen, findings


def moment(time: datetime | None) -> str | None:
    """Return a time in the form of the format page."""
    return (
        None if time is None else f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"
    )


def _seen(walk: Walk, number: int, disclosed: Disclosed, notes: list[Signed], policy: Policy | None) -> Seen:
    id = walk.index.ids[number]
    told: Mapping[str, Any] = walk.index.told.get(id, {})
    anchored, token = disclosed.read(id, "note"), disclosed.read(id, "token")
    if fields.misfit(told, _TOLD) is not None or anchored is None or token is None:
        return _unread(id, walk.index.places[number], told)
    signed = next((one for one in notes if one.data == anchored), None)
    judged = _witnessed if told["kind"] == "witness" else _stamped
    status, time, words, values, witness = judged(token, anchored, policy, told["service"])
    if signed is None or (signed.point.origin, signed.point.size) != (told["origin"], told["size"]):
        status, words, values, signed, witness = "failed", "anchor.note", {}, None, None
    return Seen(
        id, walk.index.places[number], told["kind"], told["service"], signed.point if signed else None,
        token, status, time, words, values, witness,
    )  # fmt: skip


def _unread(id: str, place: int, told: Mapping[str, Any]) -> Seen:
    return Seen(
        id, place, str(told.get("kind", "tsa")), str(told.get("service", "")), None,
        b"", "failed", None, "anchor.form",
    )  # fmt: skip


_Judged = tuple[Status, datetime | None, str, Mapping[str, object], Key | None]


def _stamped(token: bytes, anchored: bytes, policy: Policy | None, service: str) -> _Judged:
    found = stamp.check(token, anchored, policy.tsas if policy else ())
    return found.status, found.time, found.words, found.values, None


def _witnessed(token: bytes, anchored: bytes, policy: Policy | None, service: str) -> _Judged:
    keys = tuple(policy.witnesses.values()) if policy else ()
    try:
        body = note.parse(anchored).text
        found, signers = note.opened(note.joined(body, [token]), keys)
        time = cosignature.time_of(found.signatures[0])
    except (NoteError, CheckpointError) as error:
        return "failed", None, "witness.form", {"why": str(error)}, None
    if len(found.signatures) != 1 or found.signatures[0].name != service:
        return "failed", time, "witness.name", {}, None
    if not signers:
        return "present", time, "witness.unknown", {}, None
    return "checked", time, "witness.checked", {}, signers[0]


def times(walk: Walk, seen: list[Seen]) -> Iterator[tuple[int, str | None, str | None]]:
    """Yield for each notice its number, not before when it was sealed, and not after (§2.2)."""
    checked = [one for one in seen if one.status == "checked" and one.time is not None]
    for number in walk.case:
        if walk.index.kinds[number] == "notice.composed":
            place = walk.index.places[number]
            before = max((one.time for one in checked if one.place < place and one.time), default=None)
            after = min((one.time for one in checked if one.end > place and one.time), default=None)
            yield number, moment(before), moment(after)
