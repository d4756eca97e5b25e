"""The working calendar, and the hours in which a message or a task may begin."""

import tomllib
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.workdays import BEIJING, MESSAGES, TASKS, Window, into_window, load_calendar

CALENDAR = load_calendar()


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@pytest.mark.parametrize("year", [2025, 2026])
def test_every_day_of_a_published_year_agrees_with_an_independent_calendar(year):
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]

    assert [d for d in days if CALENDAR.is_workday(d) != chinese_calendar.is_workday(d)] == []
    assert not any(CALENDAR.provisional(day) for day in days)


def test_a_year_whose_notice_is_not_out_has_weekends_and_statutory_days_only():
    days = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    off = [day for day in days if day.weekday() < 5 and not CALENDAR.is_workday(day)]

    assert [f"{day:%m-%d}" for day in off] == ["01-01", "02-05", "02-08", "04-05", "06-09", "09-15", "10-01"]
    assert not any(CALENDAR.is_workday(day) for day in days if day.weekday() >= 5)
    assert all(CALENDAR.provisional(day) for day in days)


def test_thirteen_statutory_days_stand_in_the_provisional_year():
    assert sum(day.year == 2027 for day in CALENDAR.holidays) == 13


@pytest.mark.parametrize(
    ("day", "provisional"),
    [
        ("2024-12-31", True),
        ("2025-01-01", False),
        ("2026-12-31", False),
        ("2027-01-01", True),
        ("2031-05-01", True),
    ],
)
def test_a_day_outside_the_published_notices_is_provisional(day, provisional):
    assert CALENDAR.provisional(date.fromisoformat(day)) is provisional


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("2026-11-20", 1, "2026-11-23"),  # over a weekend
        ("2026-09-30", 1, "2026-10-08"),  # over National Day
        ("2026-10-09", 1, "2026-10-10"),  # a make-up Saturday works
        ("2026-09-18", 1, "2026-09-20"),  # so does a make-up Sunday
        ("2026-10-08", 3, "2026-10-12"),
        ("2026-02-13", 2, "2026-02-24"),  # make-up Saturday, then Spring Festival
        ("2026-12-31", 1, "2027-01-04"),  # into the provisional year
        ("2026-11-21", 0, "2026-11-21"),
    ],
)
def test_working_days_are_counted_without_the_first_day(start, n, end):
    assert CALENDAR.add_workdays(date.fromisoformat(start), n) == date.fromisoformat(end)


def test_working_days_are_not_counted_backwards():
    with pytest.raises(ValueError, match="不能为负"):
        CALENDAR.add_workdays(date(2026, 1, 5), -1)


@given(st.dates(date(2025, 1, 1), date(2028, 1, 1)), st.integers(1, 40))
def test_the_nth_working_day_has_exactly_n_working_days_up_to_it(day, n):
    end = CALENDAR.add_workdays(day, n)
    passed = [day + timedelta(days=k) for k in range(1, (end - day).days + 1)]

    assert CALENDAR.is_workday(end)
    assert sum(map(CALENDAR.is_workday, passed)) == n


@pytest.mark.parametrize(
    ("window", "moment", "moved"),
    [
        (MESSAGES, "2026-11-20 08:00", "2026-11-20 08:00"),
        (MESSAGES, "2026-11-20 07:59:59.999999", "2026-11-20 08:00"),
        (MESSAGES, "2026-11-20 19:59:59.999999", "2026-11-20 19:59:59.999999"),
        (MESSAGES, "2026-11-20 20:00", "2026-11-21 08:00"),
        (MESSAGES, "2026-11-20 22:30", "2026-11-21 08:00"),
        (MESSAGES, "2026-10-03 12:00", "2026-10-03 12:00"),  # messages go on holidays too
        (TASKS, "2026-11-20 08:30", "2026-11-20 09:00"),
        (TASKS, "2026-11-20 20:00", "2026-11-23 09:00"),
        (TASKS, "2026-11-21 10:00", "2026-11-23 09:00"),
        (TASKS, "2026-10-01 17:40", "2026-10-08 09:00"),
        (TASKS, "2026-10-10 10:00", "2026-10-10 10:00"),  # make-up Saturday
        (TASKS, "2026-09-19 22:30", "2026-09-20 09:00"),  # make-up Sunday
        (TASKS, "2026-12-31 23:59:59.999", "2027-01-04 09:00"),
        (TASKS, "2028-02-29 09:00", "2028-02-29 09:00"),  # leap day, a Tuesday
    ],
)
def test_a_moment_outside_its_hours_moves_to_the_next_opening(window, moment, moved):
    found, why = into_window(at(moment), window, CALENDAR)

    assert found == at(moved)
    assert bool(why) == (moment != moved)


def test_the_reason_names_the_rule_the_day_and_the_calendar():
    _, why = into_window(at("2026-10-01 17:40"), TASKS, CALENDAR)

    assert why == (
        "原定 2026-10-01 17:40（国庆节）不在“工作日 09:00–20:00”内，顺延到 2026-10-08 09:00（日历 2026.1）"
    )


def test_the_reason_says_when_the_calendar_is_only_provisional():
    _, why = into_window(at("2027-01-01 10:00"), TASKS, CALENDAR)

    assert "暂定" in why


def test_the_day_is_the_one_in_beijing_whatever_zone_the_moment_came_in():
    found, _ = into_window(datetime(2026, 11, 20, 12, 30, tzinfo=UTC), MESSAGES, CALENDAR)  # 20:30 in Beijing

    assert found == datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="时区"):
        into_window(datetime(2026, 11, 20, 12, 30), MESSAGES, CALENDAR)  # noqa: DTZ001  (the fault under test)


@given(
    st.datetimes(at("2025-01-01").replace(tzinfo=None), at("2028-01-01").replace(tzinfo=None)),
    st.sampled_from([MESSAGES, TASKS, Window(time(10), time(10, 1), workdays_only=True)]),
)
def test_moving_never_goes_back_ends_inside_and_needs_no_second_move(moment, window):
    moment = moment.replace(tzinfo=BEIJING)
    moved, _ = into_window(moment, window, CALENDAR)

    assert moved >= moment
    assert window.start <= moved.time() < window.end
    assert not window.workdays_only or CALENDAR.is_workday(moved.date())
    assert into_window(moved, window, CALENDAR) == (moved, "")


def test_every_entry_of_the_calendar_names_its_source_and_when_it_was_checked():
    text = resources.files("casework").joinpath("rules", "calendar.toml").read_text("utf-8")

    assert all(entry["source"] and entry["checked_on"] for entry in tomllib.loads(text)["off"])
