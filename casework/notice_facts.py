"""The facts that HR fills into a notice: what each must look like, and what is wrong with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from casework.notice_words import Fault

FORMS = ("text", "date", "choice")
_DAY = re.compile(r"\s*(\d{4})\s*[-/年.]\s*(\d{1,2})\s*[-/月.]\s*(\d{1,2})\s*日?\s*")


@dataclass(frozen=True)
class Field:
    """A fact that HR fills in; ``label`` is what people read beside it.

    A ``date`` may have to be ``past``, a ``choice`` among ``options`` may have to be ``must``, a text
    may have to match ``pattern``; ``why`` then says why, and what to do.
    """

    name: str
    label: str
    hint: str
    form: str = "text"
    options: tuple[str, ...] = ()
    past: bool = False
    must: str = ""
    pattern: str = ""
    why: str = ""


def field_from(body: Mapping[str, object]) -> Field:
    """Read a field from its TOML table."""
    options = body.get("options", ())
    listed = tuple(str(option) for option in options) if isinstance(options, list) else ()
    return Field(**{**body, "options": listed})  # type: ignore[arg-type]  # TOML values are checked by tests


def shown(field: Field, value: str) -> str:
    """Return a fact as the notice says it: a date in Chinese, however it was typed."""
    day = read_day(value) if field.form == "date" else None
    return f"{day.year} 年 {day.month} 月 {day.day} 日" if day else value


def read_day(text: str) -> date | None:
    """Read “2026-11-19” or “2026 年 11 月 19 日”; None for anything else."""
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def faults_of(fields: Sequence[Field], facts: Mapping[str, str], today: date | None) -> Iterator[Fault]:
    """Yield what is missing or wrong. ``today`` is needed where a date must be past; raises ValueError."""
    missing = [field for field in fields if not facts[field.name]]
    if missing:
        labels = "、".join(field.label for field in missing)
        yield Fault(f"还缺：{labels}", fields=tuple(field.name for field in missing))
    for field in fields:
        wrong = _wrong(field, facts[field.name], today) if facts[field.name] else ""
        if wrong:
            yield Fault(f"“{field.label}”{wrong}", fields=(field.name,))


def _wrong(field: Field, value: str, today: date | None) -> str:
    if field.form == "date":
        return _wrong_day(field, read_day(value), today)
    if field.form == "choice" and value not in field.options:
        return f"只能填：{'、'.join(field.options)}"
    if field.must and value != field.must:
        return f"现在是“{value}”：{field.why}"
    if field.pattern and not re.search(field.pattern, value):
        return f"没有写清楚：{field.why}"
    return ""


def _wrong_day(field: Field, day: date | None, today: date | None) -> str:
    if day is None:
        return "要写成日期，例如 2026-11-19"
    if not field.past:
        return ""
    if today is None:
        raise ValueError(f"{field.name} must be past, so today is needed")
    return "" if day < today else f"是 {day.year} 年 {day.month} 月 {day.day} 日，还没有过：{field.why}"
