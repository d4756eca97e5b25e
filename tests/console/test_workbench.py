"""The workbench sorts what waits for a person, and leads to the very form."""

import re
from datetime import timedelta

import pytest

from bot.console.lists import sorted_lists
from storage.desk_lists import PausedPlan, Waiting
from tests.console.forms import CASE, task_id
from tests.world import MONDAY

HOUR = timedelta(hours=1)


def task(kind, due, case_no="GS-1"):
    return Waiting("t1", kind, due, None, "r1", case_no, "张伟")


@pytest.mark.parametrize(
    ("kind", "due", "where"),
    [
        ("confirm_reply", MONDAY - HOUR, "overdue"),
        ("confirm_reply", MONDAY + HOUR, "today"),
        ("confirm_reply", MONDAY + 24 * HOUR, "mine"),
        ("call_contact", MONDAY + 10 * HOUR, "today"),
        ("call_contact", MONDAY - 24 * HOUR, "overdue"),
        ("paper_result", MONDAY + 72 * HOUR, "mine"),
        ("unknown_attempt", MONDAY, "today"),
    ],
    ids=[
        "an answer that should have been looked at an hour ago",
        "an answer to be looked at in an hour",
        "an answer to be looked at tomorrow",
        "a call opened this morning has the whole day",
        "a call of yesterday",
        "a parcel to be looked after in three days",
        "a message whose fate is unknown",
    ],
)
def test_a_task_stands_in_exactly_one_list(kind, due, where):
    lists = sorted_lists([task(kind, due)], [], MONDAY)

    assert {name: len(getattr(lists, name)) for name in ("overdue", "today", "mine")} == {
        **{"overdue": 0, "today": 0, "mine": 0},
        where: 1,
    }


def test_late_in_the_evening_the_day_still_ends_at_midnight_in_beijing():
    evening = MONDAY.replace(hour=23, minute=30)

    assert len(sorted_lists([task("call_contact", evening + HOUR / 4)], [], evening).today) == 1
    assert len(sorted_lists([task("call_contact", evening + HOUR)], [], evening).mine) == 1


@pytest.mark.parametrize(
    ("tasks", "listed"),
    [([], 1), ([task("confirm_reply", MONDAY + 24 * HOUR)], 1), ([task("paper", MONDAY + HOUR, "GS-2")], 1)],
    ids=["nothing else", "its reply is a task already", "another case has a task"],
)
def test_a_paused_ladder_waits_for_a_decision_and_is_listed_once(tasks, listed):
    paused = [PausedPlan("p1", "返岗提醒", "GS-1", "张伟", 1)]

    assert len(sorted_lists(tasks, paused, MONDAY).mine) == listed


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_row_leads_to_the_form_that_does_it(calling, hr):
    text = hr.get("/").text

    (anchor,) = re.findall(rf'href="{CASE}#(task-[\w-]+)"', text)
    assert anchor == f"task-{task_id(calling)}"
    assert f'id="{anchor}"' in hr.get(CASE).text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reply_is_on_the_workbench_until_its_meaning_is_confirmed(told, hr):
    told.reply(told.wechat, "医生不让上班")

    (anchor,) = re.findall(rf'href="{CASE}#(reply-[\w-]+)"', hr.get("/").text)
    assert f'id="{anchor}"' in hr.get(CASE).text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_refused_webhooks_are_counted_small_at_the_bottom(world, hr):
    from storage import inbox

    with world.desk.archive.writing() as book:
        inbox.count(book.connection, "webhook_refused/wechat_oa/main")
        inbox.count(book.connection, "webhook_refused/sms_twilio/hk")

    assert "签名不对被拒 2" in hr.get("/").text


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("begins", "found"), [("GS-2026", True), ("GS-2025", False), ("%", False)])
def test_cases_are_found_by_the_beginning_of_their_number(told, hr, begins, found):
    text = hr.get("/cases", query_string={"q": begins}).text

    assert (f'href="{CASE}"' in text) is found
    assert ("短信" in text) is found  # its next step
