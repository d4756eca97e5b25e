"""What a ladder does when nobody answers, when something fails, and when somebody does answer."""

from dataclasses import replace
from datetime import UTC, timedelta

import pytest

from casework.escalation import Pause, Rest, load_policy, next_step
from casework.messages import Outcome, Standing
from tests.casework.journeys import (
    CALL,
    COUNSEL,
    FIRST,
    PAPER,
    REMINDER,
    SECOND,
    after,
    at,
    done,
    planned,
    played,
    story_of,
)  # fmt: skip

START = at("2026-11-19 10:00")  # a Thursday
DELIVERED = Standing(best=Outcome.DELIVERED)
FAILED = Standing(best=Outcome.ACCEPTED, worst=Outcome.REJECTED_PERM)


def silence(step):
    """Messages arrive, nobody picks up, the paper is signed for after three days, nobody says a word."""
    if step.action == "paper":
        return done(step, standing=DELIVERED, settled_at=step.due_at + timedelta(days=3))
    outcome = "no_answer" if step.action.startswith("call") else None
    return done(step, standing=DELIVERED if step.action == "send" else None, outcome=outcome)


@pytest.mark.parametrize(
    ("start", "instants"),
    [
        (  # over a weekend
            "2026-11-19 10:00",
            [
                "2026-11-19 10:00", "2026-11-20 10:00", "2026-11-23 09:00",
                "2026-11-24 09:00", "2026-11-25 09:00", "2026-12-07 09:00",
            ],
        ),
        (  # over National Day 2026: messages go out, people rest, a make-up Saturday works
            "2026-09-30 17:40",
            [
                "2026-09-30 17:40", "2026-10-01 17:40", "2026-10-08 09:00",
                "2026-10-09 09:00", "2026-10-10 09:00", "2026-10-20 09:00",
            ],
        ),
        (  # started at night
            "2026-11-16 22:30",
            [
                "2026-11-17 08:00", "2026-11-18 08:00", "2026-11-20 09:00",
                "2026-11-23 09:00", "2026-11-24 09:00", "2026-12-04 09:00",
            ],
        ),
        (  # into a year whose holidays are not published yet
            "2026-12-29 10:00",
            [
                "2026-12-29 10:00", "2026-12-30 10:00", "2027-01-04 09:00",
                "2027-01-05 09:00", "2027-01-06 09:00", "2027-01-18 09:00",
            ],
        ),
    ],
    ids=["weekend", "National Day", "night", "provisional year"],
)  # fmt: skip
def test_a_silent_employee_is_reminded_twice_rung_twice_written_to_and_handed_to_counsel(start, instants):
    steps, story = played(story_of(at(start)), silence)

    assert [step.due_at for step in steps] == [at(instant) for instant in instants]
    assert [(step.rung, step.action, step.channel) for step in steps] == [
        (FIRST, "send", "wechat_oa/main"),
        (SECOND, "send", "sms_twilio/hk"),
        (CALL, "call_contact", None),
        (CALL, "call_contact", None),
        (PAPER, "paper", None),
        (COUNSEL, "counsel", None),
    ]
    assert next_step(story, at("2027-06-01 10:00")) == Rest("阶梯已走完，由人事决定下一步")


def test_the_plain_ladder_ends_with_the_telephone():
    steps, _ = played(story_of(START, policy=load_policy("notice")), silence)

    assert [step.action for step in steps] == ["send", "send", "call_contact", "call_contact"]


def test_times_come_back_in_the_zone_of_the_question():
    story = after(story_of(START), done(planned(story_of(START), START), standing=DELIVERED))

    step = planned(story, START.astimezone(UTC))

    assert step.due_at == START + timedelta(hours=24)
    assert step.due_at.tzinfo is UTC


def test_a_held_step_says_which_rule_and_calendar_held_it():
    steps, _ = played(story_of(at("2026-09-30 17:40")), silence)

    assert "国庆节" not in steps[SECOND].why
    assert "超过 3 天" in steps[CALL].why
    assert "（日历 2026.1）" in steps[CALL].why


# --- who is rung up -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("displayed", "has_contact", "action"),
    [
        (False, True, "call_contact"),
        (True, True, "call_employee"),
        (False, False, "call_employee"),
    ],
    ids=["never opened", "opened", "no contact on file"],
)
def test_the_employee_is_rung_if_the_notice_was_opened_otherwise_the_emergency_contact(
    displayed, has_contact, action
):
    story = reminded(displayed=displayed, has_contact=has_contact)

    assert planned(story, START + timedelta(days=3)).action == action


def test_opening_the_page_never_stops_a_ladder():
    opened = story_of(START, displayed=True)

    assert [step.rung for step in played(opened, silence)[0]] == [FIRST, SECOND, CALL, CALL, PAPER, COUNSEL]


def test_a_call_that_was_taken_is_not_repeated():
    story = reminded()
    call = planned(story, START + timedelta(days=3))
    story = after(story, done(call, outcome="reached"))

    paper = planned(story, call.due_at)

    assert (paper.action, paper.due_at) == ("paper", at("2026-11-24 09:00"))


def test_a_call_counts_from_its_day_in_beijing():
    story = reminded()
    call = planned(story, START + timedelta(days=3))
    early = at("2026-11-24 07:30").astimezone(UTC)  # still the 23rd in Greenwich
    story = after(story, done(call, at=early, outcome="reached"))

    assert planned(story, early).due_at == at("2026-11-25 09:00")


# --- messages that fail -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reported_at", "due"),
    [("2026-11-19 10:10", "2026-11-19 10:10"), ("2026-11-19 21:00", "2026-11-20 08:00")],
    ids=["by day", "by night"],
)
def test_a_message_that_failed_sends_the_next_channel_at_once_within_hours(reported_at, due):
    story = story_of(START)
    story = after(story, done(planned(story, START), standing=FAILED))

    step = planned(story, at(reported_at))

    assert (step.rung, step.channel, step.due_at) == (SECOND, "sms_twilio/hk", at(due))
    assert "没有送达" in step.why


def test_a_message_reported_both_lost_and_delivered_counts_as_delivered():
    story = story_of(START)
    both = Standing(best=Outcome.DELIVERED, worst=Outcome.REJECTED_PERM)
    story = after(story, done(planned(story, START), standing=both))

    assert planned(story, START).due_at == START + timedelta(hours=24)


@pytest.mark.parametrize(
    "standing", [None, Standing(), Standing(worst=Outcome.UNKNOWN), Standing(worst=Outcome.REJECTED_TEMP)]
)
def test_what_we_do_not_know_is_not_taken_for_a_failure(standing):
    story = story_of(START)
    story = after(story, done(planned(story, START), standing=standing))

    assert planned(story, START).due_at == START + timedelta(hours=24)


def test_when_the_last_channel_failed_the_ladder_waits_for_the_telephone():
    story = story_of(START)
    story = after(story, done(planned(story, START), standing=DELIVERED))
    second = planned(story, START)
    story = after(story, done(second, standing=FAILED))

    call = planned(story, second.due_at)

    assert (call.rung, call.action, call.due_at) == (CALL, "call_contact", at("2026-11-23 09:00"))


def test_when_the_only_channel_failed_the_second_reminder_is_skipped_and_named():
    story = story_of(START, channels=("sms_twilio/hk",))
    story = after(story, done(planned(story, START), standing=FAILED))

    step = planned(story, START)

    assert (step.rung, step.skipped, step.lapsed) == (CALL, (SECOND,), ())


def test_with_one_channel_that_works_the_second_reminder_goes_there_again():
    story = story_of(START, channels=("sms_twilio/hk",))
    story = after(story, done(planned(story, START), standing=DELIVERED))

    step = planned(story, START)

    assert (step.rung, step.channel, step.due_at) == (SECOND, "sms_twilio/hk", START + timedelta(hours=24))


def test_a_channel_that_the_employee_gave_up_is_not_used_again():
    story = story_of(START, channels=("sms_twilio/hk",))
    story = after(story, done(planned(story, START), standing=DELIVERED))

    assert planned(replace(story, channels=()), START).rung == CALL


# --- nobody can be written to -------------------------------------------------------------------------


def test_without_any_channel_hr_is_asked_at_once():
    step = planned(story_of(START, channels=()), START)

    assert (step.rung, step.action, step.channel, step.due_at) == (FIRST, "hr_check", None, START)


def test_hr_is_asked_once_and_the_notice_goes_out_when_a_channel_was_found():
    story = story_of(START, channels=())
    asked = after(story, done(planned(story, START)))

    assert planned(asked, START).rung == CALL
    found = planned(replace(asked, channels=("sms_twilio/hk",)), START + timedelta(hours=2))
    assert (found.rung, found.action, found.due_at) == (FIRST, "send", START + timedelta(hours=2))


def test_a_channel_found_after_the_first_call_still_carries_the_message_that_never_left():
    story = story_of(START, channels=())
    story = after(story, done(planned(story, START)))
    call = planned(story, START)
    story = after(story, done(call, outcome="no_answer"))

    step = planned(replace(story, channels=("sms_twilio/hk",)), call.due_at)

    assert (step.rung, step.channel, step.due_at) == (SECOND, "sms_twilio/hk", call.due_at)


def test_a_channel_found_after_the_first_call_does_not_bring_back_a_reminder():
    story = story_of(START, channels=("sms_twilio/hk",))
    given_up = replace(after(story, done(planned(story, START), standing=DELIVERED)), channels=())
    called = after(given_up, done(planned(given_up, START), outcome="no_answer"))

    assert planned(replace(called, channels=("wechat_oa/main",)), at("2026-11-23 09:00")).rung == CALL


# --- paper --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "told",
    [{"standing": Standing(worst=Outcome.LOCKER)}, {"outcome": "locker"}],
    ids=["by the courier", "by HR"],
)
def test_a_parcel_in_a_locker_is_not_served_and_opens_a_phone_task(told):
    story, paper = posted(**told)

    step = planned(story, paper.due_at)

    assert (step.rung, step.action) == (PAPER, "call_employee")
    assert "不算送达" in step.why


def test_after_the_phone_task_an_unclaimed_parcel_is_looked_into_and_then_goes_to_counsel():
    story, paper = posted(outcome="locker")
    call = planned(story, paper.due_at)
    story = after(story, done(call, at=at("2026-11-27 16:00"), outcome="reached"))

    check = planned(story, call.due_at)
    assert (check.action, check.due_at) == ("hr_check", at("2026-12-04 16:00"))
    counsel = planned(after(story, done(check)), check.due_at)
    assert (counsel.action, counsel.due_at) == ("counsel", at("2026-12-11 16:00"))


def test_a_parcel_taken_out_of_the_locker_and_signed_for_is_served():
    story, paper = posted(standing=Standing(best=Outcome.DELIVERED, worst=Outcome.LOCKER))

    assert planned(story, paper.due_at).action == "counsel"


@pytest.mark.parametrize("outcome", ["returned", "refused"])
def test_a_paper_that_came_back_or_was_refused_is_looked_into_by_a_person(outcome):
    story, paper = posted(outcome=outcome)

    check = planned(story, paper.due_at)
    assert (check.rung, check.action, check.due_at) == (PAPER, "hr_check", paper.due_at)
    assert planned(after(story, done(check)), check.due_at).action == "counsel"


def test_a_paper_without_news_is_not_forgotten():
    story, paper = posted(outcome="posted")

    step = planned(story, paper.due_at)

    assert (step.action, step.due_at) == ("hr_check", at("2026-12-02 09:00"))


def test_counsel_counts_from_the_signature_and_not_from_the_posting():
    story, paper = posted(standing=DELIVERED, settled_at=at("2026-11-27 15:00"))

    assert planned(story, paper.due_at).due_at == at("2026-12-04 15:00")


# --- people answer ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ended", ["acknowledged", "closed"])
def test_an_acknowledgement_or_a_closed_case_ends_everything(ended):
    story = replace(reminded(), human_reply=True, **{ended: True})

    assert isinstance(next_step(story, START + timedelta(days=30)), Rest)


def test_a_person_s_reply_pauses_everything():
    assert isinstance(next_step(replace(reminded(), human_reply=True), START + timedelta(days=30)), Pause)


def test_after_a_reply_the_silence_is_counted_anew_from_when_hr_resumed():
    story = replace(reminded(), resumed_at=at("2026-11-30 11:00"))

    assert planned(story, at("2026-11-30 11:00")).due_at == at("2026-12-03 11:00")


# --- after a stand-still ------------------------------------------------------------------------------


def test_after_a_stand_still_only_the_latest_lawful_step_is_taken():
    story = story_of(START)
    story = after(story, done(planned(story, START), standing=DELIVERED))

    step = planned(story, at("2026-11-24 11:15"))

    assert (step.rung, step.lapsed, step.due_at) == (CALL, (SECOND,), at("2026-11-24 11:15"))
    assert "第 2 步已过时" in step.why


def test_nobody_is_rung_up_about_a_message_that_never_left():
    monday = at("2026-11-23 11:15")

    step = planned(story_of(START), monday)

    assert (step.rung, step.action, step.channel, step.lapsed) == (SECOND, "send", "wechat_oa/main", (FIRST,))
    late = after(story_of(START), done(step, standing=DELIVERED))
    assert planned(late, monday).due_at == monday + timedelta(hours=72)


def test_a_stand_still_that_ends_at_night_waits_for_the_morning():
    assert planned(story_of(START), at("2026-11-20 23:00")).due_at == at("2026-11-21 08:00")


def reminded(**known):
    """A story in which both reminders arrived and nothing was said."""
    story = story_of(START, **known)
    for _ in range(2):
        story = after(story, done(planned(story, START), standing=DELIVERED))
    return story


def posted(**told):
    """A story in which nobody picked up and the paper went out on 2026-11-25 at 09:00."""
    story = reminded()
    for _ in range(2):
        story = after(story, done(planned(story, START), outcome="no_answer"))
    paper = planned(story, START)
    assert (paper.action, paper.due_at) == ("paper", at("2026-11-25 09:00"))
    return after(story, done(paper, **told)), paper


def test_the_ladder_of_these_tests_is_the_one_that_ships():
    assert [rung.name for rung in REMINDER.rungs] == ["first", "second", "call", "paper", "counsel"]
