"""返岗通知书 by the real engine: the post beside the messages, a visit by two, other systems told."""

from copy import deepcopy
from dataclasses import replace

import pytest

from casework.escalation import load_policy, policy_body
from handlers.people import Unacceptable
from handlers.policies import choose, save_policy
from handlers.tasks import Outcome, record_outcome
from handlers.visits import Visit
from storage.audit import audit
from storage.timeline import lines_of
from tests.engine.world import World


def done(here: World, kind: str, word: str, **more: object) -> None:
    task = next(one for one in here.open_tasks() if one.kind == kind)
    with here.archive.writing() as book:
        record_outcome(book, task.id, Outcome(word, **more), here.desk.rules, here.user)
    here.work()


def days(here: World, days: float) -> None:
    here.clock.pass_time(days=days)
    here.work()


def visit(here: World, **changed: object) -> Visit:
    told = Visit("李娜", "王强", no_supervisor=True, at=here.clock.now(), left="通知书一份，当面交给本人")
    return replace(told, **changed)


def visiting(here: World) -> str:
    """A notice whose paper came back three working days ago."""
    notice = here.remind("return_notice")
    here.work()
    done(here, "paper", "posted", waybill="EB100000017CN")
    days(here, 1.1)
    done(here, "paper_result", "returned")
    days(here, 3)
    done(here, "call_employee", "reached")
    days(here, 2)
    return notice


def test_the_message_the_post_and_the_second_message_do_not_wait_for_each_other(here: World):
    notice = here.remind("return_notice")
    here.work()

    assert len(here.channels["wechat_oa"].taken) == 1
    assert [task.kind for task in here.open_tasks()] == ["paper"]
    days(here, 1.1)
    assert len(here.channels["sms_twilio"].taken) == 1  # nobody has been to the post office yet
    days(here, 2)
    assert {task.kind for task in here.open_tasks()} == {"paper", "call_employee"}
    assert [step[:2] for step in here.steps(notice)] == [
        ("paper", None),
        ("send", "wechat_oa"),
        ("send", "sms_twilio"),
        ("call_employee", None),
    ]


def test_a_ladder_waits_for_the_post_and_ends_only_with_counsel(here: World):
    notice = here.remind("return_notice")
    here.work()
    days(here, 1.1)
    days(here, 2)
    done(here, "call_employee", "reached")
    days(here, 10)
    assert (here.plan_state(notice), [task.kind for task in here.open_tasks()]) == ("running", ["paper"])

    done(here, "paper", "posted", waybill="EB100000017CN")
    done(here, "paper_result", "signed")
    days(here, 8)
    assert [task.kind for task in here.open_tasks()] == ["counsel"]
    done(here, "counsel", "done")
    assert here.plan_state(notice) == "ended"


def test_a_reply_withdraws_the_post_that_nobody_has_made_yet(here: World):
    notice = here.remind("return_notice")
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="手还肿着，医生让再休一周")
    here.work()

    assert here.plan_state(notice) == "paused"
    assert [task.kind for task in here.open_tasks()] == ["confirm_reply"]


def test_a_paper_that_came_back_brings_a_visit_by_two(here: World):
    notice = visiting(here)
    assert [task.kind for task in here.open_tasks()] == ["visit"]
    done(here, "visit", "met", visit=visit(here), attachment=b"photo", attachment_type="image/jpeg")

    with here.archive.reading() as view:
        told = [line.told for line in lines_of(view, here.case_id) if line.kind == "task.done"][-1]
        assert audit(view).findings == ()
    assert told["visit"]["people"] == ["李娜", "王强"]
    assert told["visit"]["left"] == "通知书一份，当面交给本人"
    assert told["visit"]["no_supervisor"] is True
    assert here.steps(notice)[-1] == ("counsel", None, "planned")


def test_a_visit_is_not_recorded_by_halves(here: World):
    visiting(here)
    later = here.clock.now().replace(year=2030)
    for changed, match in (
        ({"second": " "}, "两个人"),
        ({"second": "李 娜"}, "两个不同的人"),
        ({"no_supervisor": False}, "直接主管"),
        ({"at": None}, "时间"),
        ({"at": later}, "还没有到"),
        ({"left": ""}, "留下了什么"),
    ):
        with pytest.raises(Unacceptable, match=match):
            done(here, "visit", "met", visit=visit(here, **changed))
    with pytest.raises(Unacceptable, match="哪两个人"):
        done(here, "visit", "absent")


def test_a_system_rung_is_over_at_once_and_leaves_its_record(here: World):
    body = deepcopy(policy_body(load_policy("notice")))
    tell = {"name": "crm", "title": "通知人事系统", "action": "system", "hook": "hr.reminded", "hours": 1,
            "anchor": "start", "rule": "一小时后记一笔，人事系统从时间线读取"}  # fmt: skip
    body["rungs"].insert(1, tell)
    with here.archive.writing() as book:
        version = save_policy(book, body, here.user)
        choose(book, "notice", version, here.desk.rules, here.user)
    notice = here.remind("plain")
    here.work()
    here.clock.pass_time(hours=2)
    here.work()

    assert here.steps(notice)[1:] == [("system", None, "done"), ("send", "sms_twilio", "planned")]
    assert here.open_tasks() == []
    with here.archive.reading() as view:
        told = [line.told for line in lines_of(view, here.case_id) if line.kind == "step.done"][-1]
    assert told["hook"] == "hr.reminded"
