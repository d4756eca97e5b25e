"""返岗通知书: a message and the post on one day, two calls, a visit if the paper came back, counsel."""

from dataclasses import replace
from datetime import timedelta

import pytest

from casework.escalation import Pause, Rest, Wait, load_policy, next_step
from casework.messages import Outcome, Standing
from tests.casework.journeys import after, at, done, planned, played, story_of

FORMAL = load_policy("return_notice")
FIRST, PAPER, SECOND, CALL, VISIT, COUNSEL = range(6)
START = at("2026-11-19 10:00")  # a Thursday
DELIVERED = Standing(best=Outcome.DELIVERED)
DAYS = timedelta(days=1)


def silence(paper=DELIVERED, settled=3):
    """Messages arrive, nobody picks up; the paper meets this fate so many days after it was posted."""

    def answer(step):
        if step.action == "paper":
            return done(step, standing=paper, settled_at=step.due_at + settled * DAYS)
        outcome = "no_answer" if step.action.startswith("call") else None
        return done(step, standing=DELIVERED if step.action == "send" else None, outcome=outcome)

    return answer


def lived(*steps, standing=DELIVERED, **known):
    """A story in which these rungs were taken when they were due."""
    story = story_of(START, policy=FORMAL, **known)
    for rung, action, channel, moment, told in steps:
        step = replace(planned(story_of(START), START), rung=rung, action=action, channel=channel)
        story = after(story, done(step, at=at(moment), **told))
    return story


MESSAGES = (
    (FIRST, "send", "wechat_oa/main", "2026-11-19 10:00", {"standing": DELIVERED}),
    (SECOND, "send", "sms_twilio/hk", "2026-11-20 09:00", {"standing": DELIVERED}),
)
CALLS = tuple(
    (CALL, "call_employee", None, moment, {"outcome": "no_answer"})
    for moment in ("2026-11-23 09:00", "2026-11-24 09:00")
)


def posted(**told):
    return (PAPER, "paper", None, "2026-11-19 10:00", told)


def test_the_ladder_of_these_tests_is_the_one_of_the_design():
    assert [rung.action for rung in FORMAL.rungs] == ["send", "paper", "send", "call", "visit", "counsel"]
    assert FORMAL.rungs[PAPER].beside


def test_a_signed_paper_and_silence_lead_to_counsel_without_a_visit():
    steps, _ = played(story_of(START, policy=FORMAL), silence())

    assert [(step.rung, step.action, step.due_at) for step in steps] == [
        (PAPER, "paper", START),
        (FIRST, "send", START),
        (SECOND, "send", at("2026-11-20 09:00")),
        (CALL, "call_employee", at("2026-11-23 09:00")),
        (CALL, "call_employee", at("2026-11-24 09:00")),
        (COUNSEL, "counsel", at("2026-11-30 09:00")),  # a Sunday is seven days after the signature
    ]
    assert steps[-1].skipped == (VISIT,)


@pytest.mark.parametrize("fate", [Outcome.RETURNED, Outcome.REFUSED])
def test_a_paper_that_came_back_is_followed_by_a_visit_after_three_working_days(fate):
    steps, _ = played(story_of(START, policy=FORMAL), silence(Standing(worst=fate), settled=6))

    assert [(step.action, step.due_at) for step in steps][-2:] == [
        ("visit", at("2026-11-30 09:00")),  # back on Wednesday the 25th
        ("counsel", at("2026-12-07 09:00")),
    ]


def test_the_second_message_does_not_wait_until_hr_has_been_to_the_post_office():
    story = replace(lived(MESSAGES[0]), under_way=(PAPER,))

    step = planned(story, START)

    assert (step.rung, step.channel, step.due_at) == (SECOND, "sms_twilio/hk", at("2026-11-20 09:00"))


def test_without_any_channel_the_paper_goes_out_all_the_same():
    steps, _ = played(story_of(START, policy=FORMAL, channels=()), silence())

    assert [step.action for step in steps][:2] == ["paper", "hr_check"]


def test_counsel_waits_while_nobody_has_posted_the_paper_yet():
    story = replace(lived(*MESSAGES, *CALLS), under_way=(PAPER,))

    assert isinstance(next_step(story, at("2026-12-30 10:00")), Wait)


def test_a_paper_without_news_is_looked_into_after_a_week_and_then_counsel_goes_on():
    story = lived(posted(), *MESSAGES, *CALLS)

    check = planned(story, at("2026-11-24 10:00"))
    assert (check.rung, check.action, check.due_at) == (PAPER, "hr_check", at("2026-11-26 10:00"))

    checked = after(story, done(check))
    assert planned(checked, check.due_at).action == "counsel"


def test_a_parcel_in_a_locker_opens_a_call_while_the_messages_go_on():
    story = lived(posted(outcome="locker"), MESSAGES[0])

    assert planned(story, at("2026-11-19 17:00")).action == "call_employee"
    open_now = replace(story, under_way=(PAPER,))
    assert planned(open_now, at("2026-11-19 17:00")).rung == SECOND


def test_a_paper_that_comes_back_after_hr_looked_into_it_still_brings_the_visit():
    looked = (PAPER, "hr_check", None, "2026-11-26 10:00", {})
    story = lived(posted(outcome="returned", settled_at=at("2026-11-27 10:00")), *MESSAGES, *CALLS, looked)

    assert (planned(story, at("2026-11-27 10:00")).rung) == VISIT


def test_a_weekend_start_takes_the_paper_and_the_second_message_one_after_the_other():
    saturday = at("2026-11-21 10:00")
    steps, _ = played(story_of(saturday, policy=FORMAL), silence())

    assert [(step.rung, step.due_at, step.lapsed) for step in steps][:3] == [
        (FIRST, saturday, ()),
        (PAPER, at("2026-11-23 09:00"), ()),
        (SECOND, at("2026-11-23 09:00"), ()),
    ]


def test_a_holiday_that_moves_two_rungs_to_one_moment_drops_neither():
    steps, _ = played(story_of(at("2026-09-30 17:00"), policy=FORMAL), silence())

    assert [step.lapsed for step in steps] == [()] * len(steps)
    assert [step.rung for step in steps][:4] == [PAPER, FIRST, SECOND, CALL]


def test_two_rungs_that_a_holiday_moved_to_one_moment_are_taken_in_their_order():
    first = (FIRST, "send", "wechat_oa/main", "2026-09-30 17:00", {"standing": DELIVERED})
    paper = (PAPER, "paper", None, "2026-09-30 17:00", {"standing": DELIVERED})
    story = replace(lived(first, paper), started_at=at("2026-09-30 17:00"))

    step = planned(story, at("2026-10-08 09:00"))

    assert (step.rung, step.due_at, step.lapsed) == (SECOND, at("2026-10-08 09:00"), ())


def test_after_a_weekend_of_standing_still_the_paper_is_posted_and_one_message_goes():
    monday = at("2026-11-23 11:00")
    story = story_of(at("2026-11-20 10:00"), policy=FORMAL)

    paper = planned(story, monday)
    message = planned(replace(story, under_way=(PAPER,)), monday)

    assert (paper.rung, paper.due_at) == (PAPER, monday)
    assert (message.rung, message.action, message.lapsed) == (SECOND, "send", (FIRST,))


def test_a_reply_pauses_and_reading_ends_it_whatever_is_under_way():
    story = replace(lived(*MESSAGES), under_way=(PAPER,))

    assert isinstance(next_step(replace(story, human_reply=True), START), Pause)
    assert isinstance(next_step(replace(story, read=True), START), Rest)


# --- stops --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ladder", "known", "ends"),
    [
        ("notice", {"read": True}, True),
        ("receipt", {"read": True}, False),
        ("receipt", {"acknowledged": True}, True),
        ("contributions", {"displayed": True}, False),
    ],
    ids=["read", "read is not received", "confirmed", "opened"],
)
def test_a_ladder_ends_with_the_events_that_it_names(ladder, known, ends):
    story = story_of(START, policy=load_policy(ladder), **known)

    assert isinstance(next_step(story, START), Rest) == ends


@pytest.mark.parametrize(("ladder", "ends"), [("contributions", True), ("notice", False)])
def test_only_a_ladder_that_says_so_ends_when_the_first_message_arrives(ladder, ends):
    story = story_of(START, policy=load_policy(ladder))
    told = after(story, done(planned(story, START), standing=DELIVERED))

    assert isinstance(next_step(told, START), Rest) == ends


@pytest.mark.parametrize(
    ("ladder", "actions"),
    [
        ("leave_end", ["send", "send"]),
        ("recovery_visit", ["send", "hr_check"]),
        ("negotiation", ["send", "send", "call_employee", "call_employee"]),
        ("documents", ["send", "send", "call_employee", "call_employee"]),
        ("assessment", ["send", "send", "call_employee", "call_employee"]),
        ("receipt", ["send", "send", "hr_check"]),
    ],
)
def test_what_silence_leads_to_on_each_ladder(ladder, actions):
    steps, _ = played(story_of(START, policy=load_policy(ladder)), silence())

    assert [step.action for step in steps] == actions


def test_a_ladder_that_names_the_employee_never_rings_the_emergency_contact():
    steps, _ = played(story_of(START, policy=load_policy("assessment"), has_contact=True), silence())

    assert {step.action for step in steps if step.action.startswith("call")} == {"call_employee"}
