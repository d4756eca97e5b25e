"""The rules for the short fields of a category template; a breach is answered with 47003."""

import re
from collections.abc import Mapping

_CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_DAY = r"(\d{4}年\d{1,2}月\d{1,2}日|\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2})"
_MOMENT = rf"({_DAY}( ?{_CLOCK})?|{_CLOCK})"
_DATED = rf"{_DAY}( ?{_CLOCK})?"

RULES = {
    "thing": r".{1,20}",
    "number": r"[\d.\-]{1,32}",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"[^\w\s]{1,5}",
    "character_string": r"[\x21-\x7e ]{1,32}",
    "time": rf"{_MOMENT}(~{_MOMENT})?",
    "date": rf"{_DATED}(~{_DATED})?",
    "amount": r"[¥￥$€£]?\d{1,10}(\.\d+)?元?",
    "phone_number": r"[\d+\-]{1,17}",
    "car_number": r".{1,8}",
    "name": r"([㐀-鿿·]{1,10}|[A-Za-z·. ]{1,20})",
    "phrase": r"[㐀-鿿]{1,5}",
}


def complaint(declared: Mapping[str, str], data: object) -> str | None:
    """Name the first field that is missing or breaks its rule, in the platform's words; None if none."""
    if not isinstance(data, dict):
        return "data is empty"
    for name in declared or data:
        value = shown_value(data, name)
        if not value:
            return f"data.{name}.value is empty"
        if not obeys(name, value):
            return f"data.{name}.value invalid"
    return None


def shown_value(data: Mapping[str, object], name: str) -> str:
    """Return what a field says, "" when it says nothing readable."""
    entry = data.get(name)
    value = entry.get("value") if isinstance(entry, dict) else None
    return str(value) if isinstance(value, str | int | float) else ""


def obeys(name: str, value: str) -> bool:
    """Say whether a value keeps to the rule in its field's name; names without a known rule are free."""
    rule = RULES.get(name.rstrip("0123456789"))
    return rule is None or re.fullmatch(rule, value, re.DOTALL) is not None
