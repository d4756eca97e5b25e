"""The stages of a case and the clocks that start with an accident."""

import tomllib
from datetime import UTC, date, datetime
from importlib import resources

import pytest

from casework.case import (
    Stage,
    add_months,
    deadlines,
    employee_filing_due,
    employer_filing_due,
    paid_leave_limit,
)
from tests.casework.journeys import at


@pytest.mark.parametrize(
    ("accident", "last_day"),
    [
        (date(2026, 1, 1), date(2026, 1, 31)),
        (date(2028, 1, 31), date(2028, 3, 1)),
        (date(2026, 12, 5), date(2027, 1, 4)),
    ],
    ids=["within a month", "across a leap day", "across New Year"],
)
def test_the_employer_has_thirty_natural_days_to_file(accident, last_day):
    assert employer_filing_due(accident) == last_day


@pytest.mark.parametrize(
    ("accident", "last_day"),
    [(date(2026, 11, 2), date(2027, 11, 2)), (date(2028, 2, 29), date(2029, 2, 28))],
    ids=["ordinary", "leap day"],
)
def test_the_employee_has_one_year_to_file(accident, last_day):
    assert employee_filing_due(accident) == last_day


def test_paid_leave_lasts_twelve_months_at_most():
    assert paid_leave_limit(date(2026, 11, 2)) == date(2027, 11, 2)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 11, 30), 13, date(2027, 12, 30)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_a_month_without_that_day_ends_with_its_last_day(day, months, then):
    assert add_months(day, months) == then


def test_an_accident_starts_four_clocks_and_each_says_what_it_rests_on():
    found = deadlines(at("2026-11-02 14:20"))

    assert [(clock.name, clock.kind, clock.due) for clock in found] == [
        ("papers", "house", at("2026-11-03 14:20")),
        ("employer_filing", "law", at("2026-12-02 23:59:59")),
        ("employee_filing", "law", at("2027-11-02 23:59:59")),
        ("paid_leave", "law", at("2027-11-02 23:59:59")),
    ]
    assert found[1].law == "《工伤保险条例》第十七条第一款"
    assert "不是法定期限" in found[0].law


def test_the_day_of_the_accident_is_the_day_in_beijing():
    found = deadlines(datetime(2026, 11, 2, 17, 0, tzinfo=UTC))  # already 3 November in Beijing

    assert found[1].last_day == date(2026, 12, 3)


def test_leave_counts_from_its_own_start_where_treatment_began_later():
    found = {
        clock.name: clock for clock in deadlines(at("2026-11-02 14:20"), leave_from=at("2026-11-05 09:00"))
    }

    assert found["paid_leave"].last_day == date(2027, 11, 5)
    assert found["employer_filing"].last_day == date(2026, 12, 2)


def test_an_accident_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="时区"):
        deadlines(datetime(2026, 11, 2, 14, 20))  # noqa: DTZ001  (the fault under test)


def test_every_stage_has_a_name_in_chinese():
    assert {stage.label for stage in Stage} >= {"工伤认定", "停工留薪期", "劳动能力鉴定"}
    assert len({stage.label for stage in Stage}) == len(Stage)


@pytest.mark.parametrize(("file", "entries"), [("clocks", "clock"), ("wording", "forbidden")])
def test_every_rule_names_its_source_and_since_when(file, entries):
    text = resources.files("casework").joinpath("rules", f"{file}.toml").read_text("utf-8")

    assert all({"source", "from", "checked_on"} <= rule.keys() for rule in tomllib.loads(text)[entries])
