"""Tables must say what the newest records say of them, no more and no less."""

from pathlib import Path

import pytest

from evidence import rows
from evidence.errors import CanonicalError, FactsError
from evidence.rows import Row

NAME = {"name": "示例机械厂"}


def test_every_table_and_column_of_the_format_page_is_vouched_for():
    page = (Path(__file__).parents[2] / "docs" / "evidence-format.md").read_text(encoding="utf-8")
    section = page[page.index("## 5.") : page.index("## 6.")]
    listed = [line.split("|")[1:3] for line in section.splitlines() if line.startswith("| `")]
    stated = {tables.strip(" `"): set(columns.replace("`", "").split()) for tables, columns in listed[1:]}
    ours = {table: set(columns) for table, columns in rows.COLUMNS.items() if table not in ("firm", "site")}
    assert {table: {name.rstrip(",") for name in columns} for table, columns in stated.items()} == ours


def test_facts_are_read_as_they_were_made():
    data = rows.make_facts([("firm", "f1", NAME)], {"why": "新建"})
    row = '{"columns":{"name":"示例机械厂"},"id":"f1","table":"firm"}'
    assert data.decode() == f'{{"rows":[{row}],"told":{{"why":"新建"}}}}'
    assert rows.parse_facts(data, "r1") == rows.Facts((Row("firm", "f1", "r1", NAME),), {"why": "新建"})


@pytest.mark.parametrize(
    "listed",
    [
        [("lease", "1", {})],
        [("firm", "f1", {})],
        [("firm", "f1", NAME | {"owner": "x"})],
        [("firm", "", NAME)],
        [("firm", "f1", NAME), ("firm", "f1", NAME)],
    ],
    ids=["a table nobody vouches for", "a column less", "a column more", "no id", "a row twice"],
)
def test_facts_about_anything_else_are_refused(listed):
    with pytest.raises(FactsError):
        rows.make_facts(listed, {})


@pytest.mark.parametrize("named", ["b1", "A" * 64, "0" * 63, 7], ids=repr)
def test_a_column_that_names_bytes_holds_their_commitment_or_nothing(named):
    columns = {name: None for name in rows.COLUMNS["notice"]}
    rows.make_facts([("notice", "n1", columns | {"text_blob": "0" * 64})], {})
    with pytest.raises(FactsError):
        rows.make_facts([("notice", "n1", columns | {"text_blob": named})], {})


def test_a_float_in_a_column_is_refused():
    with pytest.raises(CanonicalError):
        rows.make_facts([("firm", "f1", {"name": 1.5})], {})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"rows":[],"told":[]}',
        b'{"rows":{},"told":{}}',
        b'{"rows":[1],"told":{}}',
        b'{"rows":[],"told":{},"x":1}',
        b'{"told":{},"rows":[]}',
        b'{"rows":[{}],"told":{}}',
        b'{"rows":[{"columns":[],"id":"1","table":"firm"}],"told":{}}',
    ],
    ids=repr,
)
def test_malformed_facts_are_refused(data):
    with pytest.raises(FactsError):
        rows.parse_facts(data, "r1")


def codes(*held, told):
    return [one.code for one in rows.compare_rows(held, rows.newest(told))]


def said(record, name):
    return rows.parse_facts(rows.make_facts([("firm", "f1", {"name": name})], {}), record)


OLD, NEW = said("r1", "old"), said("r2", "new")


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([Row("firm", "f1", "r2", {"name": "new"})], []),
        ([Row("firm", "f1", "r2", {"name": "old"})], ["row-differs"]),
        ([Row("firm", "f1", "r1", {"name": "old"})], ["row-unvouched"]),
        ([Row("firm", "f1", "r2", {})], ["row-differs"]),
        ([Row("firm", "f1", "r2", {"name": "new", "x": 1})], ["row-differs"]),
        ([Row("firm", "f2", "r2", {"name": "new"})], ["row-unvouched", "row-missing"]),
        ([], ["row-missing"]),
    ],
    ids=["equal", "edited", "set back", "column lost", "column added", "renamed", "deleted"],
)
def test_a_table_is_held_against_the_newest_facts(held, expected):
    assert codes(*held, told=[OLD, NEW]) == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "equal"),
    [
        (1, 1, True),
        (1, True, False),
        (0, False, False),
        (None, "", False),
        ("1", 1, False),
        ([1, {"a": None}], [1, {"a": None}], True),
        ([1, 2], [2, 1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        (1.5, 1.5, False),
        (b"x", b"x", False),
        ("\u00e9", "e\u0301", False),
    ],
)
def test_values_are_equal_only_when_their_written_form_is(ours, theirs, equal):
    assert rows.differing({"c": ours}, {"c": theirs}) == ([] if equal else ["c"])
