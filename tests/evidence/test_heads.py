"""Heads bind the operator to how many records each case had, and tell nobody which case is which."""

import hmac
import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import heads, merkle
from evidence.errors import HeadsError
from evidence.heads import Last

RECORD = "019aa1f0-6a94-7c31-8f2e-51a0c9d2b7e4"
OTHER_RECORD = RECORD[:-1] + "5"


def stream(number):
    return f"case:019aa1ef-1111-7000-8000-{number:012x}"


def leaf_hashes(number, count=9):
    return [(cseq, sha256(f"{number} {cseq}".encode()).digest()) for cseq in range(1, count + 1)]


def last(number, cseq=5):
    return Last(
        stream(number),
        sha256(f"salt {number}".encode()).digest()[:16],
        cseq,
        leaf_hashes(number)[cseq - 1][1],
    )


def world(count):
    """The lines of so many cases, and what the record tells of them."""
    lines = heads.listing(RECORD, [last(number) for number in range(count)])
    return lines, {"count": count, "date": "2026-11-20", "root": heads.root(lines).hex()}


def data_of(lines):
    return b"".join(line + b"\n" for line in lines)


def checked(lines, told, number=0, chain=None, salt=None):
    own = last(number)
    label = heads.label(salt or own.salt, own.stream, RECORD)
    data = lines if isinstance(lines, bytes) else data_of(lines)
    return heads.check(data, told, label, own.salt, leaf_hashes(number) if chain is None else chain)


def telling(lines):
    """What a record tells of this list, whatever stands in it."""
    return {"count": len(lines), "date": "2026-11-20", "root": heads.root(lines).hex()}


LINES, TOLD = world(5)
ORDER = [LINES.index(heads.listing(RECORD, [last(number)])[0]) for number in range(5)]  # place of each case
MIDDLE = ORDER.index(2)  # the case whose line stands in the middle


def test_a_stranger_with_the_page_and_standard_tools_gets_the_same_lines():
    own = last(3)

    def mac(text):
        return hmac.new(own.salt, text.encode(), "sha256").hexdigest()

    label = mac(f"huizheng/v1/label\n{own.stream}\n{RECORD}")
    head = mac(f"huizheng/v1/head\n5\n{own.leaf_hash.hex()}")
    assert f'{{"head":"{head}","label":"{label}"}}'.encode() in LINES


def test_lines_stand_in_the_order_of_their_labels_whoever_lists_them_first():
    labels = [json.loads(line)["label"] for line in LINES]
    assert labels == sorted(labels)
    assert heads.listing(RECORD, [last(number) for number in (3, 0, 4, 2, 1)]) == LINES


def test_a_label_is_another_in_each_record_and_without_the_salt_nobody_finds_it():
    own = last(1)
    assert heads.label(own.salt, own.stream, RECORD) != heads.label(own.salt, own.stream, OTHER_RECORD)
    assert heads.label(own.salt, own.stream, RECORD) != heads.label(own.salt[::-1], own.stream, RECORD)


def test_one_case_is_not_listed_twice():
    with pytest.raises(HeadsError, match="listed twice"):
        heads.listing(RECORD, [last(1), last(2), last(1, cseq=3)])


def test_no_case_at_all_has_the_empty_root():
    assert heads.root(heads.listing(RECORD, [])) == merkle.EMPTY_ROOT


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 8, 33])
def test_each_case_finds_its_line_in_the_list_and_is_bound_by_it(count):
    lines, told = world(count)
    assert [checked(lines, told, number) for number in range(count)] == [5] * count


def test_the_bound_record_is_found_wherever_the_case_has_grown_to():
    assert checked(LINES, TOLD, MIDDLE, leaf_hashes(MIDDLE)[:5]) == 5
    assert checked(LINES, TOLD, MIDDLE, leaf_hashes(MIDDLE)[4:]) == 5


def test_a_list_without_the_case_binds_it_to_nothing():
    assert checked(LINES, TOLD, 7) == 0
    assert checked([], telling([])) == 0
    assert checked(LINES, TOLD, MIDDLE, salt=bytes(16)) == 0


@pytest.mark.parametrize(
    "chain",
    [
        [],
        leaf_hashes(MIDDLE)[:4],
        [(cseq + 1, hash) for cseq, hash in leaf_hashes(MIDDLE)],
        leaf_hashes(77),
    ],
    ids=["no record", "the tail cut off", "moved up by one", "another case's"],
)
def test_a_case_whose_counted_record_is_gone_is_found_out(chain):
    with pytest.raises(HeadsError, match="fits none of the case's records"):
        checked(LINES, TOLD, MIDDLE, chain)


def again(number=MIDDLE):
    """A second line for a case, of the same label with another head."""
    return heads.listing(RECORD, [last(number, cseq=3)])[0]


@pytest.mark.parametrize(
    "lines",
    [
        sorted([*LINES, again()], key=lambda line: json.loads(line)["label"]),
        [*LINES, again()],
        [again(), *LINES],
        LINES[::-1],
        [*LINES, LINES[-1]],
    ],
    ids=["beside its first", "at the end", "at the beginning", "turned round", "the same twice"],
)
def test_an_operator_who_lists_a_case_under_two_heads_cannot_keep_the_order(lines):
    with pytest.raises(HeadsError, match="out of order"):
        checked(lines, telling(lines), MIDDLE)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        LINES[0].replace(b"{", b"{ "),
        LINES[0].upper(),
        LINES[0].replace(b"}", b',"more":1}'),
        b'{"head":"' + b"A" * 64 + b'","label":"' + b"f" * 64 + b'"}',
    ],
)
def test_each_line_must_be_in_its_form(line):
    with pytest.raises(HeadsError, match="line 6 is not in its form"):
        checked([*LINES, line], telling([*LINES, line]), MIDDLE)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (TOLD | {"root": "0" * 64}, "do not give the root"),
        (TOLD | {"root": None}, "do not give the root"),
        (TOLD | {"root": TOLD["root"].upper()}, "do not give the root"),
        (TOLD | {"count": 6}, "another length"),
        (TOLD | {"count": "5"}, "another length"),
        (TOLD | {"count": 10**30}, "another length"),
        ({}, "another length"),
    ],
)
def test_the_list_must_fit_what_its_record_tells(told, said):
    with pytest.raises(HeadsError, match=said):
        checked(LINES, told, MIDDLE)


def test_a_true_is_not_taken_for_a_count_of_one():
    lines, told = world(1)
    with pytest.raises(HeadsError, match="another length"):
        checked(lines, told | {"count": True})


def test_the_last_line_must_end():
    with pytest.raises(HeadsError, match="does not end"):
        checked(data_of(LINES)[:-1], TOLD, MIDDLE)


@given(
    st.binary(max_size=80) | st.lists(st.sampled_from([*LINES, again(), b"{}"])).map(data_of), st.booleans()
)
def test_random_lists_are_refused_as_our_own_error(data, fitting):
    told = telling(data.removesuffix(b"\n").split(b"\n")) if fitting else TOLD
    try:
        assert checked(data, told, MIDDLE) in (0, 5, 3)
    except HeadsError:
        return
