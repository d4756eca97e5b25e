"""Heads bind us to how many records each case has; on both databases."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from casework.workdays import BEIJING
from evidence import heads
from evidence.merkle import leaf_hash
from evidence.records import parse_leaf
from handlers.heads import make_daily_heads, make_heads
from handlers.open_case import CaseData, open_case
from storage.book import Entry
from storage.heads import case_ends
from storage.schema import record
from tests.engine.world import MONDAY_MORNING

DAY = datetime(2026, 11, 16, 2, 0, tzinfo=BEIJING)


@pytest.fixture
def here(make_world):
    return make_world()


def case_leaves(here):
    """The leaves of every case stream, in order."""
    chosen = sa.select(record).where(record.c.stream.like("case:%")).order_by(record.c.position)
    with here.archive.reading() as view:
        rows = view.connection.execute(chosen).all()
    found = {}
    for row in rows:
        found.setdefault(row.stream, []).append(bytes(row.leaf))
    return found


def salt_of(leaf):
    return bytes.fromhex(parse_leaf(leaf)["salt"])


def made(here):
    with here.archive.writing() as book:
        record_id = make_heads(book)
    (sealed,) = [one for one in here.sealed("heads.made") if one.leaf["id"] == record_id]
    return sealed


def second_case(here, number="GS-2026-0018"):
    with here.archive.writing() as book:
        data = CaseData(number, "E017", MONDAY_MORNING - timedelta(days=3), "左脚扭伤")
        return open_case(book, data, here.user)


def test_there_is_one_line_for_each_case_and_it_fits_its_records(here):
    second_case(here)
    here.remind()
    sealed = made(here)

    lines = sealed.parts["heads"].splitlines()
    expected = {}
    for stream, leaves in case_leaves(here).items():
        salt = bytes.fromhex(parse_leaf(leaves[0])["salt"])
        label = heads.label(salt, stream, sealed.leaf["id"])
        expected[label] = heads.head(salt, len(leaves), leaf_hash(leaves[-1]))
    assert {json.loads(line)["label"]: json.loads(line)["head"] for line in lines} == expected
    assert [json.loads(line)["label"] for line in lines] == sorted(expected)
    assert sealed.told == {"count": 2, "date": "2026-11-16", "root": heads.root(lines).hex()}


def test_it_is_the_last_record_of_the_log_then(here):
    here.remind()
    assert made(here).position == here.size() - 1


def test_two_lists_name_the_same_case_differently(here):
    first, second = made(here), made(here)
    assert first.parts["heads"] != second.parts["heads"]


def test_a_record_of_the_same_transaction_would_not_be_counted_and_is_forbidden(here):
    with pytest.raises(ValueError, match="transaction of their own"), here.archive.writing() as book:
        book.add(Entry("case.changed", f"case:{here.case_id}", here.user))
        make_heads(book)
    assert here.sealed("heads.made") == []


def test_nothing_slips_between_what_is_said_and_its_place_in_the_log(here):
    """While heads are made, others write: whatever stands below the record is counted in it."""

    def write(number):
        if number % 2:
            made_ids.append(made_one())
        else:
            second_case(here, f"GS-2026-1{number:03}")

    def made_one():
        with here.archive.writing() as book:
            return make_heads(book)

    made_ids = []
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(16)))

    chosen = sa.select(record.c.position, record.c.stream, record.c.leaf).order_by(record.c.position)
    with here.archive.reading() as view:
        log = view.connection.execute(chosen).all()
    for sealed in here.sealed("heads.made"):
        ends = {}
        for row in log:
            if row.position < sealed.position and row.stream.startswith("case:"):
                ends.setdefault(row.stream, []).append(bytes(row.leaf))
        lasts = [
            heads.Last(
                stream, bytes.fromhex(parse_leaf(leaves[0])["salt"]), len(leaves), leaf_hash(leaves[-1])
            )
            for stream, leaves in ends.items()
        ]
        assert sealed.parts["heads"].splitlines() == heads.listing(sealed.leaf["id"], lasts)


def test_the_daily_ones_are_made_once_and_not_when_nothing_has_moved(here):
    assert make_daily_heads(here.archive, DAY) is not None
    assert make_daily_heads(here.archive, DAY) is None
    here.remind()
    assert make_daily_heads(here.archive, DAY) is None  # made today already
    here.clock.pass_time(hours=24)
    assert make_daily_heads(here.archive, DAY + timedelta(days=1)) is not None
    here.clock.pass_time(hours=24)
    assert make_daily_heads(here.archive, DAY + timedelta(days=2)) is None  # nothing moved


def test_a_case_whose_first_leaf_was_erased_has_no_line_any_more(here):
    second_case(here)
    with here.archive.engine.begin() as connection:
        first = sa.and_(record.c.stream == f"case:{here.case_id}", record.c.cseq == 1)
        connection.execute(sa.update(record).where(first).values(leaf=b""))
    with here.archive.reading() as view:
        assert [last.stream for last in case_ends(view.connection)] != [f"case:{here.case_id}"]
    assert made(here).told["count"] == 1
