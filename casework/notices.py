"""Compose what an employee is told: kind words, complete facts, and nothing that threatens."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from casework import packaged

HONORIFICS = ("", "师傅", "先生", "女士")
_TRADITIONAL = str.maketrans("視為動離職後負棄責擔認處論當", "视为动离职后负弃责担认处论当")


class NoticeRefused(ValueError):  # noqa: N818  (reads as what happened)
    """A notice must not be composed like this; the message names the words or fields, and why."""

    def __init__(self, why: str, words: tuple[str, ...] = (), fields: tuple[str, ...] = ()) -> None:
        super().__init__(why)
        self.words, self.fields = words, fields


@dataclass(frozen=True)
class Field:
    """A fact that HR fills in; ``label`` is what people read beside it."""

    name: str
    label: str
    hint: str


@dataclass(frozen=True)
class Kind:
    """A sort of notice: its text with places for the facts, and the ladder it climbs."""

    kind: str
    title: str
    ladder: str
    paragraphs: tuple[str, ...]
    short_lines: tuple[str, ...]
    fields: tuple[Field, ...]


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
    data = packaged.read("notices", kind)
    return Kind(
        kind=data["kind"],
        title=data["title"],
        ladder=data["ladder"],
        paragraphs=tuple(data["paragraphs"]),
        short_lines=tuple(data["short_lines"]),
        fields=tuple(Field(**field) for field in data["fields"]),
    )


def compose(
    kind: str, fields: Mapping[str, str], employee_name: str, firm: str, *, honorific: str = ""
) -> Composed:
    """Return the finished notice. Raises NoticeRefused for missing facts or forbidden words."""
    form = load_kind(kind)
    facts = _facts(form, fields)
    addressee = _addressee(employee_name, honorific)
    places = facts | {"addressee": addressee, "firm": _one_line(firm)}
    composed = Composed(
        title=form.title,
        paragraphs=tuple(_filled(form.paragraphs, places)),
        key_facts=tuple((field.label, _one_line(facts[field.name])) for field in form.fields),
        short_lines=form.short_lines,
    )
    refuse_forbidden(composed.text)
    return composed


def refuse_forbidden(text: str) -> None:
    """Refuse a text that threatens or reads silence as a declaration. Raises NoticeRefused.

    Spaces and punctuation between the characters hide nothing, nor do traditional characters.
    """
    squeezed = _squeezed(text)
    for rule in packaged.read("rules", "wording")["forbidden"]:
        found = tuple(word for word in rule["words"] if word in squeezed)
        if found:
            quoted = "、".join(f"“{word}”" for word in found)
            raise NoticeRefused(f"通知里不能写{quoted}。{rule['why']}（{rule['source']}）。", words=found)


def _facts(form: Kind, given: Mapping[str, str]) -> dict[str, str]:
    unknown = given.keys() - {field.name for field in form.fields}
    if unknown:
        raise NoticeRefused(f"“{form.title}”没有这些内容：{'、'.join(sorted(unknown))}")
    facts = {field.name: given.get(field.name, "").strip() for field in form.fields}
    missing = [field for field in form.fields if not facts[field.name]]
    if missing:
        labels = "、".join(field.label for field in missing)
        raise NoticeRefused(f"“{form.title}”还缺：{labels}", fields=tuple(field.name for field in missing))
    return facts


def _addressee(name: str, honorific: str) -> str:
    if not name.strip():
        raise NoticeRefused("通知必须写明员工姓名")
    if honorific not in HONORIFICS:
        raise NoticeRefused(f"称呼只能是：{'、'.join(filter(None, HONORIFICS))}，或者不写")
    return _one_line(name) + honorific


def _filled(paragraphs: tuple[str, ...], places: Mapping[str, str]) -> Iterator[str]:
    for paragraph in paragraphs:
        text = re.sub(r"([。！？])。", r"\1", paragraph.format_map(places))
        yield from (line.strip() for line in text.splitlines() if line.strip())


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _squeezed(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).translate(_TRADITIONAL)
    return "".join(character for character in plain if character.isalnum())
