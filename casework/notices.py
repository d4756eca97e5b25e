"""Compose what an employee is told: kind words, complete facts, and nothing that threatens."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from casework import packaged
from casework.notice_facts import Field, faults_of, field_from, shown
from casework.notice_words import (
    Fault,
    NoticeRefused,
    forbidden,
    outer_title,
    private,
    refuse,
    refuse_forbidden,
    wording,
)

__all__ = [
    "HONORIFICS", "Composed", "Field", "Kind", "NoticeRefused", "compose", "kind_from_body", "kinds",
    "load_kind", "outer_title", "refuse_forbidden",
]  # fmt: skip

HONORIFICS = ("", "师傅", "先生", "女士")
_PLACE = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class Kind:
    """A sort of notice: its text with places for the facts, and the ladder it climbs.

    ``repeat_allowed`` says that a second copy does no harm where nobody can find out whether the
    first one went.
    """

    kind: str
    title: str
    ladder: str
    paragraphs: tuple[str, ...]
    short_lines: tuple[str, ...]
    fields: tuple[Field, ...]
    repeat_allowed: bool = False


@dataclass(frozen=True)
class Composed:
    """A finished notice: the full text, the facts for a quick look, the lines for narrow channels.

    ``short_lines`` hold at most 20 characters each (the limit of a WeChat template field) and
    nothing of injury, health or money, since they show on a locked phone.
    """

    title: str
    paragraphs: tuple[str, ...]
    key_facts: tuple[tuple[str, str], ...]
    short_lines: tuple[str, ...]

    @property
    def text(self) -> str:
        """The full text with its title, one paragraph a line."""
        return "\n".join((self.title, *self.paragraphs))


def kinds() -> tuple[str, ...]:
    """List the kinds of notice that can be composed."""
    return packaged.names("notices")


def load_kind(kind: str) -> Kind:
    """Read one kind of notice. Raises NotPackaged."""
    return kind_from_body(packaged.read("notices", kind))


def kind_from_body(data: Mapping[str, Any]) -> Kind:
    """Read a template of a notice. Raises NoticeRefused with everything that a template may not do."""
    form = Kind(
        kind=data["kind"],
        title=data["title"],
        ladder=data["ladder"],
        paragraphs=tuple(data["paragraphs"]),
        short_lines=tuple(data["short_lines"]),
        fields=tuple(field_from(field) for field in data["fields"]),
        repeat_allowed=data.get("repeat_allowed", False),
    )
    refuse([*_incomplete(form), *forbidden("\n".join((form.title, *form.paragraphs))), *_betrays(form)])
    return form


def compose(
    kind: str,
    fields: Mapping[str, str],
    employee_name: str,
    firm: str,
    *,
    honorific: str = "",
    today: date | None = None,
) -> Composed:
    """Return the finished notice; ``today`` is the day in Beijing, for facts that must be past.

    Raises NoticeRefused with everything at once: missing or wrong facts, forbidden words.
    """
    form = load_kind(kind)
    facts = {field.name: fields.get(field.name, "").strip() for field in form.fields}
    composed = _composed(form, facts, employee_name, honorific, firm)
    refuse([
        *_unknown(form, fields), *_unaddressed(form, employee_name, honorific),
        *faults_of(form.fields, facts, today), *forbidden(composed.text),
    ])  # fmt: skip
    return composed


def _composed(form: Kind, facts: Mapping[str, str], name: str, honorific: str, firm: str) -> Composed:
    said = {field.name: shown(field, facts[field.name]) for field in form.fields}
    places = said | {"addressee": _one_line(name) + honorific, "firm": _one_line(firm)}
    return Composed(
        title=form.title,
        paragraphs=tuple(_filled(form.paragraphs, places)),
        key_facts=tuple((field.label, _one_line(said[field.name])) for field in form.fields),
        short_lines=form.short_lines,
    )


def _unknown(form: Kind, given: Mapping[str, str]) -> Iterator[Fault]:
    unknown = sorted(given.keys() - {field.name for field in form.fields})
    if unknown:
        yield Fault(f"“{form.title}”没有这些内容：{'、'.join(unknown)}")


def _unaddressed(form: Kind, name: str, honorific: str) -> Iterator[Fault]:
    if not name.strip():
        yield Fault(f"“{form.title}”必须写明员工姓名")
    if honorific not in HONORIFICS:
        yield Fault(f"称呼只能是：{'、'.join(filter(None, HONORIFICS))}，或者不写")


def _incomplete(form: Kind) -> Iterator[Fault]:
    """A formal notice says what the law wants it to say: its template has a field for each, and uses it."""
    placed = set(_PLACE.findall("".join(form.paragraphs)))
    given = {field.name for field in form.fields}
    for needed in wording()["needed"]:
        if needed["kind"] == form.kind and needed["field"] not in placed & given:
            why = f"“{form.title}”的模板里没有{needed['label']}（{needed['field']}）：{needed['why']}"
            yield Fault(why, fields=(needed["field"],))
    stray = sorted(placed - given - {"addressee", "firm"})
    if stray:
        yield Fault(f"模板里的 {'、'.join(stray)} 没有对应的栏目", fields=tuple(stray))


def _betrays(form: Kind) -> Iterator[Fault]:
    for line in form.short_lines:
        words = private(line)
        if words:
            yield Fault(f"锁屏上看得到的短句“{line}”不能提到：{'、'.join(words)}", words=words)


def _filled(paragraphs: tuple[str, ...], places: Mapping[str, str]) -> Iterator[str]:
    for paragraph in paragraphs:
        text = re.sub(r"([。！？])。", r"\1", paragraph.format_map(places))
        yield from (line.strip() for line in text.splitlines() if line.strip())


def _one_line(text: str) -> str:
    return " ".join(text.split())
