"""Words that no notice may carry, and what a locked phone or a telephone may betray."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from casework import packaged

PLAIN_TITLE = "您有一份通知"
_TRADITIONAL = str.maketrans(
    "視為動離職後負棄責擔認處論當終滅辭從產", "视为动离职后负弃责担认处论当终灭辞从产"
)


class NoticeRefused(ValueError):  # noqa: N818  (reads as what happened)
    """A notice must not be composed like this; the message names the words or fields, and why."""

    def __init__(self, why: str, words: tuple[str, ...] = (), fields: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.words, self.fields = words, fields


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a notice: why, with its remedy, and which words or fields it concerns."""

    why: str
    words: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


def refuse(faults: list[Fault]) -> None:
    """Raise NoticeRefused for all faults at once; nothing where there is none."""
    if not faults:
        return
    told = [fault.why for fault in faults]
    numbered = "；".join(f"{number}. {why}" for number, why in enumerate(told, 1))
    raise NoticeRefused(
        told[0] if len(told) == 1 else f"有 {len(told)} 处要改：{numbered}",
        words=tuple(word for fault in faults for word in fault.words),
        fields=tuple(name for fault in faults for name in fault.fields),
    )


def refuse_forbidden(text: str) -> None:
    """Refuse a text that threatens or reads silence as a declaration. Raises NoticeRefused.

    Spaces, punctuation and full-width letters between the characters hide nothing, nor do
    traditional characters.
    """
    refuse(list(forbidden(text)))


def forbidden(text: str) -> Iterator[Fault]:
    """Yield what a text may not say, with the reason, its source and what to write instead."""
    plain = squeezed(text)
    for rule in wording()["forbidden"]:
        found = [word for word in rule["words"] if word in plain]
        found += [hit for pattern in rule.get("patterns", ()) for hit in re.findall(pattern, plain)]
        if found:
            words = tuple(dict.fromkeys(found))
            quoted = "、".join(f"“{word}”" for word in words)
            why = f"通知里不能写{quoted}。{rule['why']}（{rule['source']}）。{rule['instead']}"
            yield Fault(why, words=words)


def private(text: str) -> tuple[str, ...]:
    """Return the words of a text that an onlooker must not see on a locked phone."""
    plain = squeezed(text)
    return tuple(word for word in wording()["private"]["words"] if word in plain)


def outer_title(title: str) -> str:
    """Return a notice's title as narrow channels show it: a plain one where its own betrays something."""
    return PLAIN_TITLE if private(title) else title


@cache
def wording() -> Mapping[str, Any]:
    """Return the packaged rules about words; nobody changes what is returned."""
    return packaged.read("rules", "wording")


def squeezed(text: str) -> str:
    """Return a text's letters and digits alone, simplified and half-width."""
    plain = unicodedata.normalize("NFKC", text).translate(_TRADITIONAL)
    return "".join(character for character in plain if character.isalnum())
