"""A value has one JSON form; anything else is refused on reading."""

import json
from base64 import b64decode

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from evidence import canonical
from evidence.errors import CanonicalError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)


@given(VALUES)
def test_our_form_is_that_of_the_reference_package(value):
    assert canonical.dumps(value) == rfc8785.dumps(value)
    assert canonical.loads(canonical.dumps(value)) == value


def test_the_authors_vectors_come_out_as_published_and_the_one_with_floats_is_refused(vectors):
    for case in json.loads((vectors / "rfc8785.json").read_text())["cases"]:
        text, expected = b64decode(case["input_b64"]), b64decode(case["output_b64"])
        value = json.loads(text, parse_float=lambda digits: int(float(digits)))  # their 56.0 is written 56
        if case["name"] == "values":
            value = json.loads(text)
            with pytest.raises(CanonicalError):
                canonical.dumps(value)
            with pytest.raises(CanonicalError, match="float"):
                canonical.loads(expected)
        else:
            assert canonical.dumps(value) == expected, case["name"]
            assert canonical.loads(expected) == value, case["name"]


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), 2**53, -(2**53), "\ud800", {1: "a"}, {"a": b"b"}, {"a": {"\udfff": 1}}, {1, 2}],
    ids=repr,
)
def test_a_value_without_one_safe_form_is_refused(value):
    with pytest.raises(CanonicalError):
        canonical.dumps(value)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\u0041"}',
        b'{"a":"\\u000A"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xed\xa0\x80"}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        b'{"a":1}{}',
        b'{"a":1,}',
        b"{'a':1}",
        b"",
        b"[" * 100_000 + b"]" * 100_000,
    ],
    ids=lambda data: repr(data[:30]),
)
def test_any_other_spelling_is_refused(data):
    with pytest.raises(CanonicalError):
        canonical.loads(data)


@given(VALUES, st.data())
def test_no_byte_can_be_changed_without_changing_the_value_or_being_refused(value, data):
    text = canonical.dumps(value)
    at = data.draw(st.integers(0, len(text) - 1))
    bent = text[:at] + bytes([text[at] ^ data.draw(st.integers(1, 255))]) + text[at + 1 :]
    try:
        assert canonical.dumps(canonical.loads(bent)) == bent
    except CanonicalError:
        return


def test_nesting_too_deep_to_handle_is_refused_on_writing():
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(CanonicalError, match="deep"):
        canonical.dumps(value)


@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
def test_lists_and_objects_are_read_sixty_four_deep_and_no_deeper(opens, closes):
    assert canonical.loads((opens * 63 + "[]" + closes * 63).encode())
    with pytest.raises(CanonicalError, match="more than 64 deep"):
        canonical.loads((opens * 64 + "[]" + closes * 64).encode())


def test_brackets_in_a_text_and_lists_side_by_side_are_not_depth():
    for value in ("[{" * 99, ['"\\[' * 99], [[]] * 99, {"[" * 99: '\\"' * 99}):
        assert canonical.loads(canonical.dumps(value)) == value


def test_a_text_that_never_ends_is_refused_at_once():
    with pytest.raises(CanonicalError):
        canonical.loads(b"[" * 65 + b'"' + b'\\"' * 200_000)
