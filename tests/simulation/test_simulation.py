"""What the simulator shows of a ladder: exact times, reasons, deadlines, and rungs that nobody reaches."""

from datetime import UTC, datetime, timedelta

import pytest

from casework.assumptions import AssumptionRefused, Assumptions, Fate, read_fates
from casework.ladder_form import load_policy, policy_names
from casework.simulation import simulate
from casework.workdays import BEIJING, load_calendar

CALENDAR = load_calendar()
BOTH = ("wechat_oa", "sms_twilio")
SPRING = "国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）第二条"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def made(start, policy="return_reminder", channels=BOTH, **assumed):
    written = assumed.pop("assume", ())
    assumed = Assumptions(channels, fates=read_fates(written), **assumed)
    return simulate(load_policy(policy), CALENDAR, at(start), assumed)


def times(simulation):
    return [f"{step.rung.name} {step.act.begun_at:%m-%d %H:%M}" for step in simulation.steps]


def unreached(simulation):
    return {one.rung.name: one.why for one in simulation.unreached}


def test_before_the_spring_festival_a_make_up_saturday_counts_and_the_holidays_do_not():
    found = made("2026-02-11 09:00")

    assert times(found) == [
        "first 02-11 09:00", "second 02-12 09:00", "call 02-14 09:00", "call 02-24 09:00",
        "paper 02-25 09:00", "counsel 03-09 09:00",
    ]  # fmt: skip
    on_saturday, after_the_festival = found.steps[2:4]
    assert on_saturday.grounds == (f"2026-02-14（周六）调休上班，算工作日：{SPRING}",)
    assert after_the_festival.grounds == (
        f"2026-02-15（周日）至 2026-02-23（周一）春节放假，不算工作日：{SPRING}",
    )


def test_a_step_that_would_fall_into_the_holidays_says_what_moved_it():
    (call, *_) = [step for step in made("2026-02-12 09:00").steps if step.rung.name == "call"]

    assert call.act.begun_at == at("2026-02-24 09:00")
    assert "原定 2026-02-15 09:00（春节）不在“工作日 09:00–20:00”内" in call.act.planned.why
    assert "日历 2026.1" in call.act.planned.why
    assert [one[:10] for one in call.grounds] == ["2026-02-14", "2026-02-15"]


def test_a_year_without_its_notice_works_and_is_called_provisional():
    found = made("2027-02-04 09:00")

    assert [step.provisional for step in found.steps] == [False, False, True, True, True, True]
    assert found.provisional
    assert "2027 年的放假安排还没有公布，先按周末和法定节假日推算，公布后重算" in found.steps[2].grounds
    assert not made("2026-11-16 09:00").provisional


@pytest.mark.parametrize("start", ["2028-02-28 21:30", "2035-12-31 23:59:59.999"])
@pytest.mark.parametrize("policy", policy_names())
def test_every_ladder_can_be_foreseen_in_years_that_nobody_has_announced(start, policy):
    found = made(start, policy)

    assert found.steps and found.steps[0].act.begun_at >= at(start)


def test_the_only_channel_is_used_again_and_without_any_hr_is_asked_first():
    alone = made("2026-11-16 09:00", channels=("sms_twilio",))
    assert [step.act.planned.channel for step in alone.steps][:2] == ["sms_twilio", "sms_twilio"]
    nobody = made("2026-11-16 09:00", channels=())
    assert nobody.steps[0].act.planned.action == "hr_check"
    assert unreached(nobody)["second"] == "没有可用的渠道"


def test_a_rung_without_a_channel_is_named_with_its_reason():
    found = made("2026-11-16 09:00", channels=("sms_twilio",), assume=["first=rejected_perm"])

    assert unreached(found) == {"second": "没有可用的渠道"}


def test_without_an_emergency_contact_the_employee_is_rung_and_the_step_says_why():
    (call, *_) = [
        step for step in made("2026-11-16 09:00", has_contact=False).steps if step.rung.name == "call"
    ]

    assert call.act.planned.action == "call_employee"
    assert "没有登记紧急联系人" in call.act.planned.why


def test_a_visit_is_only_for_a_paper_that_came_back():
    assert unreached(made("2026-11-16 09:00", "return_notice")) == {
        "visit": "只有纸质通知被退回或拒收才走这一步"
    }
    back = made("2026-11-16 09:00", "return_notice", assume=["paper=refused+2d"])
    assert "visit 11-23 09:00" in times(back)  # refused on the 18th in the evening, three working days later


@pytest.mark.parametrize(
    ("assume", "steps", "ended"),
    [
        ("first=read", ["first"], "员工已明确确认"),
        ("first=read+36h", ["first", "second"], "员工已明确确认"),
        ("second=replied", ["first", "second"], "员工已有回复"),
    ],
)
def test_an_answer_stops_the_ladder_and_the_rest_is_never_reached(assume, steps, ended):
    found = made("2026-11-16 09:00", assume=[assume])

    assert [step.rung.name for step in found.steps] == steps
    assert found.ended.startswith(ended)
    assert f"{found.ended_at:%Y-%m-%d %H:%M} 阶梯已经停下" in unreached(found)["counsel"]


def test_an_opened_page_turns_an_open_call_from_the_relative_to_the_employee():
    found = made("2026-11-16 09:00", assume=["second=displayed+49h"], task_takes=timedelta(hours=8))
    calls = [step.act for step in found.steps if step.rung.name == "call"]

    assert [(one.planned.action, one.withdrawn) for one in calls[:2]] == [
        ("call_contact", True), ("call_employee", False),
    ]  # fmt: skip
    assert calls[0].ended_at == calls[1].begun_at == at("2026-11-19 10:00")


def test_a_failed_message_is_followed_at_once_by_the_next_channel():
    found = made("2026-11-16 09:00", assume=["first=rejected_perm+1h"])

    assert times(found)[:2] == ["first 11-16 09:00", "second 11-16 10:00"]


def test_a_rung_shows_the_deadline_that_it_serves_and_how_much_is_left():
    found = made("2026-11-16 09:00", "documents", accident_at=at("2026-11-02 14:20"))

    served = found.steps[0].serves
    assert (served.title, served.due) == ("用人单位申请工伤认定", at("2026-12-02 23:59:59"))
    assert served.left == timedelta(days=16, hours=14, minutes=59, seconds=59)
    unknown = made("2026-11-16 09:00", "documents").steps[0].serves
    assert unknown.law == "《工伤保险条例》第十七条第一款" and unknown.due is None


def test_costs_are_added_up_as_far_as_the_ladder_names_them():
    assert made("2026-11-16 09:00", "return_notice").cost_fen == 2000


def test_tasks_take_as_long_as_is_assumed():
    at_once = made("2026-11-16 09:00", task_takes=timedelta(0))
    by_evening = made("2026-11-16 09:00")

    assert at_once.steps[2].act.ended_at == at("2026-11-19 09:00")
    assert by_evening.steps[2].act.ended_at == at("2026-11-19 20:00")


def test_the_start_may_come_in_any_zone_and_never_without_one():
    utc = datetime(2026, 11, 16, 1, tzinfo=UTC)
    policy, nobody = load_policy("notice"), Assumptions(BOTH)

    assert simulate(policy, CALENDAR, utc, nobody).steps == made("2026-11-16 09:00", "notice").steps
    with pytest.raises(ValueError, match="时区"):
        simulate(policy, CALENDAR, utc.replace(tzinfo=None), nobody)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("third=read", "没有步骤 third"),
        ("first=signed", "first 的结果只能是"),
        ("paper=met", "paper 的结果只能是"),
        ("first", "假设写成"),
        ("first=read+2w", "假设写成"),
    ],
)
def test_an_assumption_that_cannot_come_true_is_refused(written, said):
    with pytest.raises(AssumptionRefused, match=said):
        made("2026-11-16 09:00", assume=[written])


def test_assumptions_are_read_in_order():
    assert read_fates(["call=no_answer", "call=reached+2h", "paper=signed+5d"]) == {
        "call": (Fate("no_answer"), Fate("reached", timedelta(hours=2))),
        "paper": (Fate("signed", timedelta(days=5)),),
    }
