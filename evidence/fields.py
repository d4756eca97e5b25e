"""The forms that single values may take in a leaf and in the files of a bundle."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime

Rule = Callable[[object], bool]

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
UUID7 = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
HEX64 = r"[0-9a-f]{64}"
CHANNEL = r"[a-z][a-z0-9_]{0,31}/[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
TOKEN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"
ORIGIN = r"huizheng\.[a-z0-9]{8}/log/[1-9][0-9]{0,5}"
STREAM = rf"case:{UUID}|intake:{CHANNEL}/[0-9]{{4}}-(0[1-9]|1[0-2])|system"
ACTOR = rf"(user|employee|link):{UUID}|system:{TOKEN}|gateway:{CHANNEL}"
PART_NAME = r"[a-z][a-z0-9-]{0,31}"
MEDIA = r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}(; ?[a-z0-9-]+=[A-Za-z0-9._-]+)*"
REF = (
    rf"cites {HEX64}|checkpoint (0|[1-9][0-9]{{0,15}})"
    rf"|(outcome-of|receipt-for|answers|caused-by|supersedes|opens|about|erases) {UUID7}"
)
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z"


def matches(pattern: str) -> Rule:
    """Return the rule that a value is a string and fits the whole pattern."""
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def among(values: frozenset[str]) -> Rule:
    """Return the rule that a value is one of these strings."""
    return lambda value: isinstance(value, str) and value in values


def counted(least: int) -> Rule:
    """Return the rule that a value is an integer (never a boolean) of at least this."""
    return lambda value: type(value) is int and value >= least


def listed(rule: Rule) -> Rule:
    """Return the rule that a value is a list whose every item keeps another rule."""
    return lambda value: isinstance(value, list) and all(rule(item) for item in value)


def shaped(required: Mapping[str, Rule]) -> Rule:
    """Return the rule that a value is an object with exactly these fields."""
    return lambda value: misfit(value, required) is None


def is_time(value: object) -> bool:
    """Whether a value is a moment that exists, as ``YYYY-MM-DDThh:mm:ss.sssZ``."""
    if not isinstance(value, str) or not re.fullmatch(_TIME, value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_text(value: object) -> bool:
    """Whether a value is a string that is not empty, is NFC and holds no control character."""
    if not isinstance(value, str) or value == "":
        return False
    if value.isascii():
        return value.isprintable()  # which of ASCII refuses just the control characters
    categories = map(unicodedata.category, value)
    return unicodedata.is_normalized("NFC", value) and "Cc" not in categories


def misfit(
    value: object, required: Mapping[str, Rule], optional: Mapping[str, Rule] | None = None
) -> str | None:
    """Return the first field of an object that is missing, unknown or breaks its rule; None when all fit."""
    if not isinstance(value, Mapping):
        return "object"
    if not required.keys() <= value.keys():
        return min(required.keys() - value.keys())
    for name, item in value.items():
        rule = required.get(name) or (optional or {}).get(name)
        if rule is None or not rule(item):
            return str(name)
    return None
