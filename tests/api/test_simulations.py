"""A ladder is foreseen over the API: the same simulation as at the command line, or for a real person."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from bot.commands.main import huizheng as group
from casework.ladder_form import load_policy, policy_body
from handlers.policies import choose, save_policy, version_of
from tests.api.calling import Program, problem, records

START = "2026-02-11T09:00:00+08:00"
NO = "E-0107"


def test_a_simulation_is_the_one_of_the_command_line_and_keeps_nothing(hr: Program) -> None:
    before = records(hr.world)
    made = hr.post("/simulations", {"policy": "return_reminder", "start": START})

    shown = CliRunner().invoke(group, ["simulate", "--policy", "return_reminder", "--start", START, "--json"])
    assert made.status_code == 201
    assert made.json == json.loads(shown.stdout)
    assert records(hr.world) == before


def test_a_person_s_own_channels_contact_and_accident_are_used(hr: Program) -> None:
    given = {"name": "刘洋", "firm": "恒力五金有限公司", "site": "二厂"}
    reachable = {"addresses": [{"channel": "sms_twilio", "address": "+85255500123"}]}
    hr.put("/employees/E-0200", given | reachable)
    case = {"case_no": "GS-2026-0044", "employee_no": "E-0200", "summary": "扭伤"}
    hr.post("/cases", case | {"accident_at": "2026-02-01T08:00:00+08:00"})

    told = hr.post("/simulations", {"policy": "documents", "start": START, "employee_no": "E-0200"}).json

    assert (told["channels"], told["emergency_contact"]) == (["sms_twilio"], False)
    assert {step["channel"] for step in told["steps"]} == {"sms_twilio", None}
    assert told["steps"][0]["serves"]["due_local"] == "2026-03-03（周二）23:59"
    assert told["steps"][0]["serves"]["hours_left"] == 494


def test_an_outcome_may_be_assumed(hr: Program) -> None:
    asked = {"policy": "return_reminder", "start": START, "employee_no": NO, "assume": ["first=read+2h"]}

    told = hr.post("/simulations", asked).json

    assert [step["name"] for step in told["steps"]] == ["first"]
    assert told["ends_at"] == "2026-02-11T03:00:00.000Z"
    assert [one["name"] for one in told["unreached"]] == ["second", "call", "paper", "counsel"]


def test_the_version_that_new_notices_begin_with_is_the_one_foreseen(hr: Program) -> None:
    own = load_policy("notice")
    later = replace(own, rungs=tuple(replace(one, hours=one.hours * 2) for one in own.rungs))
    with hr.world.desk.archive.writing() as book:
        choose(
            book,
            "notice",
            save_policy(book, policy_body(later), "system:test"),
            hr.world.desk.rules,
            "system:test",
        )

    told = hr.post("/simulations", {"policy": "notice", "start": START}).json

    assert told["policy"]["version"] == version_of(later)
    assert told["steps"][1]["at"] == "2026-02-13T01:00:00.000Z"


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"policy": "nope"}, (422, "field-invalid", "policy")),
        ({"start": "tomorrow"}, (422, "field-invalid", "start")),
        ({"start": "2026-02-11T09:00:00"}, (422, "field-invalid", "start")),
        ({"employee_no": "E-9"}, (422, "not-acceptable-input", "employee_no")),
        ({"assume": ["first=signed"]}, (422, "field-invalid", "assume")),
        ({"assume": ["first"]}, (422, "field-invalid", "assume")),
    ],
)
def test_what_cannot_be_foreseen_is_refused(hr: Program, changed: dict, found: tuple) -> None:
    asked = {"policy": "return_reminder", "start": START} | changed

    assert problem(hr.post("/simulations", asked)) == found
