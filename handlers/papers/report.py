"""A paper of counsel's bundle as plain values: what it says, in blocks; the template draws them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, ClassVar


@dataclass(frozen=True)
class Heading:
    """A heading of the first or second level."""

    type: ClassVar[str] = "heading"
    text: str
    level: int = 1


@dataclass(frozen=True)
class Par:
    """A paragraph; ``small`` for what explains rather than states."""

    type: ClassVar[str] = "par"
    text: str
    small: bool = False


@dataclass(frozen=True)
class Facts:
    """Names and values in two columns."""

    type: ClassVar[str] = "facts"
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Table:
    """A table with a head that is repeated on every page; a row that is one string heads a group."""

    type: ClassVar[str] = "table"
    widths: Sequence[float]
    head: Sequence[str]
    rows: Sequence[Sequence[str] | str]


@dataclass(frozen=True)
class Quote:
    """Somebody's exact words; ``small`` for what a machine said."""

    type: ClassVar[str] = "quote"
    text: str
    small: bool = False


@dataclass(frozen=True)
class Points:
    """A list under a title in a tone (good, warn, bad, plain); each point with the rule it rests on."""

    type: ClassVar[str] = "points"
    title: str
    tone: str
    points: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Image:
    """A picture; ``file`` is where it lies, below the folder that the press was given."""

    type: ClassVar[str] = "image"
    file: str
    alt: str


@dataclass(frozen=True)
class Sign:
    """Places for signatures, with room for a seal or without."""

    type: ClassVar[str] = "sign"
    places: Sequence[str]
    seal: bool = False


Block = Heading | Par | Facts | Table | Quote | Points | Image | Sign


@dataclass(frozen=True)
class Foot:
    """What stands at the foot of every page.

    ``number`` is the export number, ``size`` and ``root`` name the checkpoint,
    ``record`` names the record that the paper is about, ``label`` the exhibit.
    """

    number: str
    size: int
    root: str
    record: str = ""
    label: str = ""


@dataclass(frozen=True)
class Report:
    """One paper. ``first_page`` is the number of an exhibit's first page, counted over all exhibits.

    ``dated`` is written into the file's properties, so that the same report gives the same bytes.
    """

    title: str
    subtitle: str
    author: str
    dated: date
    foot: Foot
    blocks: Sequence[Block] = field(default=())
    wide: bool = False
    sandbox: bool = False
    first_page: int | None = None
    mark: str = ""  # stands at the head of every page

    def data(self, families: Sequence[str] = ()) -> dict[str, Any]:
        """Return the report as the template reads it."""
        return {
            "title": self.title,
            "subtitle": self.subtitle,
            "author": self.author,
            "foot": asdict(self.foot),
            "blocks": [{"type": block.type, **asdict(block)} for block in self.blocks],
            "wide": self.wide,
            "sandbox": self.sandbox,
            "first-page": self.first_page,
            "mark": self.mark,
            "families": list(families),
        }


def texts(value: object) -> Iterator[str]:
    """Yield every text in a report's data, so that each character of it can be checked."""
    match value:
        case str():
            yield value
        case Mapping():
            for item in value.values():
                yield from texts(item)
        case list() | tuple():
            for item in value:
                yield from texts(item)
