"""What holds on every journey up a ladder, whatever fails, whoever answers, however late we are."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from casework.escalation import Do, Done, Pause, Rest, load_policy, next_step, policy_names
from casework.messages import Outcome, Standing
from casework.workdays import BEIJING
from tests.casework.journeys import CALENDAR, at, story_of

CALLS = ("call_employee", "call_contact")
CHANNELS = ("wechat_oa/main", "sms_twilio/hk", "email/main")

GOOD = [Outcome.ACCEPTED, Outcome.DELIVERED, Outcome.DISPLAYED]
BAD = [Outcome.UNKNOWN, Outcome.REJECTED_PERM, Outcome.LOCKER, Outcome.RETURNED]
POLICIES = {name: load_policy(name) for name in policy_names()}

moments = st.datetimes(at("2025-01-01").replace(tzinfo=None), at("2027-06-01").replace(tzinfo=None))
standings = st.builds(
    Standing, best=st.none() | st.sampled_from(GOOD), worst=st.none() | st.sampled_from(BAD)
)
fates = st.fixed_dictionaries(
    {
        "late": st.timedeltas(timedelta(0), timedelta(days=12)) | st.just(timedelta(0)),
        "took": st.timedeltas(timedelta(0), timedelta(days=3)) | st.just(timedelta(0)),
        "standing": st.none() | standings,
        "outcome": st.sampled_from([None, "no_answer", "reached", "lapsed", "signed", "locker", "refused"]),
        "channels": st.lists(st.sampled_from(CHANNELS), unique=True).map(tuple),
        "displayed": st.booleans(),
        "has_contact": st.booleans(),
    }
)
journeys = st.tuples(st.sampled_from(sorted(POLICIES)), moments, st.lists(fates, min_size=1, max_size=10))


def walked(journey):
    """Yield (story, now, step) along a journey until the ladder rests or the fates run out."""
    policy, start, fates = journey
    now = start.replace(tzinfo=BEIJING)
    story = story_of(now, policy=POLICIES[policy], channels=fates[0]["channels"])
    for fate in fates:
        story = replace(story, channels=fate["channels"], displayed=story.displayed or fate["displayed"])
        story = replace(story, has_contact=fate["has_contact"])
        now += fate["late"]
        step = next_step(story, now)
        yield story, now, step
        if not isinstance(step, Do):
            return
        planned = step.planned
        now = planned.due_at + fate["took"]
        over = Done(planned.rung, planned.action, planned.channel, now, fate["standing"], fate["outcome"])
        story = replace(story, done=(*story.done, over))


def planned_on(journey):
    return [(story, now, step.planned) for story, now, step in walked(journey) if isinstance(step, Do)]


def taken(story, planned):
    return story.policy.rungs[planned.rung]


def is_call(story, planned):
    """Whether a step stands on the rung of the calls, and is not about a parcel in a locker."""
    return taken(story, planned).action == "call" and planned.action in CALLS


@given(journeys)
def test_no_step_lies_in_the_past_or_outside_its_hours(journey):
    for story, now, planned in planned_on(journey):
        window = story.policy.window_for(planned.rung, planned.action)
        due = planned.due_at.astimezone(BEIJING)
        assert due >= now
        assert window.start <= due.time() < window.end
        assert not window.workdays_only or CALENDAR.is_workday(due.date())


@given(journeys)
def test_a_ladder_is_only_climbed_unless_no_message_ever_left(journey):
    reached, earlier = 0, None
    for story, _, planned in planned_on(journey):
        assert earlier is None or planned.due_at >= earlier
        earlier = planned.due_at
        if not taken(story, planned).beside:
            first_message = planned.action == "send" and story.told is None
            assert planned.rung >= reached or first_message
            reached = max(reached, planned.rung)


@given(journeys)
def test_each_message_of_a_ladder_goes_out_once(journey):
    sent = [planned.rung for _, _, planned in planned_on(journey) if planned.action == "send"]

    assert len(sent) == len(set(sent))


@given(journeys)
def test_nobody_is_rung_up_more_than_twice_on_the_call_rung_nor_the_contact_ever(journey):
    steps = planned_on(journey)

    assert sum(is_call(story, planned) for story, _, planned in steps) <= 2
    assert sum(planned.action == "call_contact" for _, _, planned in steps) <= 2
    assert sum(planned.action in CALLS for _, _, planned in steps) <= 3  # the third: a parcel in a locker


@given(journeys)
def test_every_ladder_comes_to_its_end(journey):
    policy, start, fates = journey
    endless = (policy, start, fates * 20)

    assert isinstance(list(walked(endless))[-1][2], Rest)


@given(journeys)
def test_a_message_never_goes_on_a_channel_that_is_not_usable_or_that_failed(journey):
    for story, _, planned in planned_on(journey):
        if planned.action == "send":
            failed = {done.channel for done in story.done if done.action == "send" and done.failed}
            assert planned.channel in story.channels
            assert planned.channel not in failed
        else:
            assert planned.channel is None


@given(journeys)
def test_the_same_question_has_the_same_answer_and_a_short_reason(journey):
    for story, now, step in walked(journey):
        assert next_step(story, now) == step
        why = step.planned.why if isinstance(step, Do) else step.why
        assert 0 < len(why) <= 300


@given(journeys)
def test_overtaken_rungs_lie_before_the_step_and_were_not_taken(journey):
    for story, _, planned in planned_on(journey):
        passed = planned.lapsed + planned.skipped
        assert len(passed) == len(set(passed))
        assert all(rung < planned.rung for rung in passed)
        assert not {done.rung for done in story.sends} & set(passed)


@given(journeys)
def test_nothing_follows_an_acknowledgement_a_closed_case_or_a_person_s_reply(journey):
    for story, now, _ in walked(journey):
        assert isinstance(next_step(replace(story, acknowledged=True), now), Rest)
        assert isinstance(next_step(replace(story, closed=True), now), Rest)
        arrived = "delivered" in story.policy.stops and any(send.arrived for send in story.sends)
        assert isinstance(next_step(replace(story, human_reply=True), now), Rest if arrived else Pause)


@given(journeys)
def test_opening_the_page_is_never_what_ends_a_ladder(journey):
    for story, now, step in walked(journey):
        opened = next_step(replace(story, displayed=True), now)
        assert isinstance(opened, Rest) == isinstance(step, Rest)


@given(journeys)
def test_a_rung_beside_the_others_is_never_overtaken(journey):
    for story, _, planned in planned_on(journey):
        passed = planned.lapsed + planned.skipped
        assert not [index for index in passed if story.policy.rungs[index].beside]


@given(journeys)
def test_nobody_visits_unless_a_paper_came_back(journey):
    for story, _, planned in planned_on(journey):
        assert planned.action != "visit" or any(paper.came_back for paper in story.papers)


@given(journeys)
def test_counsel_waits_until_the_fate_of_the_paper_is_known(journey):
    for story, _, planned in planned_on(journey):
        assert planned.action != "counsel" or not story.paper_pending


@given(journeys, st.timedeltas(timedelta(0), timedelta(days=5)))
def test_asking_before_a_step_is_due_does_not_move_it(journey, early):
    for story, now, planned in planned_on(journey):
        between = now + min(early, planned.due_at - now)
        again = next_step(story, between)
        assert isinstance(again, Do)
        assert again.planned.due_at == planned.due_at


@given(journeys)
def test_a_person_is_rung_only_after_a_message_was_tried_or_when_none_could_be(journey):
    for story, _, planned in planned_on(journey):
        if is_call(story, planned):
            assert story.sends or not story.channels
