"""The ladder of a reminder, from the first message to its end, on both databases."""

import pytest

from casework.messages import Meaning
from handlers.confirm import confirm_reply, resume
from handlers.people import Unacceptable
from handlers.tasks import Outcome, record_outcome
from storage.audit import audit
from tests.engine.world import World


def done(here: World, kind: str, word: str, **more: str) -> None:
    task = next(one for one in here.open_tasks() if one.kind == kind)
    with here.archive.writing() as book:
        record_outcome(book, task.id, Outcome(word, **more), here.desk.rules, here.user)


def test_the_story_of_the_founding_article_is_told_to_its_end(here: World):
    notice = here.remind()
    here.work()
    here.clock.pass_time(hours=24, minutes=1)
    here.work()
    here.hear("sms_twilio", key="d1", outcome="rejected_temp", id="sms_twilio-1")
    here.work()
    here.clock.pass_time(days=2)
    here.work()
    done(here, "call_contact", "reached", note="已转告")
    here.clock.pass_time(days=1)
    here.work()
    done(here, "paper", "posted", waybill="EB100000017CN")
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="医生说还要养半个月")
    here.work()

    assert here.plan_state(notice) == "paused"
    assert [one.kind for one in here.open_tasks()] == ["confirm_reply", "paper_result"] or [
        one.kind for one in here.open_tasks()
    ] == ["paper_result", "confirm_reply"]

    reply = next(one for one in here.open_tasks() if one.kind == "confirm_reply").about
    with here.archive.writing() as book:
        confirm_reply(book, reply, Meaning.EXTENSION, "同意顺延", here.desk.rules, here.user)

    assert here.plan_state(notice) == "ended"
    assert here.open_tasks() == []
    assert [step[:2] for step in here.steps(notice)] == [
        ("send", "wechat_oa"),
        ("send", "sms_twilio"),
        ("call_contact", None),
        ("paper", None),
        ("hr_check", None),
    ]
    kinds = here.kinds()
    for kind in (
        "case.opened", "notice.composed", "plan.started", "attempt.started", "attempt.accepted",
        "receipt.received", "task.opened", "task.done", "reply.received", "plan.paused", "reply.confirmed",
        "plan.ended",
    ):  # fmt: skip
        assert kind in kinds
    with here.archive.reading() as view:
        assert audit(view).findings == ()


def test_nothing_is_sent_before_it_is_due_and_nothing_twice(here: World):
    here.remind()
    here.work()
    here.work()
    here.clock.pass_time(hours=23)
    here.work()

    assert len(here.channels["wechat_oa"].taken) == 1
    assert here.channels["sms_twilio"].taken == []


def test_a_reminder_composed_at_night_waits_for_the_morning(here: World):
    here.clock.pass_time(hours=13)  # 22:00 in Beijing
    here.remind()
    here.work()
    assert here.channels["wechat_oa"].taken == []

    here.clock.pass_time(hours=10, minutes=1)  # 8:01
    here.work()
    assert len(here.channels["wechat_oa"].taken) == 1


def test_any_reply_pauses_in_the_same_transaction_in_which_it_is_understood(here: World):
    notice = here.remind()
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="？")
    here.work()
    here.clock.pass_time(days=5)
    here.work()

    assert here.plan_state(notice) == "paused"
    assert here.channels["sms_twilio"].taken == []
    assert [one.kind for one in here.open_tasks()] == ["confirm_reply"]


def test_an_automatic_answer_pauses_nothing(here: World):
    notice = here.remind()
    here.work()
    here.hear(
        "wechat_oa",
        key="m1",
        **{"from": "wechat_oa-zhangwei"},
        text="【自动回复】您好，我现在有事不在，稍后与您联系。",
    )
    here.work()

    assert here.plan_state(notice) == "running"
    assert "reply.received" in here.kinds()


def test_a_bare_received_ends_the_ladder_of_the_only_running_notice(here: World):
    notice = here.remind()
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="收到")
    here.work()

    assert here.plan_state(notice) == "ended"


def test_a_bare_received_ends_nothing_while_two_notices_wait(here: World):
    first, second = here.remind(), here.remind("plain")
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="收到")
    here.work()

    assert {here.plan_state(first), here.plan_state(second)} == {"paused"}


def test_a_paused_ladder_goes_on_only_with_a_reason_and_counts_silence_anew(here: World):
    notice = here.remind()
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="在吗")
    here.work()
    with here.archive.reading() as view:
        from storage import ladders

        plan = ladders.plan_of_notice(view.connection, notice)
    with pytest.raises(Unacceptable), here.archive.writing() as book:
        resume(book, plan.id, " ", here.desk.rules, here.user)
    with here.archive.writing() as book:
        resume(book, plan.id, "员工没有回答问题", here.desk.rules, here.user)
    here.work()

    assert here.plan_state(notice) == "running"
    assert here.channels["sms_twilio"].taken == []
    assert "plan.resumed" in here.kinds()


def test_an_unsubscribed_employee_is_reached_on_the_next_channel(here: World):
    here.remind()
    here.work()
    here.hear("sms_twilio", key="s1", **{"from": "+85255500017"}, text="TD")
    here.work()

    with here.archive.reading() as view:
        from storage import people

        points = people.contact_points(view.connection, here.employee_id)
    assert {one.channel: one.state for one in points} == {"wechat_oa": "active", "sms_twilio": "suppressed"}


def test_a_task_is_recorded_once_and_only_with_a_word_of_its_kind(here: World):
    here.remind()
    here.work()
    here.clock.pass_time(days=1, minutes=1)
    here.work()
    here.clock.pass_time(days=2)
    here.work()
    task = here.open_tasks()[0]
    with pytest.raises(Unacceptable, match="只能是"), here.archive.writing() as book:
        record_outcome(book, task.id, Outcome("posted"), here.desk.rules, here.user)
    with here.archive.writing() as book:
        record_outcome(book, task.id, Outcome("no_answer"), here.desk.rules, here.user)
    with pytest.raises(Unacceptable, match="已经有人登记"), here.archive.writing() as book:
        record_outcome(book, task.id, Outcome("reached"), here.desk.rules, here.user)


def test_a_call_opened_in_the_morning_is_due_when_the_working_day_ends(here: World):
    here.remind()
    here.work()
    here.clock.pass_time(days=1, minutes=1)
    here.work()
    here.clock.pass_time(days=2)
    here.work()

    assert here.open_tasks()[0].due_at.isoformat() == "2026-11-19T12:00:00+00:00"  # 20:00 in Beijing


def test_a_received_written_before_anything_was_sent_acknowledges_nothing(here: World):
    here.clock.pass_time(hours=13)  # 22:00 in Beijing: the first message waits for the morning
    notice = here.remind()
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="收到")
    here.work()

    assert here.channels["wechat_oa"].taken == []
    assert here.plan_state(notice) == "paused"
    assert [one.kind for one in here.open_tasks()] == ["confirm_reply"]


def test_a_received_on_another_channel_than_the_notice_went_acknowledges_nothing(here: World):
    notice = here.remind()
    here.work()
    here.hear("sms_twilio", key="m1", **{"from": "+85255500017"}, text="收到")
    here.work()

    assert here.plan_state(notice) == "paused"


def second_case(here: World) -> str:
    """Open another, newer case of the same employee."""
    from handlers.open_case import CaseData, open_case

    with here.archive.writing() as book:
        return open_case(book, CaseData("GS-2026-0018", "E017", here.clock.now()), here.user)


def confirm(here: World, meaning: Meaning) -> str:
    """Confirm the oldest open question about a reply; return the reply's id."""
    reply = next(one for one in here.open_tasks() if one.kind == "confirm_reply").about
    with here.archive.writing() as book:
        confirm_reply(book, reply, meaning, "", here.desk.rules, here.user)
    return reply


def test_a_reply_pauses_every_ladder_of_the_employee_whatever_the_case(here: World):
    notice = here.remind()
    here.work()
    second_case(here)
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="我不同意，手还没好")
    here.work()
    here.clock.pass_time(days=5)
    here.work()

    assert here.plan_state(notice) == "paused"
    assert here.channels["sms_twilio"].taken == []


def test_a_bare_received_ends_nothing_while_another_case_waits_too(here: World):
    first = here.remind()
    here.case_id = second_case(here)
    second = here.remind("plain")
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="收到")
    here.work()

    assert {here.plan_state(first), here.plan_state(second)} == {"paused"}


def test_a_received_that_came_before_the_notice_left_does_not_acknowledge_it(here: World):
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="收到")
    here.clock.pass_time(minutes=30)
    notice = here.remind()
    from scheduler.sweeps import send_due

    send_due(here.worker)
    here.work()

    assert here.plan_state(notice) != "ended"


def test_a_second_reply_while_paused_belongs_to_the_notice_and_can_end_it(here: World):
    notice = here.remind()
    here.work()
    for key, text in (("m1", "在吗"), ("m2", "好，我后天来")):
        here.hear("wechat_oa", key=key, **{"from": "wechat_oa-zhangwei"}, text=text)
        here.work()
    confirm(here, Meaning.UNCLEAR)
    assert here.plan_state(notice) == "paused"
    confirm(here, Meaning.AGREED)

    assert here.plan_state(notice) == "ended"


def test_nothing_goes_on_while_another_reply_has_not_been_looked_at(here: World):
    notice = here.remind()
    here.work()
    for key, text in (("m1", "您好，我正在开会"), ("m2", "我不想活了")):
        here.hear("wechat_oa", key=key, **{"from": "wechat_oa-zhangwei"}, text=text)
        here.work()
    confirm(here, Meaning.AUTOMATIC)

    assert here.plan_state(notice) == "paused"


def test_a_corrected_acknowledgement_pauses_the_ladder_again_and_asks_hr(here: World):
    notice = here.remind()
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="这事再说吧")
    here.work()
    reply = confirm(here, Meaning.AGREED)
    assert here.plan_state(notice) == "ended"
    with here.archive.writing() as book:
        confirm_reply(book, reply, Meaning.UNCLEAR, "看错了", here.desk.rules, here.user)

    assert here.plan_state(notice) == "paused"
    assert [one.kind for one in here.open_tasks()] == ["hr_check"]
    assert "reply.corrected" in here.kinds()
    with here.archive.reading() as view:
        assert audit(view).findings == ()


def test_a_call_that_was_made_is_recorded_although_a_reply_has_withdrawn_its_task(here: World):
    notice = here.remind()
    here.work()
    here.clock.pass_time(days=1, minutes=1)
    here.work()
    here.clock.pass_time(days=2)
    here.work()
    task = here.open_tasks()[0]
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="？")
    here.work()
    with here.archive.writing() as book:
        record_outcome(book, task.id, Outcome("reached", note="已转告"), here.desk.rules, here.user)

    assert here.plan_state(notice) == "paused"
    assert here.kinds().count("task.done") == 1


def test_an_opened_page_turns_the_call_from_the_relative_to_the_employee(here: World):
    notice = here.remind()
    here.work()
    here.clock.pass_time(days=1, minutes=1)
    here.work()
    here.clock.pass_time(days=2)
    here.work()
    assert [one.kind for one in here.open_tasks()] == ["call_contact"]

    from handlers.page import Proof, display
    from storage import deliveries, page_tokens

    with here.archive.writing() as book:
        delivery = deliveries.deliveries_of_notice(book.connection, notice)[0]
        token = page_tokens.token_of(book.connection, delivery.id).token
        display(book, token, "visit", Proof.ACCOUNT, here.desk.rules)
    here.work()

    assert [one.kind for one in here.open_tasks()] == ["call_employee"]


def test_a_given_up_number_does_not_bring_back_the_one_before_it(here: World):
    from handlers.people import Address, save_address

    new = "+85255500099"
    with here.archive.writing() as book:
        save_address(book, here.employee_id, Address("sms_twilio", "main", new), "换号", here.user)
    here.hear("sms_twilio", key="s1", **{"from": new}, text="TD")
    here.work()
    notice = here.remind()
    here.work()
    here.clock.pass_time(days=1, minutes=1)
    here.work()

    assert here.channels["sms_twilio"].taken == []
    assert ("send", "sms_twilio", "done") not in here.steps(notice)
