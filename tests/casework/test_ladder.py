"""Ladders are data: they ship, freeze with a plan, and are refused when they make no sense."""

import json
from copy import deepcopy

import pytest

from casework.escalation import PolicyRefused, load_policy, policy_body, policy_from_body, policy_names
from casework.ladder_dangers import refuse_dangerous
from casework.ladder_form import policy_from_toml
from casework.packaged import NotPackaged
from handlers.policies import version_of


@pytest.mark.parametrize("name", policy_names())
def test_a_frozen_ladder_comes_back_unchanged_from_json(name):
    policy = load_policy(name)

    assert policy_from_body(json.loads(json.dumps(policy_body(policy)))) == policy


def test_the_ladders_that_ship():
    assert {name: load_policy(name).title for name in policy_names()} == {
        "assessment": "鉴定提醒",
        "contributions": "社保补缴",
        "documents": "材料补交",
        "leave_end": "留薪期到期提示",
        "negotiation": "协商邀请",
        "notice": "通知",
        "receipt": "签收确认",
        "recovery_visit": "休养随访",
        "return_notice": "返岗通知书",
        "return_reminder": "返岗提醒",
    }


@pytest.mark.parametrize("name", policy_names())
def test_a_ladder_that_ships_does_nothing_that_no_ladder_may(name):
    assert load_policy(name).name == name
    refuse_dangerous(load_policy(name))


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("notice", "f9c85481e1a2e30526d4fc79a91195d253793e91848a36ec8e4fc5ef09067234"),
        ("return_reminder", "737d7d63b6c7ffb0ae315ee3d7d1a9a5172c2106ff6b526c34f4e93e1f8edcc8"),
    ],
)
def test_the_ladders_of_the_first_release_keep_their_identity(name, version):
    """Plans that run were frozen with these; keys that came later must not change them."""
    assert version_of(load_policy(name)) == version


@pytest.mark.parametrize("name", ["no_such_ladder", "../calendar", ""])
def test_an_unknown_ladder_is_refused_with_the_list_of_those_that_exist(name):
    with pytest.raises(NotPackaged, match="return_reminder"):
        load_policy(name)


def changed(path, value):
    body = deepcopy(policy_body(load_policy("return_reminder")))
    place = body
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return body


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (["colour"], "red", "colour"),
        (["rungs"], [], "至少"),
        (["rungs", 0, "action"], "dismiss", "dismiss"),
        (["rungs", 0, "anchor"], "never", "never"),
        (["rungs", 0, "anchor"], "previous", "最前"),
        (["rungs", 0, "channel_rule"], "", "channel_rule"),
        (["rungs", 0, "hours"], 48, "先后"),
        (["rungs", 1, "hours"], -1, "不小于零"),
        (["rungs", 1, "hours"], "24", "整数"),
        (["rungs", 2, "attempts"], 3, "最多两次"),
        (["rungs", 3, "surprise"], 1, "surprise"),
        (["windows", "messages", "start"], "8 o'clock", "HH:MM"),
        (["windows", "messages", "end"], "07:00", "早于"),
        (["windows", "messages"], "always", "window"),
        (["windows", "calls"], {}, "windows.calls"),
        (["windows"], [], "windows"),
        (["rungs"], {"first": {}}, "rungs"),
        (["name"], "", "name"),
        (["rungs", 0, "rule"], "长" * 101, "rule"),
        (["rungs", 0, "title"], "换\n行", "title"),
        (["rungs", 0, "hours"], True, "不小于零"),
        (["rungs", 0, "hours"], 10**9, "8760"),
        (["rungs", 1, "days"], 1, "只能写一个"),
        (["rungs", 1, "name"], "first", "不能相同"),
        (["rungs", 0, "beside"], True, "beside"),
        (["rungs", 1, "beside"], True, "beside"),
        (["rungs", 3, "beside"], True, "beside"),
        (["rungs", 2, "callee"], "neighbour", "callee"),
        (["rungs", 0, "callee"], "employee", "callee"),
        (["rungs", 0, "hook"], "crm", "hook"),
        (["rungs", 3, "action"], "system", "hook"),
        (["rungs", 0, "window"], "night", "night"),
        (["rungs", 0, "cost_fen"], 1.5, "cost_fen"),
        (["rungs", 2, "scripts"], "hello", "scripts"),
        (["stops"], ["displayed", "confirmed"], "displayed"),
        (["stops"], ["read"], "confirmed"),
        (["stops"], "read", "stops"),
    ],
)
def test_a_ladder_that_makes_no_sense_is_refused_by_name(path, value, named):
    with pytest.raises(PolicyRefused, match=named):
        policy_from_body(changed(path, value))


def test_a_ladder_without_a_needed_key_is_refused_by_name():
    body = policy_body(load_policy("notice"))
    del body["rungs"][0]["rule"]

    with pytest.raises(PolicyRefused, match="rule"):
        policy_from_body(body)


def test_a_ladder_written_in_broken_toml_is_refused_with_the_line():
    with pytest.raises(PolicyRefused, match="line 2"):
        policy_from_toml('name = "notice"\ntitle = 通知\n')


def test_the_order_in_which_a_ladder_is_written_does_not_change_its_identity():
    body = policy_body(load_policy("return_notice"))
    turned = dict(reversed(body.items())) | {"stops": ["confirmed", "read"]}

    assert version_of(policy_from_body(turned)) == version_of(load_policy("return_notice"))


def test_a_body_frozen_before_later_keys_existed_still_loads():
    old = {
        "name": "notice",
        "title": "通知",
        "windows": {
            "messages": {"start": "08:00", "end": "20:00", "workdays_only": False},
            "tasks": {"start": "09:00", "end": "20:00", "workdays_only": True},
        },
        "rungs": [
            {
                "name": "first", "title": "发送", "action": "send", "anchor": "start", "rule": "当天",
                "channel_rule": "preferred", "hours": 0, "workdays": 0, "attempts": 1, "watch_days": 0,
                "scripts": {},
            }
        ],
    }  # fmt: skip

    policy = policy_from_body(old)

    assert policy.stops == ("read", "confirmed")
    assert policy_body(policy) == old
