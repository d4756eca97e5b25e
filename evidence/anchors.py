"""The answers of time-stamp services and witnesses in a bundle, and what can be said of each (§2.2, §8)."""

from collections import defaultdict
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


@dataclass(frozen=True)
class Loose:
    """What an anchor is over that is none of the notes that are consistent with the log."""

    record: str
    data: bytes


@dataclass(frozen=True)
class _Moment:
    """When others saw a checkpoint: the earliest and latest of their times, and between which places."""

    place: int
    end: int
    earliest: datetime
    latest: datetime


def read(
    walk: Walk, disclosed: Disclosed, notes: list[Signed], policy: Policy | None
) -> tuple[list[Seen], list[Loose]]:
    """Return every anchor in log order, and what those are over that saw nothing of this log.

    ``notes`` are the signed notes that are consistent with the log.
    """
    seen, loose = [], []
    known = {one.data: one for one in reversed(notes)}
    for number in walk.system:
        if walk.index.kinds[number] == "anchor.received":
            anchored = disclosed.read(walk.index.ids[number], "note")
            signed = known.get(anchored) if anchored is not None else None
            seen.append(_seen(walk, number, disclosed, anchored, signed, policy))
            if anchored is not None and signed is None:
                loose.append(Loose(walk.index.ids[number], anchored))
    return seen, loose


def failed(seen: list[Seen]) -> Iterator[Finding]:
    """Yield what is wrong with the anchors that fail or cannot be told."""
    for one in seen:
        if one.status == "failed":
            values = {"service": one.service, **one.values}
            code = "witness" if one.kind == "witness" else "anchor"
            yield Finding(code, one.record, one.words, values)


def moment(time: datetime | None) -> str | None:
    """Return a time in the form of the format page."""
    return (
        None if time is None else f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z"
    )


def _seen(
    walk: Walk, number: int, disclosed: Disclosed, anchored: bytes | None, signed: Signed | None,
    policy: Policy | None,
) -> Seen:  # fmt: skip
    id = walk.index.ids[number]
    told: Mapping[str, Any] = walk.index.told.get(id, {})
    token = disclosed.read(id, "token")
    if fields.misfit(told, _TOLD) is not None or anchored is None or token is None:
        return _unread(id, walk.index.places[number], told)
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


Times = list[tuple[int, str | None, str | None]]


def times(walk: Walk, seen: list[Seen], policy: Policy | None) -> Times:
    """Return for each notice its number, not before when it was sealed, and not after (§2.2)."""
    moments = list(_moments(seen, policy))
    found = []
    for number in walk.case:
        if walk.index.kinds[number] == "notice.composed":
            place = walk.index.places[number]
            before = max((one.earliest for one in moments if one.place < place), default=None)
            after = min((one.latest for one in moments if one.end > place), default=None)
            found.append((number, moment(before), moment(after)))
    return found


def crossed(walk: Walk, times: Times) -> Iterator[Finding]:
    """Yield each notice that would have been sealed after others saw it: one of their clocks is wrong."""
    for number, before, after in times:
        if before is not None and after is not None and before > after:
            values = {"before": before, "after": after}
            yield Finding("anchor", walk.index.ids[number], "anchor.crossed", values)


def _moments(seen: list[Seen], policy: Policy | None) -> Iterator[_Moment]:
    """Yield the times that count: a witness's, under a policy with a quorum, only as one of the quorum's."""
    together = defaultdict[Checkpoint, list[Seen]](list)
    for one in seen:
        if one.status != "checked" or one.time is None or one.point is None:
            continue
        if one.kind == "witness" and policy is not None and policy.quorum is not None:
            together[one.point].append(one)
        else:
            yield _Moment(one.place, one.end, one.time, one.time)
    for group in together.values():
        yield from _of_quorum(group, policy)


def _of_quorum(group: list[Seen], policy: Policy | None) -> Iterator[_Moment]:
    # Whichever of them is wrong or lies: an honest one's time lies between the earliest and the latest.
    cosigners = {one.witness for one in group if one.witness is not None}
    if policy is not None and policy.satisfied(cosigners):
        stated = [one.time for one in group if one.time is not None]
        yield _Moment(max(one.place for one in group), group[0].end, min(stated), max(stated))
