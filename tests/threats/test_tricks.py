"""What one program reads in an export and another one does not (threat T18)."""

import io
import unicodedata
import zipfile

import pytest

from evidence.errors import UnreadableBundle
from evidence.verify import verify_file
from tests.signer.office import ON_ONE
from tests.threats.bent import Files, judged, relisted
from tests.threats.court import found

pytestmark = ON_ONE
RECORDS, COMPLETE = "data/records.jsonl", "data/completeness.json"


def again(files: Files, **more: bytes) -> bytes:
    """A ZIP by another program, with its own dates and flags."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in sorted((files | more).items()):
            archive.writestr(name, data)
    return target.getvalue()


def doubled(files: Files) -> bytes:
    target = io.BytesIO(again(files))
    with zipfile.ZipFile(target, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("data/timeline.txt", "同意".encode())
    return target.getvalue()


WRAPPINGS = {
    "something in front": lambda data: b"%PDF-1.7\n" + data,
    "something behind": lambda data: data + b"x",
    "a comment": lambda data: data[:-2] + b"\x02\x00ok",
}


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
def test_t18_bytes_around_or_between_the_members_are_found(bag, wrap):
    court, _ = bag
    assert found(judged(court, wrap(court.made[-1].read_bytes()))) == {"container"}


def test_t18_another_program_s_zip_with_a_member_more(bag):
    court, files = bag
    assert found(judged(court, again(files))) == {"container"}
    assert found(judged(court, again(files, **{"data/hidden.txt": b"x"}))) >= {"container", "unlisted-file"}


def test_t18_a_name_that_stands_twice(bag):
    court, files = bag
    (court.room / "double.zip").write_bytes(doubled(files))
    with pytest.raises(UnreadableBundle):
        verify_file(court.room / "double.zip")


TRICKS = {
    "a duplicate key": (RECORDS, b'"v":1}', b'"v":1,"v":1}', {"leaf-form"}),
    "letters taken apart": (
        "data/case.json",
        b"GS-",
        unicodedata.normalize("NFD", "é").encode(),
        {"container"},
    ),
    "a control character": ("data/case.json", b"GS-", b"\\u0007-", {"container"}),
    "a float": (COMPLETE, b'"first":1', b'"first":1.0', {"container"}),
    "a space": ("data/tables.jsonl", b'{"columns"', b'{ "columns"', {"container"}),
}


@pytest.mark.parametrize(("name", "old", "new", "codes"), TRICKS.values(), ids=TRICKS)
def test_t18_a_second_way_to_write_the_same_is_refused(bag, name, old, new, codes):
    court, files = bag
    assert old in files[name]
    files[name] = files[name].replace(old, new, 1)

    assert found(judged(court, relisted(files))) >= codes | {"export-note"}
