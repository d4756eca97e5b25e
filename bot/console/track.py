"""The five stages of a delivery, each with when it was reached, by whose word, and what that proves."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.console.words import PROVES, mark
from storage.timeline import Line

STAGES = (
    ("submitted", mark("已提交")),
    ("accepted", mark("网关受理")),
    ("delivered", mark("送达")),
    ("displayed", mark("打开")),
    ("read", mark("确认")),
)
FAILED, TEMPORARY, UNKNOWN = "rejected_perm", "rejected_temp", "unknown"
_WORDS = {FAILED: mark("未送达"), TEMPORARY: mark("暂未受理"), UNKNOWN: mark("不明")}


@dataclass(frozen=True)
class Stage:
    """One stage: ``state`` is done, failed, unknown, silent (it happened unreported) or ahead."""

    name: str
    label: str
    state: str
    at: datetime | None = None
    said: str = ""
    proves: str = ""


@dataclass(frozen=True)
class Track:
    """How far a delivery has come. ``word`` and ``tone`` say it in one tag."""

    stages: tuple[Stage, ...]
    word: str
    tone: str
    attempts: int


def track(lines: Sequence[Line]) -> Track:
    """Read the stages out of a delivery's records, whatever their order and repetition."""
    stages = _settled(tuple(_stage(name, label, lines) for name, label in STAGES))
    word, tone = _tag(stages)
    return Track(stages, word, tone, sum(line.kind == "attempt.started" for line in lines))


def _stage(name: str, label: str, lines: Sequence[Line]) -> Stage:
    reached = next((line for line in lines if line.state == name), None)
    against = _against(name, lines)
    if reached is not None:
        proves = PROVES["conflict"] if against is not None and name == "delivered" else PROVES[name]
        said = _said(reached) + (f"／{_said(against)}" if proves == PROVES["conflict"] and against else "")
        return Stage(name, label, "done", reached.at, said, proves)
    if against is not None:
        state = "unknown" if against.state == UNKNOWN else "failed"
        return Stage(name, label, state, against.at, _said(against), PROVES[_meant(name, against)])
    sent = next((line for line in lines if line.state == "sent"), None)
    if name == "delivered" and sent is not None:
        return Stage(name, label, "ahead", sent.at, _said(sent), PROVES["sent"])
    return Stage(name, label, "ahead")


def _meant(name: str, against: Line) -> str:
    """A gateway that reports "not now" after it took the message has failed to deliver, not to accept."""
    if name == "delivered" and against.state == TEMPORARY:
        return "undelivered"
    return str(against.state)


def _against(name: str, lines: Sequence[Line]) -> Line | None:
    """The last word that this stage was not reached: the gateway's answer to us, or its later report."""
    kinds = {"accepted": "attempt.", "delivered": "receipt."}.get(name)
    if kinds is None:
        return None
    bad = [one for one in lines if one.kind.startswith(kinds) and one.state in _WORDS]
    return bad[-1] if bad else None


def _settled(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """Mark stages that nobody reported though a later one was reached; proof states are never merged."""
    last = max((n for n, stage in enumerate(stages) if stage.state == "done"), default=0)
    return tuple(
        replace(stage, state="silent", proves=PROVES["silent"])
        if n < last and stage.state == "ahead"
        else stage
        for n, stage in enumerate(stages)
    )


def _tag(stages: tuple[Stage, ...]) -> tuple[str, str]:
    done = [stage for stage in stages if stage.state == "done"]
    bad = next((stage for stage in stages if stage.state in ("failed", "unknown")), None)
    last = done[-1] if done else stages[0]
    if bad is not None and stages.index(bad) > stages.index(last):
        return (_WORDS[UNKNOWN], "warn") if bad.state == "unknown" else (_failure(bad), "bad")
    words = {
        "submitted": mark("正在发送"), "accepted": mark("网关已受理"), "delivered": mark("已送达"),
        "displayed": mark("已打开"), "read": mark("已确认收到"),
    }  # fmt: skip
    return words[last.name], "ok" if last.name in ("delivered", "displayed", "read") else "wait"


def _failure(bad: Stage) -> str:
    if bad.name == "accepted":
        return _WORDS[TEMPORARY] if bad.proves == PROVES[TEMPORARY] else mark("网关拒绝")
    return _WORDS[FAILED]


def _said(line: Line) -> str:
    said = str(line.told.get("said") or "")
    return "" if line.kind.startswith("page.") else said
