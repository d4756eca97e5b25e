"""Heads bind the operator to how many records each case had, and tell nobody which case is which."""

import hmac
import json
from copy import deepcopy
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import canonical, heads, merkle
from evidence.errors import HeadsError
from evidence.heads import Last

RECORD = "019aa1f0-6a94-7c31-8f2e-51a0c9d2b7e4"
OTHER_RECORD = RECORD[:-1] + "5"
HEX = "0123456789abcdef"


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


def checked(document, told, number=0, chain=None, salt=None):
    own = last(number)
    return heads.check(
        document, told, salt or own.salt, own.stream, leaf_hashes(number) if chain is None else chain
    )


LINES, TOLD = world(5)
ORDER = [LINES.index(heads.listing(RECORD, [last(number)])[0]) for number in range(5)]  # place of each case
MIDDLE = ORDER.index(2)  # the case whose line stands in the middle
SHOWN = heads.shown(LINES, RECORD, last(MIDDLE))


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
def test_each_case_is_shown_its_line_and_its_neighbours_and_bound_by_it(count):
    lines, told = world(count)
    for number in range(count):
        document = json.loads(canonical.dumps(heads.shown(lines, RECORD, last(number))))
        place = lines.index(heads.listing(RECORD, [last(number)])[0])
        assert [canonical.dumps(line) for line in document["lines"]] == lines[max(0, place - 1) : place + 2]
        assert (document["count"], document["index"]) == (count, max(0, place - 1))
        assert checked(document, told, number) == 5


def test_the_bound_record_is_found_wherever_the_case_has_grown_to():
    assert checked(SHOWN, TOLD, MIDDLE, leaf_hashes(MIDDLE)[:5]) == 5
    assert checked(SHOWN, TOLD, MIDDLE, leaf_hashes(MIDDLE)[4:]) == 5


def test_a_case_that_is_not_in_the_list_is_not_shown():
    with pytest.raises(HeadsError, match="not in the list"):
        heads.shown(LINES, RECORD, last(7))
    with pytest.raises(HeadsError, match="not in the list"):
        heads.shown(LINES, RECORD, last(1, cseq=6))


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
        checked(SHOWN, TOLD, MIDDLE, chain)


def changed(edit):
    document = deepcopy(SHOWN)
    edit(document)
    return document


def swap_own_head(document):
    document["lines"][1]["head"] = heads.head(last(MIDDLE).salt, 4, leaf_hashes(MIDDLE)[3][1])


def second_line_of_the_case(document):
    document["lines"][2]["label"] = document["lines"][1]["label"]


def without_neighbour(document):
    document["lines"].pop()
    document["paths"].pop()


def without_first_neighbour(document):
    document["lines"].pop(0)
    document["paths"].pop(0)
    document["index"] += 1


def only_neighbours(document):
    document["lines"].pop(1)
    document["paths"].pop(1)


def turned_round(document):
    document["lines"].reverse()


def broken_path(document):
    document["paths"][1][0] = document["paths"][1][0][::-1]


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (swap_own_head, "line 2 is not shown to be in the list"),
        (second_line_of_the_case, "not one line is the case's"),
        (without_neighbour, "not all shown"),
        (without_first_neighbour, "not all shown"),
        (only_neighbours, "not one line is the case's"),
        (turned_round, "out of order"),
        (broken_path, "line 2 is not shown to be in the list"),
        (lambda document: document["paths"].pop(), "do not match one to one"),
        (lambda document: document["paths"][1].pop(), "line 2 is not shown"),
        (lambda document: document.update(record=OTHER_RECORD), "not one line is the case's"),
        (lambda document: document.update(count=4), "another length"),
        (lambda document: document.update(count=3), "not all shown"),
        (lambda document: document.update(index=0), "not shown to be in the list"),
        (lambda document: document.update(index=-1), "index is missing"),
        (lambda document: document.update(index=True), "index is missing"),
        (lambda document: document.update(count=10**30), "not all shown|another length"),
        (lambda document: document.update(more=1), "more is missing"),
        (lambda document: document.pop("paths"), "paths is missing"),
        (lambda document: document.update(lines=[]), "do not match|not one line"),
        (lambda document: document["lines"][0].update(more=1), "lines is missing"),
        (lambda document: document["lines"][0].update(head="A" * 64), "lines is missing"),
    ],
)
def test_whatever_is_changed_in_the_document_is_found_out(edit, said):
    with pytest.raises(HeadsError, match=said):
        checked(changed(edit), TOLD, MIDDLE)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (TOLD | {"root": "0" * 64}, "not shown to be in the list"),
        (TOLD | {"root": None}, "tells no root"),
        (TOLD | {"root": TOLD["root"].upper()}, "tells no root"),
        (TOLD | {"count": 6}, "another length"),
        ({}, "another length"),
    ],
)
def test_the_document_must_fit_what_its_record_tells(told, said):
    with pytest.raises(HeadsError, match=said):
        checked(SHOWN, told, MIDDLE)


def test_another_salt_or_another_stream_finds_no_line():
    with pytest.raises(HeadsError, match="not one line"):
        checked(SHOWN, TOLD, MIDDLE, salt=bytes(16))
    with pytest.raises(HeadsError, match="not one line"):
        checked(SHOWN, TOLD, ORDER.index(0))


def test_an_operator_who_lists_a_case_under_two_heads_has_them_side_by_side():
    own = replace(last(MIDDLE), cseq=3, leaf_hash=leaf_hashes(MIDDLE)[2][1])
    lines = sorted([*LINES, *heads.listing(RECORD, [own])], key=lambda line: json.loads(line)["label"])
    told = {"count": 6, "date": "2026-11-20", "root": heads.root(lines).hex()}
    for shown in (own, last(MIDDLE)):
        with pytest.raises(HeadsError, match="not one line is the case's"):
            checked(heads.shown(lines, RECORD, shown), told, MIDDLE)


SCALARS = st.none() | st.booleans() | st.integers(-3, 2**60) | st.text(HEX, max_size=64) | st.just(RECORD)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*SHOWN, "head", "label"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(JSON | st.fixed_dictionaries({name: st.just(SHOWN[name]) | JSON for name in SHOWN}), JSON)
def test_random_documents_are_refused_as_our_own_error(document, told):
    try:
        assert checked(document, told if isinstance(told, dict) else TOLD, MIDDLE) == 5
    except HeadsError:
        return
