"""Ladders are data: they ship, freeze with a plan, and are refused when they make no sense."""

import json
from copy import deepcopy

import pytest

from casework.escalation import (
    PolicyRefused,
    call_script,
    load_policy,
    policy_body,
    policy_from_body,
    policy_names,
)
from casework.packaged import NotPackaged

TELLING = [
    *("工伤", "受伤", "返岗", "上班", "到岗", "钱", "工资", "赔", "补偿", "待遇"),
    *("日前", "之前", "期限", "截止", "通知书"),
]


@pytest.mark.parametrize("name", policy_names())
def test_a_frozen_ladder_comes_back_unchanged_from_json(name):
    policy = load_policy(name)

    assert policy_from_body(json.loads(json.dumps(policy_body(policy)))) == policy


def test_the_ladders_that_ship():
    assert policy_names() == ("notice", "return_reminder")


@pytest.mark.parametrize("name", ["no_such_ladder", "../calendar", ""])
def test_an_unknown_ladder_is_refused_with_the_list_of_those_that_exist(name):
    with pytest.raises(NotPackaged, match="return_reminder"):
        load_policy(name)


@pytest.mark.parametrize("name", policy_names())
def test_the_telephone_script_reveals_nothing(name):
    for rung in load_policy(name).rungs:
        for action in rung.scripts:
            said = call_script(
                rung, action, firm="甲公司", name="张伟", caller="李娜", phone="0571-5550-0100"
            )
            assert "张伟" in said
            assert "0571-5550-0100" in said
            assert [word for word in TELLING if word in said] == []


@pytest.mark.parametrize("name", policy_names())
def test_every_call_has_a_script(name):
    calls = [rung for rung in load_policy(name).rungs if rung.action == "call"]

    assert all({"call_employee", "call_contact"} <= rung.scripts.keys() for rung in calls)


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
        (["windows", "calls"], {}, "calls"),
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
