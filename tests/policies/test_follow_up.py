"""Somebody recovers: the questions come by themselves on their days, and stop when they should."""

from datetime import date

import pytest

from casework.notices import NoticeRefused
from handlers import follow_up
from handlers.close_case import close_case
from handlers.people import Unacceptable
from scheduler.follow_ups import compose_follow_ups
from storage import cases
from storage.audit import audit
from storage.timeline import lines_of
from tests.engine.world import World

CONTACT = "人事部李娜，电话 0571-5550-0100"
SINCE = date(2026, 11, 16)  # the Monday on which every world begins


def start(here: World, until: date | None = None, since: date = SINCE, contact: str = CONTACT) -> None:
    with here.archive.writing() as book:
        follow_up.start(book, here.case_id, since, until, here.user, contact=contact, rules=here.desk.rules)


def days(here: World, days: float) -> None:
    """Let days pass, and a worker do what is due then."""
    here.clock.pass_time(days=days)
    compose_follow_ups(here.worker)
    here.work()


def questions(here: World) -> list[cases.NoticeText]:
    with here.archive.reading() as view:
        return [one for one in cases.notices_of(view, here.case_id) if one.kind == "recovery_visit"]


def answered(here: World) -> None:
    here.hear("wechat_oa", key=f"m{len(questions(here))}", **{"from": "wechat_oa-zhangwei"}, text="收到")
    here.work()


def told(here: World, kind: str) -> dict:
    with here.archive.reading() as view:
        return [line.told for line in lines_of(view, here.case_id) if line.kind == kind][-1]


def test_a_question_is_composed_on_the_third_day_and_every_fourteenth(here: World):
    start(here)
    days(here, 2)
    assert questions(here) == []

    days(here, 1.1)  # Thursday the 19th, 11:24
    assert len(questions(here)) == 1
    assert dict(questions(here)[0].key_facts) == {"联系人": CONTACT}
    assert len(here.channels["wechat_oa"].taken) == 1
    answered(here)
    days(here, 13)
    assert len(questions(here)) == 1
    days(here, 1)
    assert len(questions(here)) == 2
    with here.archive.reading() as view:
        assert audit(view).findings == ()


def test_silence_makes_a_task_for_hr_and_nothing_else(here: World):
    start(here)
    days(here, 3.1)
    for _ in range(12):
        days(here, 1)

    assert [task.kind for task in here.open_tasks()] == ["hr_check"]
    assert len(here.channels["wechat_oa"].taken) == 1
    assert here.channels["sms_twilio"].taken == []


def test_nobody_is_asked_again_while_a_question_is_unanswered(here: World):
    start(here)
    days(here, 3.1)
    days(here, 14)
    assert len(questions(here)) == 1

    answered(here)
    days(here, 14)
    assert len(questions(here)) == 2


def test_two_workers_ask_once(here: World):
    start(here)
    days(here, 3.1)
    compose_follow_ups(here.worker)

    assert len(questions(here)) == 1


def test_a_worker_that_was_down_until_night_waits_for_the_morning(here: World):
    start(here)
    days(here, 3.6)  # Thursday, 23:24
    assert questions(here) == []

    days(here, 0.45)  # Friday, 10:12
    assert len(questions(here)) == 1


def test_the_last_question_comes_a_week_before_the_certificate_ends(here: World):
    start(here, until=date(2026, 12, 4))
    days(here, 3.1)
    answered(here)
    days(here, 8)  # Friday the 27th
    assert len(questions(here)) == 2
    answered(here)
    days(here, 30)

    assert len(questions(here)) == 2
    assert "最后一周" in told(here, "follow_up.ended")["why"]


def test_a_new_certificate_moves_the_end_and_keeps_whom_to_call(here: World):
    start(here, until=date(2026, 12, 4))
    with here.archive.writing() as book:
        follow_up.change(book, here.case_id, None, "医生又开了一个月", here.user, here.desk.rules)
    days(here, 3.1)
    answered(here)
    days(here, 8)
    assert len(questions(here)) == 1

    days(here, 6)
    assert dict(questions(here)[1].key_facts) == {"联系人": CONTACT}
    assert told(here, "follow_up.started") == {"contact": CONTACT, "why": "医生又开了一个月"}


@pytest.mark.parametrize("how", ["stop", "close"])
def test_nobody_is_asked_after_hr_stops_or_the_case_ends(here: World, how: str):
    start(here)
    with here.archive.writing() as book:
        if how == "stop":
            follow_up.stop(book, here.case_id, "员工说不用再问", here.user)
        else:
            close_case(book, "GS-2026-0017", "已返岗", here.desk.rules, here.user)
    days(here, 3.1)

    assert questions(here) == []
    assert "follow_up.ended" in here.kinds()
    with here.archive.reading() as view:
        assert audit(view).findings == ()


@pytest.mark.parametrize(
    ("given", "error", "match"),
    [
        ({"until": date(2026, 11, 16)}, Unacceptable, "晚于"),
        ({"until": date(2026, 11, 18)}, Unacceptable, "不用安排"),
        ({"contact": " "}, NoticeRefused, "联系人"),
        ({"contact": "不回电后果自负"}, NoticeRefused, "后果自负"),
    ],
)
def test_a_follow_up_that_makes_no_sense_is_refused(here: World, given: dict, error: type, match: str):
    with pytest.raises(error, match=match):
        start(here, **given)


def test_a_case_is_followed_once_and_only_while_it_is_open(here: World):
    start(here)
    with pytest.raises(Unacceptable, match="已经在随访"):
        start(here)
    with here.archive.writing() as book:
        follow_up.stop(book, here.case_id, "先停", here.user)
        close_case(book, "GS-2026-0017", "已返岗", here.desk.rules, here.user)
    with pytest.raises(Unacceptable, match="已结案"):
        start(here)
    with pytest.raises(Unacceptable, match="没有在随访"), here.archive.writing() as book:
        follow_up.stop(book, here.case_id, "再停", here.user)
