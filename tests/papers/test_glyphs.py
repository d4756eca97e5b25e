"""The glyph check reads fonts as their format says, and takes a firm's own fonts."""

import struct

import pytest
import typst

from handlers.papers import glyphs


def font(*subtables, glyphs_of=("cmap",)):
    """Build the smallest font that has a cmap: (platform, encoding, bytes) each."""
    header = struct.pack(">HH", 0, len(subtables))
    offset = len(header) + 8 * len(subtables)
    records = b""
    for platform, encoding, body in subtables:
        records += struct.pack(">HHI", platform, encoding, offset)
        offset += len(body)
    cmap = header + records + b"".join(body for _, _, body in subtables)
    directory = b"".join(
        struct.pack(">4sIII", tag.encode(), 0, 12 + 16 * len(glyphs_of), len(cmap)) for tag in glyphs_of
    )
    return b"OTTO" + struct.pack(">HHHH", len(glyphs_of), 0, 0, 0) + directory + cmap


def groups(*runs):
    body = b"".join(struct.pack(">III", *run) for run in runs)
    return struct.pack(">HHIII", 12, 0, 16 + len(body), 0, len(runs)) + body


def segments(*rows, ids=()):
    """Format 4; a row is first, last, delta, offset."""
    rows = (*rows, (0xFFFF, 0xFFFF, 1, 0))
    columns = list(zip(*rows, strict=True))
    head = struct.pack(">HHHHHHH", 4, 0, 0, 2 * len(rows), 0, 0, 0)
    pack = lambda column: struct.pack(f">{len(rows)}H", *column)  # noqa: E731  (one word for five uses)
    firsts, lasts, deltas, offsets = columns
    return (
        head
        + pack(lasts)
        + b"\0\0"
        + pack(firsts)
        + pack(deltas)
        + pack(offsets)
        + struct.pack(f">{len(ids)}H", *ids)
    )


@pytest.mark.parametrize(
    ("made", "drawn"),
    [
        (font((3, 10, groups((0x4E00, 0x4E01, 5), (0x20000, 0x20000, 9)))), {0x4E00, 0x4E01, 0x20000}),
        (font((3, 10, groups((0x4E00, 0x4E01, 0)))), {0x4E01}),
        (font((0, 3, segments((0x41, 0x43, 0, 0)))), {0x41, 0x42, 0x43}),
        (font((3, 1, segments((0x41, 0x42, 0x10000 - 0x41, 0)))), {0x42}),
        (font((3, 1, segments((0x41, 0x43, 0, 4), ids=(7, 0, 8)))), {0x41, 0x43}),
        (font((3, 1, segments((0x41, 0x43, 5, 4), ids=(7, 0, 8)))), {0x41, 0x43}),
        (font((1, 0, segments((0x41, 0x41, 0, 0))), (3, 1, segments((0x42, 0x42, 0, 0)))), {0x42}),
        (font((0, 5, struct.pack(">H", 14)), (3, 10, groups((0x42, 0x42, 1)))), {0x42}),
    ],
    ids=[
        "runs of any plane", "glyph 0 is the box", "segments by shift", "a shift to glyph 0",
        "segments by list", "by list and shift", "only Unicode tables count", "variation tables add nothing",
    ],
)  # fmt: skip
def test_a_font_is_read_as_its_format_says(tmp_path, made, drawn):
    path = tmp_path / "own.ttf"
    path.write_bytes(made)

    assert glyphs.drawable((path,)) == drawn


def test_each_font_of_a_collection_counts(tmp_path):
    first, second = font((3, 10, groups((0x41, 0x41, 1)))), font((3, 10, groups((0x42, 0x42, 1))))
    head = b"ttcf" + struct.pack(">HHIII", 1, 0, 2, 20, 20 + len(first))
    shifted = [
        part[:20] + struct.pack(">I", struct.unpack_from(">I", part, 20)[0] + shift) + part[24:]
        for part, shift in ((first, 20), (second, 20 + len(first)))
    ]
    path = tmp_path / "own.ttc"
    path.write_bytes(head + b"".join(shifted))

    assert glyphs.drawable((path,)) == {0x41, 0x42}


@pytest.mark.parametrize(
    "content", [b"", b"not a font", font(glyphs_of=("name",)), font((3, 10, groups((1, 2, 3))))[:-8]]
)
def test_a_file_that_is_no_font_is_refused_by_name(tmp_path, content):
    path = tmp_path / "own.ttf"
    path.write_bytes(content)

    with pytest.raises(glyphs.UnreadableFont, match=r"own\.ttf"):
        glyphs.missing("王", [path])


def test_a_font_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(glyphs.UnreadableFont, match=r"absent\.ttf"):
        glyphs.missing("王", [tmp_path / "absent.ttf"])


@pytest.mark.parametrize("given", ["file", "folder"])
def test_a_firm_s_own_font_supplies_what_ours_lack(tmp_path, given):
    path = tmp_path / "own.otf"
    path.write_bytes(font((3, 10, groups((0x323AF, 0x323AF, 1)))))

    assert glyphs.missing("\U000323af") == ["\U000323af"]
    assert glyphs.missing("\U000323af", [path if given == "file" else tmp_path]) == []


@pytest.mark.parametrize(
    ("text", "absent"),
    [("张伟，您好：A-1\n", []), ("a\tb\0c\t", ["\t", "\0"]), ("😀王😀", ["😀"])],
    ids=["ordinary", "control characters", "each once"],
)
def test_what_cannot_be_drawn_is_listed_once_and_in_order(text, absent):
    assert glyphs.missing(text) == absent


def test_our_reading_agrees_with_what_typst_can_draw():
    """Asked for PDF/A, typst refuses just those that we call missing, in a sample of all planes."""
    sample = "".join(map(chr, [*range(0x4E00, 0x9FFF, 211), *range(0x20000, 0x323B0, 1999), 0x4DAE, 0x2CB4E]))
    absent = set(glyphs.missing(sample))
    kept = "".join(each for each in sample if each not in absent)

    drawn(kept)
    for character in absent:
        with pytest.raises(typst.TypstError, match="could not be displayed"):
            drawn(character)


def drawn(text):
    source = b'#set document(date: datetime(year: 2026, month: 1, day: 1))\n#set text(font: ("Noto Serif SC", "Noto Sans SC"))\n#sys.inputs.text'  # fmt: skip  # noqa: E501
    folder = str(glyphs.OWN_FONTS[0].parent)
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
    return typst.compile(
        source, font_paths=fonts, sys_inputs={"text": text}, format="pdf", pdf_standards="a-3b"
    )
