"""A bundle is one possible ZIP file around given members; any other wrapping is found."""

import hashlib
import io
import json
import struct
import zipfile
from base64 import b64decode

import bagit
import pytest

from evidence import archive, bundle, container, names, note, verify
from evidence.bag import Bag
from evidence.errors import BundleError, ContainerError, UnreadableBundle
from tests.evidence.bundles import (
    export_signature,
    found,
    judged,
    manifests,
    members,
    packed,
    unzipped,
    zipped,
)
from tests.evidence.worlds import signed_case, small_case

INFO = {"Source-Organization": "示例机械厂", "External-Identifier": "GS-2026-0017"}


@pytest.fixture
def honest():
    return packed(members())


def written(payload, folder, info=INFO, world=None):
    world = world or small_case()
    holder, target = world.holder(), io.BytesIO()
    number = json.loads(payload.get("data/case.json", b'{"export":""}'))["export"]

    def sign(text):
        return note.joined(text, [holder.line(text)])

    with Bag(folder) as bag:
        for name, data in payload.items():
            bag.add(name, data)
        bag.write(target, info, sign if holder else None, number, world.checkpoint())
    return target.getvalue()


def test_the_same_case_gives_the_same_bytes_twice(tmp_path):
    assert written(members(), tmp_path) == written(dict(reversed(members().items())), tmp_path)


def test_the_writer_makes_what_the_format_says_from_scratch(tmp_path):
    world = signed_case()
    ours = unzipped(written(members(world), tmp_path, world=world))
    oxum = ours.pop("bag-info.txt")
    theirs = unzipped(packed(members(world)))
    assert oxum.endswith(theirs.pop("bag-info.txt"))
    lists = names.TAG_MANIFESTS | {"export.note"}  # which differ with the first lines of bag-info.txt
    assert {name: ours[name] for name in ours.keys() - lists} == {
        name: theirs[name] for name in theirs.keys() - lists
    }
    whole = ours | {"bag-info.txt": oxum}
    assert {name: ours[name] for name in lists - {"export.note"}} == {
        name: data for name, data in manifests(whole).items() if name in lists
    }
    assert ours["export.note"] == export_signature(whole, world.holder())


def test_long_files_are_written_beside_each_other(tmp_path):
    payload, target = members(), io.BytesIO()
    lines = payload.pop("data/records.jsonl").splitlines(keepends=True)
    timeline = payload.pop("data/timeline.txt")
    with Bag(tmp_path) as bag:
        with bag.open("data/records.jsonl") as records, bag.open("data/timeline.txt") as other:
            for line in lines:
                records.write(line)
            other.write(timeline)
        for name, data in payload.items():
            bag.add(name, data)
        bag.write(target, INFO, None, "", small_case().checkpoint())
    assert target.getvalue() == written(members(), tmp_path)


def test_a_file_whose_writing_failed_is_not_in_the_bag(tmp_path):
    with Bag(tmp_path) as bag:
        with pytest.raises(ZeroDivisionError), bag.open("data/timeline.txt") as member:
            member.write(b"half of")
            member.write(b"%d" % (1 // 0))
        assert "data/timeline.txt" not in bag
    assert list(tmp_path.iterdir()) == []  # and nothing is left of what was spooled


@pytest.mark.parametrize("world", [small_case(), signed_case()], ids=["unsigned", "signed"])
def test_what_was_written_is_read_back_and_holds(world, tmp_path):
    file = tmp_path / "bundle.zip"
    file.write_bytes(written(members(world), tmp_path, world=world))
    read = bundle.read(file)
    assert read.findings == ()
    assert members(world).items() <= {name: read.members.read(name) for name in read.members.names()}.items()
    assert verify.verify_file(file).verified


def test_the_bag_of_the_library_of_congress_takes_it(tmp_path):
    world = signed_case()
    with zipfile.ZipFile(io.BytesIO(written(members(world), tmp_path, world=world))) as archive:
        archive.extractall(tmp_path / "bag")
    read = bagit.Bag(str(tmp_path / "bag"))
    assert (read.version_info, sorted(read.algorithms)) == ((1, 0), ["sha256", "sha512"])
    assert read.is_valid()
    (tmp_path / "bag/data/timeline.txt").write_text("another story")
    assert not bagit.Bag(str(tmp_path / "bag")).is_valid()


def test_other_programs_read_it_and_find_the_promised_form(tmp_path):
    with zipfile.ZipFile(io.BytesIO(written(members(), tmp_path))) as archive:
        assert archive.testzip() is None
        listed = archive.infolist()
    assert [one.filename for one in listed] == sorted(one.filename for one in listed)
    assert {one.compress_type for one in listed} == {zipfile.ZIP_STORED}
    assert {one.date_time for one in listed} == {(1980, 1, 1, 0, 0, 0)}
    assert not any(one.extra or one.comment for one in listed)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_the_manifests_name_every_file_with_its_hash(algorithm, tmp_path):
    files = unzipped(written(members(), tmp_path))
    stated = {}
    for kind in ("", "tag"):
        for line in files[f"{kind}manifest-{algorithm}.txt"].decode().splitlines():
            digest, _, name = line.partition("  ")
            stated[name] = digest
    assert stated.keys() == files.keys() - {"tagmanifest-sha256.txt", "tagmanifest-sha512.txt"}
    assert all(hashlib.new(algorithm, files[name]).hexdigest() == stated[name] for name in stated)


def test_the_bag_says_how_much_it_holds(tmp_path):
    info = unzipped(written(members(), tmp_path))["bag-info.txt"].decode().splitlines()
    total = sum(map(len, members().values()))
    assert info == [f"{label}: {value}" for label, value in INFO.items()] + [
        f"Payload-Oxum: {total}.{len(members())}"
    ]


@pytest.mark.parametrize(
    "name",
    [
        "data/stray.txt",
        "../escape",
        "data/parts/abc",
        "data/files/",
        "data/files/a/b",
        "data/files/中文.pdf",
        "data/log/epoch-0.json",
        "data/log/checkpoints/1-01.note",
        "data/anchors/1-2.eml",
        "data/proofs/E001-0.tlog-proof",
        "data/exhibits/E1.docx",
        "data/01-index.txt",
        "bagit.txt",
        "export.note",
        "manifest-sha256.txt",
    ],
)
def test_a_name_outside_the_format_or_the_writers_own_is_not_written(name, tmp_path):
    with pytest.raises(BundleError), Bag(tmp_path) as bag:
        bag.add(name, b"")


def test_a_name_is_written_once(tmp_path):
    with pytest.raises(BundleError, match="before"), Bag(tmp_path) as bag:
        bag.add("README.txt", b"")
        bag.add("README.txt", b"")


@pytest.mark.parametrize("name", ["data/records.jsonl", "data/system.jsonl", "data/log/keys.txt"])
def test_a_bundle_without_a_file_that_must_stand_is_not_written(name, tmp_path):
    payload = members(signed_case())
    del payload[name]
    with pytest.raises(BundleError, match="missing"):
        written(payload, tmp_path, world=signed_case())


@pytest.mark.parametrize("info", [{"A": "b\nc"}, {"A b": "c"}, {"A": ""}, {"": "a"}])
def test_info_that_does_not_fit_on_a_line_is_not_written(info, tmp_path):
    with pytest.raises(BundleError):
        written(members(), tmp_path, info)


def repacked(data, **changes):
    """The same members packed by the standard library, with something of its own."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w") as new:
        for one in old.infolist():
            kept = zipfile.ZipInfo(one.filename, one.date_time)
            kept.extra = changes.get("extra", b"")
            new.writestr(kept, old.read(one), changes.get("method", zipfile.ZIP_STORED))
        new.comment = changes.get("comment", b"")
    return target.getvalue()


def with_gap(data):
    """Some bytes between the members and the directory, with every offset put right."""
    at = data.index(b"PK\1\2")
    end = data[-22:-6] + struct.pack("<IH", at + 4, 0)
    return data[:at] + b"gap!" + data[at:-22] + end


def with_comment(data):
    return data[:-2] + struct.pack("<H", 5) + b"hello"


WRAPPINGS = {
    "a comment on the archive": with_comment,
    "a comment, packed again": lambda data: repacked(data, comment=b"hello"),
    "an extra field": lambda data: repacked(data, extra=b"\xfe\xca\x04\x00hide"),
    "packed again": repacked,
    "compressed": lambda data: repacked(data, method=zipfile.ZIP_DEFLATED),
    "a byte in front": lambda data: b"\0" + data,
    "a byte behind": lambda data: data + b"\0",
    "a gap before the directory": with_gap,
}


@pytest.mark.parametrize("wrap", WRAPPINGS.values(), ids=WRAPPINGS)
def test_another_wrapping_is_told_apart_from_changed_evidence(honest, wrap, tmp_path):
    report = judged(wrap(honest), tmp_path)
    assert not report.verified
    assert found(report) == {"container"}
    assert report.records == 5


def read_exactly(data, folder):
    (folder / "some.zip").write_bytes(data)
    with (folder / "some.zip").open("rb") as file:
        read = archive.read_exactly(file)
    return {name: read.read(name) for name in read.names()}


TWO = zipped({"a0": b"one", "b0": b"two"})


@pytest.mark.parametrize(
    "bent",
    [
        TWO.replace(b"one", b"One"),
        TWO.replace(b"a0", b"??").replace(b"b0", b"a0").replace(b"??", b"b0"),
        TWO.replace(b"b0", b"a0"),
        TWO.replace(b"\x21\0", b"\x22\0", 1),
        TWO.replace(b"b0", b"\xe5\xbc"),
        TWO[: TWO.index(b"PK\1\2")],
        TWO + TWO,
    ],
    ids=["content", "order", "a name twice", "a date", "a name not in ASCII", "no directory", "two archives"],
)
def test_bytes_that_our_writer_would_not_make_are_refused(bent, tmp_path):
    assert read_exactly(TWO, tmp_path) == {"a0": b"one", "b0": b"two"}
    with pytest.raises(ContainerError):
        read_exactly(bent, tmp_path)


def directory_field(data, at, value):
    """The archive with one four-byte field of the first directory entry overwritten."""
    start = data.index(b"PK\1\2") + at
    return data[:start] + struct.pack("<I", value) + data[start + 4 :]


@pytest.mark.parametrize(
    "bend",
    [
        lambda data: directory_field(data, 42, len(data) - 5),
        lambda data: directory_field(data, 24, 0xFFFF_FFF0),
        lambda data: directory_field(data, 16, 0),
        lambda data: directory_field(data, 8, 1),
        lambda data: repacked(data, method=zipfile.ZIP_LZMA),
        lambda data: repacked(data, method=zipfile.ZIP_DEFLATED).replace(b"PK\3\4", b"PK\3\5"),
    ],
    ids=["offset", "huge", "checksum", "encrypted", "unusual compression", "no member's header"],
)
def test_an_archive_that_cannot_be_unpacked_safely_is_called_unreadable(bend, honest, tmp_path):
    with pytest.raises(UnreadableBundle):
        judged(bend(honest), tmp_path)


def test_a_bundle_that_would_reach_four_gigabytes_is_not_written(monkeypatch, tmp_path):
    monkeypatch.setattr(container, "LARGEST", 1000)
    with pytest.raises(BundleError, match="4 GiB"):
        written(members(), tmp_path)


def test_a_file_of_more_than_four_gigabytes_is_not_even_read(tmp_path):
    with open(tmp_path / "huge.zip", "wb") as file:
        file.truncate(5 << 30)  # sparse: takes no room
    with pytest.raises(UnreadableBundle, match="4 GiB"):
        verify.verify_file(tmp_path / "huge.zip")


def test_a_name_that_stands_twice_leaves_nothing_to_say(honest, tmp_path):
    target = io.BytesIO(honest)
    with (
        pytest.warns(UserWarning, match="Duplicate"),
        zipfile.ZipFile(target, "a") as archive,
    ):
        archive.writestr("data/records.jsonl", b"")
    with pytest.raises(UnreadableBundle, match="twice"):
        judged(target.getvalue(), tmp_path)


def test_every_truncation_is_refused(honest, tmp_path):
    for length in range(0, len(honest), 97):
        with pytest.raises(UnreadableBundle):
            judged(honest[:length], tmp_path)


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"PK\3\4", b"%PDF-1.7", b"PK\5\6" + b"\0" * 18, b"\0" * 5000], ids=repr
)
def test_what_is_no_bundle_is_called_unreadable(data, tmp_path):
    with pytest.raises(UnreadableBundle):
        judged(data, tmp_path)


def test_somebody_elses_zip_is_called_unreadable(tmp_path):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("holiday.txt", "photos")
    with pytest.raises(UnreadableBundle, match="not a Huizheng bundle"):
        judged(target.getvalue(), tmp_path)


def test_a_file_that_is_not_there_is_called_unreadable(tmp_path):
    for path in (tmp_path / "missing.zip", tmp_path):
        with pytest.raises(UnreadableBundle):
            verify.verify_file(path)


def test_a_stray_file_is_found(tmp_path):
    report = judged(packed(members() | {"data/stray.txt": b"psst"}), tmp_path)
    assert found(report) == {"unlisted-file"}


@pytest.mark.parametrize("name", ["README.txt", "verify.html", "data/01-index.pdf", "data/exhibits/E1.pdf"])
def test_a_document_for_people_may_stand_and_is_said_to_be_for_reading(name, tmp_path):
    report = judged(packed(members() | {name: b"for people"}), tmp_path)
    assert report.verified
    assert any("只供阅读" in text for text in report.not_proved())


@pytest.mark.parametrize("name", sorted(names.PAYLOAD - {"data/records.jsonl"}))
def test_a_file_that_must_stand_is_missed(name, tmp_path):
    payload = members()
    del payload[name]
    assert "container" in found(judged(packed(payload), tmp_path))


@pytest.mark.parametrize("name", sorted(names.MANIFESTS | {"bagit.txt", "bag-info.txt"}))
def test_a_list_that_does_not_match_is_found(name, honest, tmp_path):
    files = unzipped(honest)
    bent = zipped(files | {name: files[name] + b"more\n"})
    assert found(judged(bent, tmp_path)) == {"manifest"}


@pytest.mark.parametrize(
    "info",
    [
        b"",
        b"Payload-Oxum: 1.1\n",
        b"OXUM",
        b"OXUM\nA: b\n",
        b"no label\nOXUM\n",
        b"A: b\r\nOXUM\n",
        b"\xff: b\nOXUM\n",
    ],
    ids=repr,
)
def test_a_bag_that_says_something_else_of_itself_is_found(info, tmp_path):
    oxum = f"Payload-Oxum: {sum(map(len, members().values()))}.{len(members())}"
    bent = packed(members() | {"bag-info.txt": info.replace(b"OXUM", oxum.encode())})
    assert found(judged(bent, tmp_path)) == {"manifest"}


def test_the_note_that_signs_the_tag_manifests_stands_outside_them():
    lists = manifests(members() | {"export.note": b"", "README.txt": b""})
    for algorithm in names.ALGORITHMS:
        assert b"README.txt" in lists[f"tagmanifest-{algorithm}.txt"]
        assert b"export.note" not in lists[f"tagmanifest-{algorithm}.txt"]


def test_more_files_than_a_plain_zip_can_count_are_written_and_read(tmp_path):
    many = {f"{number:05}": b"" for number in range(0xFFFF)}
    data = zipped(many)
    assert read_exactly(data, tmp_path) == many
    assert (data.count(b"PK\6\6"), TWO.count(b"PK\6\6")) == (1, 0)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert len(archive.namelist()) == 0xFFFF


def test_the_lists_of_other_bags_good_or_bad_are_no_lists_of_ours(vectors, honest, tmp_path):
    """Ours is one exact form: of the public conformance suite's tag files only its bagit.txt can be equal."""
    ours, seen = unzipped(honest), 0
    for line in (vectors / "bagit_conformance.jsonl").read_text(encoding="utf-8").splitlines():
        path, data = json.loads(line)["path"].split("/"), b64decode(json.loads(line)["b64"])
        if len(path) == 4 and path[-1].endswith(".txt"):
            report = judged(zipped(ours | {path[-1]: data}), tmp_path)
            expected = {"manifest"} if path[-1] in ours else {"manifest", "unlisted-file"}
            assert found(report) == (set() if ours.get(path[-1]) == data else expected), path
            seen += 1
    assert seen > 100


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("more", [1, 4_000_000_000])
def test_a_zip_that_states_more_bytes_than_it_holds_is_refused_in_little_memory(method, more, tmp_path):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        archive.writestr("bagit.txt", b"x" * 50)
    data = target.getvalue()
    at = data.index(b"PK\1\2") + 24  # where the directory states the size
    lying = data[:at] + (50 + more).to_bytes(4, "little") + data[at + 4 :]
    (tmp_path / "lying.zip").write_bytes(lying)
    with pytest.raises(UnreadableBundle, match="shorter than it says"):
        verify.verify_file(tmp_path / "lying.zip")
