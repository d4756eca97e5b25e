"""Days on which somebody who recovers is asked how things are."""

from datetime import date, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.follow_ups import ask_at, next_visit, visit_days
from casework.workdays import load_calendar
from tests.casework.journeys import at

SINCE = date(2026, 11, 2)


@pytest.mark.parametrize(
    ("until", "days"),
    [
        (None, ["2026-11-05", "2026-11-19", "2026-12-03", "2026-12-17"]),
        ("2026-12-31", ["2026-11-05", "2026-11-19", "2026-12-03", "2026-12-17", "2026-12-24"]),
        ("2026-12-28", ["2026-11-05", "2026-11-19", "2026-12-03", "2026-12-17", "2026-12-21"]),
        ("2026-12-25", ["2026-11-05", "2026-11-19", "2026-12-03", "2026-12-18"]),
        ("2026-11-12", ["2026-11-05"]),
        ("2026-11-09", ["2026-11-05"]),
        ("2026-11-04", []),
    ],
    ids=[
        "no end known", "a week before the end", "four days apart", "one day apart: only the later",
        "the third day is a week before the end", "too short for a second", "too short for any",
    ],
)  # fmt: skip
def test_questions_on_day_three_every_fourteen_days_and_a_week_before_the_end(until, days):
    end = None if until is None else date.fromisoformat(until)

    assert [str(day) for day in islice(visit_days(SINCE, end), 5 if end else 4)] == days


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 800))
def test_nobody_is_asked_twice_within_three_days_nor_after_the_last_week_began(since, length):
    until = since + timedelta(days=length)
    days = list(visit_days(since, until))

    assert all((later - earlier).days > 3 for earlier, later in pairwise(days))
    assert all(since < day <= until for day in days)
    assert length < 10 or days[-1] == until - timedelta(days=7)


def test_the_next_day_lies_behind_today_even_after_a_long_stand_still():
    assert next_visit(SINCE, None, date(2027, 3, 1)) == date(2027, 3, 11)
    assert next_visit(SINCE, date(2026, 11, 30), date(2026, 11, 23)) is None


@pytest.mark.parametrize(
    ("day", "now", "asked"),
    [
        ("2026-11-19", "2026-11-05 10:00", "2026-11-19 10:00"),
        ("2026-11-21", "2026-11-05 10:00", "2026-11-23 09:00"),
        ("2026-10-03", "2026-09-20 10:00", "2026-10-08 09:00"),
        ("2026-11-19", "2026-11-19 21:00", "2026-11-20 09:00"),
    ],
    ids=["an ordinary Thursday", "a Saturday", "National Day", "too late in the evening"],
)
def test_questions_are_asked_in_working_hours(day, now, asked):
    assert ask_at(date.fromisoformat(day), at(now), load_calendar()) == at(asked)
