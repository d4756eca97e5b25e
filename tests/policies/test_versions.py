"""A firm edits a ladder: new notices begin with it, and what runs changes only when HR moves it."""

from copy import deepcopy

import pytest

from casework.escalation import PolicyRefused, load_policy, policy_body
from handlers.dispatch import ANSWER_WITHIN, begin
from handlers.move_plan import move_plan
from handlers.people import Unacceptable
from handlers.policies import choose, chosen_policy, save_policy, version_of
from handlers.tasks import Outcome, record_outcome
from storage import ladders, policies
from storage.audit import audit
from storage.timeline import lines_of
from tests.engine.world import World

NAME = "return_reminder"


def edited(**rungs: dict | None) -> dict:
    """The friendly ladder with some keys of its rungs changed; None takes a rung out."""
    body = deepcopy(policy_body(load_policy(NAME)))
    body["rungs"] = [rung | (rungs.get(rung["name"], {}) or {}) for rung in body["rungs"]
                     if rungs.get(rung["name"], {}) is not None]  # fmt: skip
    return body


def saved(here: World, body: dict) -> str:
    with here.archive.writing() as book:
        version = save_policy(book, body, here.user)
        choose(book, NAME, version, here.desk.rules, here.user)
    return version


def plan_of(here: World, notice: str) -> ladders.Plan:
    with here.archive.reading() as view:
        return ladders.plan_of_notice(view.connection, notice)


def planned(here: World, notice: str) -> ladders.Step:
    with here.archive.reading() as view:
        steps = ladders.steps_of(view.connection, plan_of(here, notice).id)
    return next(step for step in steps if step.state == "planned")


def move(here: World, notice: str, version: str, why: str = "员工要求多给几天") -> None:
    with here.archive.writing() as book:
        move_plan(book, plan_of(here, notice).id, version, why, here.user, here.desk.rules)


def told(here: World, kind: str) -> dict:
    with here.archive.reading() as view:
        return [line.told for line in lines_of(view, here.case_id) if line.kind == kind][-1]


def test_nobody_has_edited_anything_and_the_packaged_ladder_is_used(here: World):
    notice = here.remind()

    assert plan_of(here, notice).policy_id == version_of(load_policy(NAME))


def test_an_edited_ladder_counts_for_new_notices_and_changes_nothing_that_runs(here: World):
    before = here.remind()
    here.work()
    due = planned(here, before).due_at
    version = saved(here, edited(second={"hours": 48}))
    after = here.remind()
    here.work()
    here.clock.pass_time(hours=25)
    here.work()

    assert plan_of(here, before).policy_id == version_of(load_policy(NAME))
    assert ("send", "sms_twilio", "done") in here.steps(before)  # at its own time, after 24 hours
    assert plan_of(here, after).policy_id == version
    assert (planned(here, after).due_at - due).total_seconds() == 24 * 3600


def test_hr_moves_a_running_ladder_and_its_next_step_is_counted_anew(here: World):
    notice = here.remind()
    here.work()
    due = planned(here, notice).due_at
    old, version = (
        plan_of(here, notice).policy_id,
        saved(here, edited(second={"hours": 72}, call={"hours": 144})),
    )
    move(here, notice, version)

    assert plan_of(here, notice).policy_id == version
    assert (planned(here, notice).due_at - due).days == 2
    assert told(here, "plan.moved") == {"from": old, "to": version, "why": "员工要求多给几天"}
    here.clock.pass_time(hours=25)
    here.work()
    assert here.channels["sms_twilio"].taken == []
    with here.archive.reading() as view:
        assert audit(view).findings == ()


def test_what_was_done_stays_done_although_the_new_version_has_a_rung_less(here: World):
    notice = here.remind()
    here.work()
    move(here, notice, saved(here, edited(second=None)))
    here.work()

    assert planned(here, notice).action == "call_contact"
    assert len(here.channels["wechat_oa"].taken) == 1
    here.clock.pass_time(days=3)
    here.work()
    assert [task.kind for task in here.open_tasks()] == ["call_contact"]


def test_a_call_that_is_open_goes_on_and_is_counted_on_the_new_ladder(here: World):
    notice = here.remind()
    here.work()
    for hours in (25, 48):
        here.clock.pass_time(hours=hours)
        here.work()
    move(here, notice, saved(here, edited(second={"hours": 30}, paper={"workdays": 2})))
    task = here.open_tasks()[0]
    with here.archive.writing() as book:
        record_outcome(book, task.id, Outcome("reached"), here.desk.rules, here.user)

    assert planned(here, notice).action == "paper"
    assert planned(here, notice).due_at.isoformat() == "2026-11-23T01:00:00+00:00"  # two working days later


def test_rungs_are_recognised_by_name_when_a_new_one_stands_before_them(here: World):
    notice = here.remind()
    here.work()
    for hours in (25, 48):
        here.clock.pass_time(hours=hours)
        here.work()
    body = edited()
    look = {"name": "look", "title": "看一下", "action": "hr_check", "hours": 48, "anchor": "start"}
    body["rungs"].insert(2, look | {"rule": "两天后请人事看一下"})
    move(here, notice, saved(here, body))
    task = here.open_tasks()[0]
    with here.archive.writing() as book:
        record_outcome(book, task.id, Outcome("reached"), here.desk.rules, here.user)

    assert (planned(here, notice).rung, planned(here, notice).action) == (4, "paper")
    with here.archive.reading() as view:
        assert audit(view).findings == ()


def test_a_message_claimed_by_a_worker_does_not_leave_after_its_ladder_was_moved(here: World):
    notice = here.remind()
    here.work()
    here.clock.pass_time(hours=24, minutes=5)
    with here.archive.writing() as book:
        real, lease = here.clock.real(), here.worker.lease
        (claimed,) = ladders.claim_steps(book.connection, "worker-2", book.now, real, lease, 5)
    move(here, notice, saved(here, edited(second={"hours": 48})))

    with here.archive.writing() as book:
        assert begin(book, claimed, here.desk, ANSWER_WITHIN, here.worker.actor) is None
    assert here.channels["sms_twilio"].taken == []


def test_a_version_that_forgets_what_was_done_is_refused_by_the_rungs_name(here: World):
    notice = here.remind()
    here.work()
    version = saved(here, edited(first={"name": "opening"}))

    with pytest.raises(Unacceptable, match="first"):
        move(here, notice, version)
    assert plan_of(here, notice).policy_id == version_of(load_policy(NAME))


@pytest.mark.parametrize(
    ("why", "version", "match"),
    [("  ", "new", "理由"), ("多给几天", "ffff", "没有版本"), ("多给几天", "same", "已经在用")],
)
def test_a_move_needs_a_reason_and_another_kept_version(here: World, why: str, version: str, match: str):
    notice = here.remind()
    new = saved(here, edited(second={"hours": 48}))
    to = {"new": new, "same": plan_of(here, notice).policy_id}.get(version, version)

    with pytest.raises(Unacceptable, match=match):
        move(here, notice, to, why)


def test_a_ladder_that_has_ended_is_not_moved(here: World):
    notice = here.remind()
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="收到")
    here.work()

    with pytest.raises(Unacceptable, match="已经结束"):
        move(here, notice, saved(here, edited(second={"hours": 48})))


def test_a_paused_ladder_stays_paused_when_it_is_moved(here: World):
    notice = here.remind()
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="在吗")
    here.work()
    move(here, notice, saved(here, edited(second={"hours": 48})))

    assert here.plan_state(notice) == "paused"
    assert here.steps(notice)[-1][2] == "skipped"


def test_a_dangerous_ladder_is_neither_kept_nor_chosen(here: World):
    body = edited(call={"attempts": 2})
    body["windows"]["messages"]["end"] = "23:00"

    with pytest.raises(PolicyRefused, match=r"windows\.messages"):
        saved(here, body)
    with here.archive.reading() as view:
        assert policies.versions(view.connection) == []


def test_the_same_ladder_saved_twice_is_one_version_and_the_choice_can_go_back(here: World):
    first, again = (saved(here, edited(second={"hours": 48})) for _ in range(2))
    second = saved(here, edited(second={"hours": 36}))
    with here.archive.writing() as book:
        choose(book, NAME, first[:12], here.desk.rules, here.user)

    assert first == again
    with here.archive.reading() as view:
        assert [one.id for one in policies.versions(view.connection, NAME)] == [first, second]
        assert version_of(chosen_policy(view, NAME, here.desk.rules)) == first
        assert audit(view).findings == ()


@pytest.mark.parametrize("name", ["notice", "no_such_ladder"])
def test_a_version_of_one_ladder_is_not_chosen_for_another(here: World, name: str):
    version = saved(here, edited(second={"hours": 48}))

    with pytest.raises(PolicyRefused, match="没有"), here.archive.writing() as book:
        choose(book, name, version, here.desk.rules, here.user)
