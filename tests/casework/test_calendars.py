"""The calendar as data: it is frozen and read back, a new notice is put in, and no year is without days."""

import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from casework.calendar_form import CalendarRefused, calendar_body, calendar_from_body, version_order
from casework.calendar_notice import amended, changed_days
from casework.workdays import load_calendar

PACKAGED = load_calendar()
SOURCE = {"source": "国务院办公厅关于2027年部分节假日安排的通知（虚构）", "checked_on": date(2026, 11, 23)}


def off(name, first, last, *makeup):
    days = {"from": date.fromisoformat(first), "to": date.fromisoformat(last)}
    return {"name": name, **days, "makeup": [date.fromisoformat(day) for day in makeup], **SOURCE}


def notice(**changes):
    """The notice for 2027 as it might be."""
    spells = [
        off("元旦", "2027-01-01", "2027-01-03"),
        off("春节", "2027-02-05", "2027-02-12", "2027-02-14", "2027-02-20"),
        off("清明节", "2027-04-03", "2027-04-05"),
        off("劳动节", "2027-05-01", "2027-05-05", "2027-04-25", "2027-05-08"),
        off("端午节", "2027-06-09", "2027-06-09"),
        off("中秋节", "2027-09-15", "2027-09-15"),
        off("国庆节", "2027-10-01", "2027-10-07", "2027-09-26", "2027-10-09"),
    ]
    return {"version": "2027.1", "final_through": date(2027, 12, 31), "off": spells} | changes


def spells_but(name, *instead):
    return [*(one for one in notice()["off"] if one["name"] != name), *instead]


def test_a_calendar_is_read_back_as_it_was_written_down():
    assert calendar_from_body(calendar_body(PACKAGED)) == PACKAGED


def test_a_notice_makes_its_year_official_and_leaves_the_others_alone():
    made = amended(PACKAGED, notice())

    assert made.version == "2027.1"
    assert made.is_workday(date(2027, 2, 14)) and made.describe(date(2027, 2, 14)) == "调休上班"
    assert not made.is_workday(date(2027, 2, 12))
    assert not made.provisional(date(2027, 12, 31))
    assert changed_days(PACKAGED, made) == ()


def test_a_whole_calendar_may_be_given_as_well_as_one_year():
    whole = calendar_body(amended(PACKAGED, notice()))

    assert amended(PACKAGED, whole) == amended(PACKAGED, notice())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": "2026.1"}, "必须比现在的 2026.1 新"),
        ({"version": "2025.9"}, "必须比现在的 2026.1 新"),
        ({"version": "next"}, "年份.序号"),
        ({"version": 2027.1}, "年份.序号"),
        ({"off": []}, "至少写一个年份"),
        ({"of": []}, "不认识 of"),
        ({"final_through": date(2025, 12, 31)}, "不能变少"),
        ({"final_through": date(2027, 11, 30)}, "12 月 31 日"),
        ({"final_through": "soon"}, "2027-01-01 这样的日期"),
        ({"final_through": date(2028, 12, 31)}, "2028 年标为正式，却没有元旦"),
        ({"off": spells_but("中秋节")}, "却没有中秋"),
        ({"off": spells_but("劳动节", off("劳动节", "2027-05-01", "2027-05-01"))}, "2027-05-02 是法定节假日"),
        ({"off": spells_but("元旦", off("元旦", "2027-01-03", "2027-01-01"))}, "晚于 to"),
        ({"off": spells_but("春节", off("春节", "2027-02-05", "2027-02-25"))}, "超过 16 天"),
        (
            {"off": spells_but("元旦", off("元旦", "2027-01-01", "2027-01-03", "2027-01-04"))},
            "2027-01-04 不是周六或周日",
        ),
        ({"off": spells_but("元旦", off("元旦", "2027-01-01", "2027-01-03", "2027-05-15"))}, "离假期太远"),
        ({"off": [*notice()["off"], off("补休", "2027-02-12", "2027-02-13")]}, "2027-02-12 写了两次"),
        ({"off": spells_but("元旦", off("元旦", "2027-01-01", "2027-01-03", "2027-01-02"))}, "写了两次"),
        ({"off": spells_but("元旦", {"name": "元旦"})}, "off 缺少"),
        ({"off": spells_but("元旦", "元旦")}, "一组键和值"),
        ({"off": spells_but("元旦", off("", "2027-01-01", "2027-01-03"))}, "不能是空的"),
        ({"off": spells_but("元旦", off("元旦", "2027-01-01", "2027-01-03") | {"makeup": 3})}, "一个列表"),
    ],
)
def test_a_notice_that_cannot_be_right_is_refused_with_its_fault(changes, said):
    with pytest.raises(CalendarRefused) as refused:
        amended(PACKAGED, notice(**changes))

    assert said in str(refused.value)


def test_a_notice_that_takes_a_day_of_an_official_year_is_shown_with_the_day():
    new_year = off("元旦", "2026-12-31", "2027-01-03", "2027-01-09")

    made = amended(PACKAGED, notice(off=spells_but("元旦", new_year)))

    assert changed_days(PACKAGED, made) == (date(2026, 12, 31),)


def test_versions_are_ordered_by_year_and_number_not_by_their_letters():
    assert version_order("2026.2") < version_order("2026.10") < version_order("2027.1")


@pytest.mark.parametrize("year", [2027, 2028, 2035, 2199])
def test_no_year_is_without_working_days_and_one_without_a_notice_says_so(year):
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365)]

    assert 245 <= sum(map(PACKAGED.is_workday, days)) <= 262
    assert all(map(PACKAGED.provisional, days))
    assert PACKAGED.add_workdays(days[0], 250).year in (year, year + 1)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2028-01-03", True),  # Monday
        ("2035-01-01", False),  # a Monday: New Year
        ("2035-05-01", False),  # Tuesday and Wednesday: Labour Day
        ("2035-05-02", False),
        ("2035-05-03", True),
        ("2035-10-03", False),  # Wednesday: National Day
        ("2035-02-08", True),  # Spring Festival follows the moon: nobody guesses it
        ("2028-02-29", True),  # leap day, a Tuesday
    ],
)
def test_a_year_that_is_not_listed_has_the_days_of_the_statute_and_no_guesses(day, worked):
    assert PACKAGED.is_workday(date.fromisoformat(day)) is worked


def test_each_special_day_names_where_it_is_written():
    assert "国办发明电〔2025〕7号" in PACKAGED.source_of(date(2026, 2, 14))
    assert "国办发明电〔2025〕7号" in PACKAGED.source_of(date(2026, 2, 17))
    assert "办法" in PACKAGED.source_of(date(2035, 10, 1))
    assert PACKAGED.source_of(date(2026, 3, 4)) == ""


def test_a_date_of_every_year_must_be_a_date():
    body = calendar_body(PACKAGED)
    body["yearly"][0]["days"] = ["02-30"]
    with pytest.raises(CalendarRefused, match="元旦 days"):
        calendar_from_body(body)


def test_the_file_in_the_page_for_people_can_be_imported():
    page = (Path(__file__).parents[2] / "docs/calendar.md").read_text("utf-8")
    shown = page.split("```toml")[1].split("```")[0]

    assert amended(PACKAGED, tomllib.loads(shown)).final_through == date(2027, 12, 31)
