"""How a notice is put into the short fields of a WeChat template message."""

import re
from collections.abc import Callable, Mapping

from pydantic import Field, field_validator

from bot.config import Strict
from handlers.ports import Envelope, Misconfigured

_SOURCE = re.compile(r"title|firm|record_code|line[1-9]|=.+")
_DATE = re.compile(r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?(?:\s*\d{1,2}:\d{2})?")
_AMOUNT = re.compile(r"[¥￥$]?\d{1,10}(?:\.\d{1,2})?元?")


class Template(Strict):
    """One template of the account and what fills its fields."""

    id: str = Field(min_length=1, description="Template id from the WeChat console.", examples=["TPL_NOTICE"])
    fields: Mapping[str, str] = Field(
        description="Field -> title, firm, record_code, line1 … line9, or a fixed text after '='.",
        examples=[
            {"thing1": "title", "thing2": "line1", "character_string3": "record_code", "phrase4": "=待确认"}
        ],
    )

    @field_validator("fields")
    @classmethod
    def _known(cls, fields: Mapping[str, str]) -> Mapping[str, str]:
        for name, source in fields.items():
            if _rule(name) not in RULES:
                raise ValueError(
                    f"has the unknown field {name}: use one of {', '.join(RULES)} and its number"
                )
            if not _SOURCE.fullmatch(source):
                raise ValueError(
                    f"fills {name} from an unknown word: use title, firm, record_code, line1 or =text"
                )
        return fields


def filled(template: Template, envelope: Envelope) -> dict[str, dict[str, str]]:
    """Return the data of a template message. Raises Misconfigured for a field that stays empty."""
    data = {}
    for name, source in template.fields.items():
        rule = _rule(name)
        value = RULES[rule](_squeezed(_value(source, envelope))) or _INSTEAD.get(rule, "")
        if not value:  # WeChat would answer 47003 and name the field
            raise Misconfigured("template", f"{name} cannot be filled from {source}: map another word to it")
        data[name] = {"value": value}
    return data


def _rule(name: str) -> str:
    return name.rstrip("0123456789")


def _value(source: str, envelope: Envelope) -> str:
    if source.startswith("="):
        return source[1:]
    if source.startswith("line"):
        return dict(enumerate(envelope.lines, start=1)).get(int(source[4:]), "")
    words = {"title": envelope.title, "firm": envelope.firm, "record_code": envelope.record_code}
    return words[source]


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str, limit: int) -> str:
    """Cut to ``limit`` UTF-16 units, the way WeChat's own clients count, marking the cut."""
    if _units(text) <= limit:
        return text
    while _units(text) > limit - 1:
        text = text[:-1]
    return text + "…"


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _only(pattern: str, limit: int) -> Callable[[str], str]:
    """Keep only what matches, and no more than ``limit`` characters of it."""
    return lambda text: "".join(re.findall(pattern, text))[:limit]


def _name(text: str) -> str:
    return _cut(text, 20 if text.isascii() else 10)


def _found(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: found.group() if (found := pattern.search(text)) else ""


# The limits of WeChat's category templates; a breach is refused with errcode 47003.
RULES: dict[str, Callable[[str], str]] = {
    "thing": lambda text: _cut(text, 20),
    "short_thing": lambda text: _cut(text, 5),
    "number": _only(r"[0-9]", 32),
    "letter": _only(r"[A-Za-z]", 32),
    "symbol": _only(r"[^\w\s]", 5),
    "character_string": _only(r"[!-~]", 32),
    "time": _found(_DATE),
    "date": _found(_DATE),
    "amount": _found(_AMOUNT),
    "phone_number": _only(r"[0-9+\-]", 17),
    "car_number": lambda text: text[:8],
    "name": _name,
    "phrase": _only(r"[\u4e00-\u9fff]", 5),
    "enum": str,
    "const": str,
}
_INSTEAD = {"thing": "请点击查看", "short_thing": "请查看", "phrase": "请查看"}
