"""A firm may edit its ladders, but not into one that wakes people, hounds them or betrays them."""

from copy import deepcopy

import pytest

from casework.escalation import PolicyRefused, load_policy, policy_body, policy_from_body
from casework.ladder_dangers import refuse_dangerous


def edited(name, change):
    body = deepcopy(policy_body(load_policy(name)))
    change(body)
    return policy_from_body(body)


def rung(body, name):
    return next(one for one in body["rungs"] if one["name"] == name)


def without(*names):
    return lambda body: body.update(rungs=[one for one in body["rungs"] if one["name"] not in names])


def script(words):
    return lambda body: rung(body, "call")["scripts"].update(call_employee=words)


@pytest.mark.parametrize(
    ("name", "change", "why"),
    [
        ("notice", lambda b: b["windows"]["messages"].update(start="07:30"), "windows.messages"),
        ("notice", lambda b: b["windows"]["messages"].update(end="21:00"), "08:00–20:00"),
        ("notice", lambda b: b["windows"]["tasks"].update(start="08:00"), "紧急联系人"),
        ("notice", lambda b: b["windows"]["tasks"].update(workdays_only=False), "工作日"),
        ("notice", lambda b: rung(b, "second").update(hours=2), "至少隔 12 小时"),
        ("notice", without("first", "second"), "至少要有一步 send"),
        ("notice", lambda b: b["rungs"].append(rung(b, "call") | {"name": "more"}), "最多打 2 次"),
        ("notice", lambda b: rung(b, "call")["scripts"].pop("call_contact"), "call_contact"),
        ("notice", script("您好，{name}吗？您的工伤待遇……"), "不能提到"),
        ("notice", script("您好，请在 3 日之前回电 {phone}"), "之前"),
        ("notice", script("您好，{salary}"), "只能用"),
        ("notice", script("您好，{name.salary}"), "只能用"),
        ("return_reminder", lambda b: rung(b, "paper")["scripts"].clear(), "paper：缺少"),
        ("return_notice", without("paper"), "纸质"),
        ("return_notice", without("call", "visit"), "call 或 visit"),
        ("return_notice", without("counsel", "visit", "call"), "最后一步"),
        ("leave_end", lambda b: b["rungs"].extend(calls()), "不升级"),
        ("recovery_visit", lambda b: b["rungs"].extend(calls()), "不升级"),
    ],
)
def test_a_ladder_that_hounds_wakes_or_betrays_somebody_is_refused(name, change, why):
    with pytest.raises(PolicyRefused, match=why):
        refuse_dangerous(edited(name, change))


def calls():
    return [rung(policy_body(load_policy("documents")), "call")]


def test_every_danger_is_named_at_once():
    def change(body):
        body["windows"]["messages"]["end"] = "22:00"
        without("paper")(body)

    with pytest.raises(PolicyRefused, match=r"windows\.messages.*纸质"):
        refuse_dangerous(edited("return_notice", change))


def test_an_edit_that_only_waits_longer_is_taken():
    refuse_dangerous(edited("return_reminder", lambda body: rung(body, "call").update(hours=120)))


def test_a_class_of_its_own_may_narrow_the_hours_of_one_rung():
    def change(body):
        body["windows"]["evening"] = {"start": "17:00", "end": "20:00", "workdays_only": True}
        rung(body, "second")["window"] = "evening"

    policy = edited("notice", change)

    refuse_dangerous(policy)
    assert str(policy.window_for(1, "send")) == "工作日 17:00–20:00"
    assert str(policy.window_for(0, "send")) == "每天 08:00–20:00"
