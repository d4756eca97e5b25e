"""Which characters the fonts at hand can draw; a name is never printed as a box."""

import struct
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pylopdf_fonts_zh_cn as noto

OWN_FONTS = (noto.serif_path(), noto.sans_path())
_FONT_FILES = (".otf", ".ttf", ".ttc", ".otc")


class MissingGlyphs(ValueError):  # noqa: N818  (reads as what happened)
    """The text holds characters that no font at hand can draw."""

    def __init__(self, characters: list[str]) -> None:
        named = "、".join(f"“{each}”（U+{ord(each):04X} {_name(each)}）" for each in characters)
        super().__init__(
            f"现有字体缺少字符：{named}。"
            "请提供含有这些字符的字体文件（OTF 或 TTF），把它的路径加入 fonts 参数后重试。"
        )
        self.characters = characters


class UnreadableFont(ValueError):  # noqa: N818
    """A font file that was named cannot be read as an OpenType font."""


def missing(text: str, fonts: Iterable[Path] = ()) -> list[str]:
    """Return the characters of a text, each once and in order, that no font at hand can draw.

    ``fonts`` are files or folders that a firm adds to our own Noto Serif SC and Noto Sans SC.
    Line breaks need no glyph; every other control character counts as missing.
    """
    known = drawable((*OWN_FONTS, *files(fonts)))
    return [
        character for character in dict.fromkeys(text) if character != "\n" and ord(character) not in known
    ]


def spelled(text: str, fonts: Iterable[Path] = ()) -> str:
    """Return somebody's words, what no font can draw written out: 〔U+1F44C OK HAND SIGN〕.

    For quotations, whose exact bytes lie beside the paper; a name is never spelled.
    """
    known = drawable((*OWN_FONTS, *files(fonts)))
    plain = text.replace("\r\n", "\n").replace("\t", "    ")
    return "".join(
        one if one == "\n" or ord(one) in known else f"〔U+{ord(one):04X} {_name(one)}〕" for one in plain
    )


def files(fonts: Iterable[Path]) -> tuple[Path, ...]:
    """Return the font files that the given files and folders stand for."""
    found: list[Path] = []
    for path in fonts:
        inside = sorted(each for each in path.rglob("*") if each.suffix.lower() in _FONT_FILES)
        found += inside if path.is_dir() else [path]
    return tuple(found)


@cache
def drawable(fonts: tuple[Path, ...]) -> frozenset[int]:
    """Return the code points that at least one of these font files can draw. Raises UnreadableFont."""
    return frozenset().union(*(_code_points(path) for path in fonts))


@cache
def _code_points(path: Path) -> frozenset[int]:
    try:
        font = path.read_bytes()
        return frozenset(code for face in _faces(font) for code in _mapped(font, face))
    except (OSError, struct.error, KeyError) as error:
        raise UnreadableFont(f"字体文件 {path} 无法读取（{error}）；请换一个 OTF 或 TTF 文件。") from error


def _faces(font: bytes) -> tuple[int, ...]:
    """Return where each font of the file begins; a collection (OpenType "ttcf") holds several."""
    if font[:4] != b"ttcf":
        return (0,)
    (count,) = struct.unpack_from(">I", font, 8)
    return struct.unpack_from(f">{count}I", font, 12)


def _mapped(font: bytes, face: int) -> Iterable[int]:
    """Read the table ``cmap``: its Unicode subtables of the formats 12 and 4 (OpenType, "cmap")."""
    cmap = _table(font, face, b"cmap")
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    for number in range(count):
        platform, encoding, offset = struct.unpack_from(">HHI", font, cmap + 4 + 8 * number)
        (layout,) = struct.unpack_from(">H", font, cmap + offset)
        if platform == 0 or (platform, encoding) in ((3, 1), (3, 10)):
            yield from {4: _segments, 12: _groups}.get(layout, _nothing)(font, cmap + offset)


def _table(font: bytes, face: int, wanted: bytes) -> int:
    (count,) = struct.unpack_from(">H", font, face + 4)
    tables = (struct.unpack_from(">4sIII", font, face + 12 + 16 * number) for number in range(count))
    return {tag: int(offset) for tag, _, offset, _ in tables}[wanted]


def _groups(font: bytes, start: int) -> Iterable[int]:
    """Format 12: runs of code points, each run with the glyph of its first one; glyph 0 is the box."""
    (count,) = struct.unpack_from(">I", font, start + 12)
    for number in range(count):
        first, last, glyph = struct.unpack_from(">III", font, start + 16 + 12 * number)
        yield from range(first + (glyph == 0), min(last, 0x10FFFF) + 1)


def _segments(font: bytes, start: int) -> Iterable[int]:
    """Format 4: segments below U+10000, found through a shift or through a list of glyphs."""
    (twice,) = struct.unpack_from(">H", font, start + 6)
    places = [start + 14, *(start + 16 + columns * twice for columns in (1, 2, 3))]
    lasts, firsts, deltas, offsets = (struct.unpack_from(f">{twice // 2}H", font, place) for place in places)
    for number, (first, last, delta, offset) in enumerate(zip(firsts, lasts, deltas, offsets, strict=True)):
        listed = places[3] + 2 * number + offset
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = struct.unpack_from(">H", font, listed + 2 * (code - first))[0] if offset else code
            if (glyph or not offset) and (glyph + delta) % 0x10000:
                yield code


def _nothing(font: bytes, start: int) -> Iterable[int]:
    del font, start  # a subtable of another format repeats what these two say
    return ()


def _name(character: str) -> str:
    return unicodedata.name(character, "无名字符")
