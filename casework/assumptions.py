"""What a simulation assumes to come of each step: silence, unless it is told otherwise."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casework.escalation import Action
from casework.ladder import Rung

_WRITTEN = re.compile(r"([^=]+)=([a-z_]+)(?:\+(\d{1,4})([dh]))?")
_CALL = ("no_answer", "reached", "wrong_number", "refused")

# What may be assumed of each act; the first is what silence means.
WORDS: Mapping[str, tuple[str, ...]] = {
    Action.SEND: ("accepted", "rejected_perm", "delivered", "displayed", "read", "replied"),
    Action.SYSTEM: ("done",),
    Action.CALL_EMPLOYEE: _CALL,
    Action.CALL_CONTACT: _CALL,
    Action.PAPER: ("signed", "posted", "locker", "returned", "refused"),
    Action.VISIT: ("absent", "met"),
    Action.COUNSEL: ("done",),
    Action.HR_CHECK: ("done",),
}


_ACTS: Mapping[str, tuple[str, ...]] = {
    "call": (Action.CALL_EMPLOYEE,),
    "paper": (Action.PAPER, Action.CALL_EMPLOYEE),
}


class AssumptionRefused(ValueError):  # noqa: N818  (reads as what happened)
    """Something was assumed of a rung that cannot come of it; the message says what can."""


@dataclass(frozen=True)
class Fate:
    """What is assumed to come of one act, and how long that takes.

    A message is taken by its gateway at once, and ``word`` is heard ``after`` that; "accepted" means
    that nothing more is heard. A paper is posted by a person, and ``word`` is heard ``after`` that;
    "posted" means that nothing more is heard. Any other task is done, with this word, ``after`` it was
    given. None is the usual time: at once for news of a message, three days for that of a paper, and
    for a task what Assumptions say.
    """

    word: str
    after: timedelta | None = None


@dataclass(frozen=True)
class Assumptions:
    """The person and the outcomes that a simulation assumes.

    ``channels`` are the usable ones in the order the person prefers. ``fates`` are by the name of the
    rung, in the order of its acts; an act that none of them fits meets silence. A task takes
    ``task_takes``, None: until its day's working hours end. ``accident_at`` is when the clocks of the
    case started, if known.
    """

    channels: tuple[str, ...]
    has_contact: bool = True
    fates: Mapping[str, tuple[Fate, ...]] = field(default_factory=dict)
    task_takes: timedelta | None = None
    accident_at: datetime | None = None

    def fate_of(self, rung: str, action: str, earlier: int) -> Fate:
        """Return what comes of an act on a rung, after so many ``earlier`` ones of its sort."""
        given = [fate for fate in self.fates.get(rung, ()) if fate.word in WORDS[action]]
        return given[earlier] if earlier < len(given) else Fate(WORDS[action][0])


def read_fates(written: Iterable[str]) -> Mapping[str, tuple[Fate, ...]]:
    """Read assumptions like ``call=reached`` or ``paper=signed+5d``, in order. Raises AssumptionRefused."""
    fates: dict[str, tuple[Fate, ...]] = {}
    for one in written:
        found = _WRITTEN.fullmatch(one.strip())
        if found is None:
            raise AssumptionRefused(f"假设写成 步骤=结果 或 步骤=结果+5d（天）、+12h（小时），不能是 {one}")
        rung, word, number, unit = found.groups()
        after = timedelta(**{"days" if unit == "d" else "hours": int(number)}) if number else None
        fates[rung] = (*fates.get(rung, ()), Fate(word, after))
    return fates


def check_fates(fates: Mapping[str, tuple[Fate, ...]], rungs: Iterable[Rung]) -> None:
    """Refuse what can come of no act on a rung, and rungs that there are not. Raises AssumptionRefused."""
    known = {rung.name: _words(rung) for rung in rungs}
    for name, assumed in fates.items():
        if name not in known:
            raise AssumptionRefused(f"这个阶梯没有步骤 {name}；它的步骤是 {'、'.join(known)}")
        wrong = [fate.word for fate in assumed if fate.word not in known[name]]
        if wrong:
            raise AssumptionRefused(f"{name} 的结果只能是 {'、'.join(known[name])}，不能是 {wrong[0]}")


def _words(rung: Rung) -> list[str]:
    """Return what may come of the acts on a rung: its own, and those that help it along."""
    actions = _ACTS.get(rung.action, (rung.action,))
    return list(dict.fromkeys(word for action in actions for word in WORDS[action]))
