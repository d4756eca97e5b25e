"""The two views of a bundle: what is withheld from whom, and why (docs/evidence-format.md §7.1).

``full`` is for the tribunal and withholds only what concerns other people, and counsel's reasoning.
``minimised`` is for the other side: it discloses what the table below names, and nothing else.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from evidence.records import Record

FULL, MINIMISED = "full", "minimised"
VIEWS = (FULL, MINIMISED)

THIRD: Final = "third-person"  # somebody who is neither the employee nor the firm
INTERNAL: Final = "internal"  # our own staff's notes, reasons and wording
OTHERS: Final = "other-people"  # a batch that also concerns others
ERASED: Final = "erased"
PRIVILEGED: Final = "privileged"  # what counsel and the firm weigh between themselves

_OPEN: Final = ""  # disclosed

# kind -> part -> why it is withheld in the minimised view; "attachment" stands for every attachment.
# A kind or part that does not stand here is INTERNAL. `facts` cannot be cut: one line of a clerk's own words
# about a colleague or a relative withholds all of it.
_MINIMISED: Mapping[str, Mapping[str, str]] = {
    "case.opened": {"facts": THIRD},  # how the accident happened names witnesses and co-workers
    "case.changed": {"facts": THIRD},
    "contact.shown": {"facts": THIRD},  # names the relation of the emergency contact
    "notice.composed": {"facts": _OPEN, "text": _OPEN},  # the employee was told it
    "paper.made": {"facts": _OPEN, "paper": _OPEN},
    "attempt.started": {"request": _OPEN},  # its facts hold the reason for the step
    "attempt.accepted": {"response": _OPEN},
    "attempt.rejected": {"response": _OPEN},
    "attempt.unknown": {"response": _OPEN},
    "attempt.found": {"response": _OPEN},
    "attempt.absent": {"response": _OPEN},
    "attempt.doubled": {"facts": _OPEN},
    "receipt.received": {"facts": _OPEN, "inner": _OPEN},
    "reply.received": {"facts": _OPEN, "text": _OPEN, "inner": _OPEN, "attachment": _OPEN},
    "page.displayed": {"facts": _OPEN},
    "page.read": {"facts": _OPEN},
    "page.answered": {"facts": _OPEN, "text": _OPEN, "attachment": _OPEN},
    "page.refused": {"facts": _OPEN},
    "custody.exported": {"facts": _OPEN},
    "custody.handed_over": {"facts": THIRD},  # names who took it
    "erase.done": {"facts": _OPEN},
    "intake.received": {"facts": _OPEN, "raw": _OPEN, "inner": _OPEN},
}
# Why something is held back or is to be erased is counsel's own reasoning: withheld in both views.
_COUNSEL = ("hold.set", "hold.lifted", "erase.asked", "erase.refused")
_SLIPS = ("paper", "paper_result")  # tasks whose scans are the post's, not pictures of people
_CALLS_AND_VISITS = ("call_contact", "call_employee", "visit")

# What a reader of the log needs of the system's records; a first record of another kind is our own affair.
_SYSTEM = frozenset(
    {"log.started", "epoch.started", "key.rotated", "key.compromised"}
    | {"anchor.received", "anchor.missed", "heads.made", "selfcheck.done"}
)


def withheld(view: str, record: Record, name: str, told: Mapping[str, Any]) -> str | None:
    """Return why a case record's part is left out of a view, None when it is disclosed.

    ``told`` is what the record's facts tell.
    """
    if record.kind in _COUNSEL:
        return PRIVILEGED
    if view == FULL:
        return None
    if record.kind.startswith("task."):
        return _of_task(name, str(told.get("kind")))
    if str(record.fields.get("channel", "")).startswith("courier_") and record.kind == "receipt.received":
        return THIRD  # a courier names who opened the door
    return _MINIMISED.get(record.kind, {}).get(_sort(name), INTERNAL) or None


def withheld_of_intake(view: str, name: str, data: bytes, *, shared: bool) -> str | None:
    """Return why a cited intake record's part is left out; ``shared`` when other records hold the same bytes.

    A batch is left out whole: the element that is this person's stands beside it.
    """
    if name == "raw" and (shared or _is_batch(data)):
        return OTHERS
    if name == "headers" and (view == MINIMISED or _holds_secret(data)):
        return INTERNAL
    return None if view == FULL else _MINIMISED["intake.received"].get(name, INTERNAL) or None


def withheld_of_system(kind: str) -> str | None:
    """Return why a system record's parts are left out, in both views alike."""
    return None if kind in _SYSTEM else INTERNAL


def may_tell(view: str, kind: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a view's papers may say of a record: all, or only what names nobody and argues nothing."""
    if kind in _COUNSEL:
        return {}
    if view == FULL:
        return told
    allowed = _TELLS.get(kind, ())
    if kind == "task.done" and told.get("kind") not in _SLIPS:
        allowed = ()
    return {name: told[name] for name in allowed if name in told}


_TELLS: Mapping[str, tuple[str, ...]] = {
    "notice.composed": ("title", "kind"),
    "plan.started": ("policy",),
    **dict.fromkeys(("attempt.accepted", "attempt.rejected", "attempt.unknown", "attempt.found"), ("said",)),
    "attempt.absent": ("said",),
    "attempt.doubled": ("why",),
    "receipt.received": ("said",),
    "reply.received": ("proposed", "attachments"),
    "reply.confirmed": ("confirmed",),
    "reply.corrected": ("confirmed",),
    **dict.fromkeys(("page.displayed", "page.read"), ("identity",)),
    "page.answered": ("choice", "identity"),
    "page.refused": ("why",),
    "task.done": ("kind", "outcome", "waybill"),
    "custody.exported": ("export", "sha256", "records", "view"),
    "erase.done": ("approved", "asked", "ground", "level"),
}


def _of_task(name: str, kind: str) -> str | None:
    if _sort(name) == "attachment" and kind in _SLIPS:
        return None
    return THIRD if kind in _CALLS_AND_VISITS else INTERNAL


def _sort(name: str) -> str:
    return "attachment" if name.startswith("attachment-") else name


def _is_batch(data: bytes) -> bool:
    """Whether a pushed body holds several elements: a JSON list of other than one."""
    if data.lstrip()[:1] != b"[":
        return False
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return True  # it cannot be told whom it concerns
    return len(found) != 1


def _holds_secret(data: bytes) -> bool:
    """Whether the address that was called ends with a secret of ours: /hooks/<channel>/<account>/<secret>."""
    try:
        target = str(json.loads(data)["target"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return True
    return len([step for step in target.partition("?")[0].split("/") if step]) > 3
