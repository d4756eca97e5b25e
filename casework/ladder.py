"""A ladder as data: which rungs a notice climbs while nobody answers, and what ends the climb."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from casework.workdays import Window

ACTIONS = ("send", "call", "paper", "visit", "counsel", "hr_check", "system")
ANCHORS = ("start", "previous", "signature", "return")
CHANNEL_RULES = ("", "preferred", "next")
CALLEES = ("", "employee")
STOPS = ("read", "confirmed", "delivered", "signed")
USUAL_STOPS = ("read", "confirmed")


class PolicyRefused(ValueError):  # noqa: N818  (reads as what happened)
    """A policy cannot be used; the message names the key and what it must be."""


@dataclass(frozen=True)
class Rung:
    """One step of a ladder: what is done, counted from when, and the rule in words.

    ``hours``, ``days`` (of 24 hours) or ``workdays``, only one of them, are counted from
    ``anchor``: the start of the silence, the end of the rung before, the signature on the
    paper, or its return or refusal; a rung counted from a return is taken only if a paper did
    come back. ``window`` names the message class whose hours hold, "" the usual ones.
    ``attempts`` limits calls, ``callee`` "" rings whom the circumstances suggest.
    ``watch_days`` says how long a posted paper may go without news before a person looks.
    Nobody waits for the end of a rung ``beside`` the others. ``hook`` is what a system rung is
    called, ``serves`` the clock or house rule that a rung serves, ``cost_fen`` what it is
    thought to cost (hundredths of a yuan).
    """

    name: str
    title: str
    action: str
    anchor: str
    rule: str
    channel_rule: str = ""
    hours: int = 0
    workdays: int = 0
    attempts: int = 1
    watch_days: int = 0
    scripts: Mapping[str, str] = field(default_factory=dict)
    days: int = 0
    window: str = ""
    callee: str = ""
    beside: bool = False
    hook: str = ""
    serves: str = ""
    cost_fen: int = 0


@dataclass(frozen=True)
class Policy:
    """The ladder of one kind of notice, with the hours in which it may act.

    ``stops`` are the events that end it: ``read`` on the page, an answer that is ``confirmed``,
    the first message ``delivered``, the paper ``signed`` for. That a page was displayed is none.
    ``classes`` are hours of further message classes, which a rung names.
    """

    name: str
    title: str
    messages: Window
    tasks: Window
    rungs: tuple[Rung, ...]
    stops: tuple[str, ...] = USUAL_STOPS
    classes: Mapping[str, Window] = field(default_factory=dict)

    def window_for(self, rung: int, action: str) -> Window:
        """Return the hours in which an action of a rung may begin; help with a paper keeps those of tasks."""
        taken = self.rungs[rung]
        if taken.window and action.startswith(taken.action):
            return self.classes[taken.window]
        return self.messages if action == "send" else self.tasks


def call_script(rung: Rung, action: str, *, firm: str, name: str, caller: str, phone: str) -> str:
    """Return what HR says on the phone; it tells nobody what the notice is about."""
    return rung.scripts[action].format(firm=firm, name=name, caller=caller, phone=phone)
