"""A leaf is made only from fields of version 1, and read only from its exact bytes."""

import json
from pathlib import Path

import pytest

from evidence import canonical, records
from evidence.errors import RecordError
from tests.evidence.worlds import plain_leaf, record_id

PART = {"commit": "0" * 64, "media": "text/plain; charset=utf-8", "name": "text"}
WHOLE = plain_leaf(1) | {
    "clock": "sandbox",
    "src_at": "2026-11-20T01:00:00.000Z",
    "party": "019aa1ef-0000-7000-8000-000000000001",
    "channel": "wechat_oa/main",
    "state": "read",
    "host": "h7k2",
    "config": "0123456789abcdef",
    "basis": "PIPL-13-2",
    "health": record_id(9),
    "parts": [PART | {"name": "facts"}, PART],
    "refs": [f"cites {'a' * 64}", f"outcome-of {record_id(2)}", "checkpoint 4711"],
}


@pytest.mark.parametrize("leaf", [plain_leaf(1), WHOLE], ids=["only what must stand", "everything"])
def test_what_was_made_is_read_back(leaf):
    assert records.parse_leaf(records.make_leaf(leaf)) == leaf


def test_tuples_are_written_as_lists():
    assert records.make_leaf(WHOLE | {"refs": tuple(WHOLE["refs"])}) == records.make_leaf(WHOLE)


WRONG = [
    ("v", 2),
    ("v", True),
    ("v", "1"),
    ("log", "example.com/log"),
    ("log", "huizheng.k3v9q2xw/log/0"),
    ("log", "huizheng.k3v9q2xw/log/1\n"),
    ("id", "019aa1f0-6a94-4c31-8f2e-51a0c9d2b7e4"),
    ("id", record_id(1).upper()),
    ("salt", "0" * 31),
    ("salt", "G" * 32),
    ("kind", "case.deleted"),
    ("kind", ["case.opened"]),
    ("stream", "case:17"),
    ("stream", "intake:wechat_oa/main/2026-13"),
    ("stream", "system"),
    ("cseq", 0),
    ("cseq", True),
    ("cseq", 2),
    ("cseq", 2**53),
    ("cseq", 1.0),
    ("cprev", "a" * 64),
    ("at", "2026-11-20T01:00:01Z"),
    ("at", "2026-11-20T01:00:01.204+08:00"),
    ("at", "2026-02-30T01:00:01.204Z"),
    ("at", "２０２６-11-20T01:00:01.204Z"),
    ("clock", "real"),
    ("src_at", "yesterday"),
    ("actor", "user:zhangwei"),
    ("actor", "user:张伟"),
    ("actor", "root"),
    ("party", "13800000000"),
    ("channel", "wechat_oa"),
    ("state", "probably"),
    ("assurance", "C5"),
    ("assurance", None),
    ("parts", None),
    ("parts", [PART, PART]),
    ("parts", [PART, PART | {"name": "facts"}]),
    ("parts", [PART | {"size": 3}]),
    ("parts", [{"commit": "0" * 64, "name": "text"}]),
    ("parts", [PART | {"commit": "0" * 63}]),
    ("parts", [PART | {"name": "../etc"}]),
    ("refs", ["cites " + record_id(1)]),
    ("refs", ["about"]),
    ("refs", ["likes " + record_id(1)]),
    ("refs", "cites"),
    ("build", "huizheng"),
    ("build", "huizheng/0.1\u0301"),
    ("build", "huizheng/0.1\u0000"),
    ("config", "0123456789ABCDEF"),
    ("host", "a b"),
    ("basis", ""),
    ("health", "never"),
    ("class", "other"),
    ("amount", 100000),
]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=[f"{field}={value!r:.40}" for field, value in WRONG])
def test_a_field_out_of_its_form_is_refused_by_writer_and_reader(field, value):
    leaf = WHOLE | {field: value}
    with pytest.raises(RecordError):
        records.make_leaf(leaf)
    with pytest.raises(RecordError):
        records.parse_leaf(
            json.dumps(leaf, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        )


@pytest.mark.parametrize("field", sorted(plain_leaf(1)))
def test_a_field_that_must_stand_cannot_be_left_out(field):
    leaf = plain_leaf(1)
    del leaf[field]
    with pytest.raises(RecordError) as refusal:
        records.make_leaf(leaf)
    assert refusal.value.field == field


@pytest.mark.parametrize("leaf", [b"", b"[]", b"null", b"1", b'"leaf"', b"{}", b"\xff"], ids=repr)
def test_what_is_no_object_is_no_leaf(leaf):
    with pytest.raises(RecordError):
        records.parse_leaf(leaf)


def test_a_leaf_is_refused_in_any_other_spelling():
    leaf = records.make_leaf(WHOLE)
    for bent in (leaf + b"\n", leaf.replace(b',"', b', "', 1), leaf.replace(b'"v":1', b'"v":1,"v":1')):
        with pytest.raises(RecordError):
            records.parse_leaf(bent)


def test_only_the_first_record_of_a_stream_follows_nothing():
    later = {"cseq": 2, "cprev": "a" * 64}
    assert records.parse_leaf(records.make_leaf(plain_leaf(1) | later))["cseq"] == 2
    with pytest.raises(RecordError):
        records.make_leaf(plain_leaf(1) | later | {"cprev": records.FIRST})


def test_no_byte_of_a_leaf_can_change_without_another_hash_or_a_refusal():
    leaf = records.make_leaf(WHOLE)
    whole = records.read(leaf)
    for at in range(len(leaf)):
        bent = leaf[:at] + bytes([leaf[at] ^ 1]) + leaf[at + 1 :]
        try:
            assert records.read(bent).hash != whole.hash
            assert canonical.dumps(records.read(bent).fields) == bent
        except RecordError:
            continue


def test_every_kind_of_the_format_page_is_known_and_no_other():
    page = (Path(__file__).parents[2] / "docs" / "evidence-format.md").read_text(encoding="utf-8")
    table = page[page.index("### 3.4") : page.index("### 3.5")]
    first = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert {kind.strip(" `") for cell in first for kind in cell.split(",")} == set(records.RECORD_KINDS)


def test_the_record_code_is_eighty_bits_in_base32():
    assert records.record_code(bytes(range(32))) == "AAAQ-EAYE-AUDA-OCAJ"
    assert records.record_code(b"\xff" * 32) == "7777-7777-7777-7777"
