"""Recognise a person by the end of an ID number, and hide what a reader need not see."""

import hmac
import re
import unicodedata

_TAIL = re.compile(r"[0-9A-Z]{4}")


def id_tail_matches(id_number: str, tail: str) -> bool:
    """Whether ``tail`` is the last four letters or digits of an ID number; brackets and dashes do not count.

    Full-width characters, spaces around, x for X and the sign × are accepted, because
    people type them. The comparison takes the same time wherever the first difference lies.
    """
    given, known = _normal(tail), _letters(id_number)[-4:]
    if not _TAIL.fullmatch(given) or not _TAIL.fullmatch(known):
        return False
    return hmac.compare_digest(given, known)


def mask_phone(phone: str) -> str:
    """Show the first three and last four digits of a mainland mobile, less of any shorter number."""
    country, number = _without_country(re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", phone)))
    if len(number) >= 11:
        return f"{country}{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"
    if len(number) >= 7:
        return f"{country}{number[:2]}{'*' * (len(number) - 4)}{number[-2:]}"
    return "*" * len(number)


def mask_name(name: str) -> str:
    """Show the first character of a name: 张伟 becomes 张*."""
    name = name.strip()
    return name[:1] + "*" * (len(name) - 1) if len(name) > 1 else "*" * len(name)


def mask_id(id_number: str) -> str:
    """Show only the province of an ID number; its last four characters open the employee's page."""
    number = _normal(id_number)
    return number[:2] + "*" * (len(number) - 2) if len(number) > 6 else "*" * len(number)


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().upper().replace("×", "X")


def _letters(text: str) -> str:
    """Drop what separates: a Hong Kong number is written A123456(3)."""
    return re.sub(r"[\s()\[\].-]", "", _normal(text))


def _without_country(number: str) -> tuple[str, str]:
    """Split +852 from the number; +86 is dropped, since every reader expects it."""
    if number.startswith("+86"):
        return "", number[3:]
    known = re.match(r"\+(852|853|886|1|44|65|81|82)", number)
    if known:
        return f"{known.group()} ", number[known.end() :]
    return "", number.removeprefix("+")
