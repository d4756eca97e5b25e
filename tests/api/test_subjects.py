"""What can be done over the API: enter people, open cases, send notices, follow them, finish tasks."""

import pytest

from casework.messages import Outcome
from handlers.ports import Refused
from storage import people
from tests.api.calling import CASE, EMPLOYEE, Program, problem, records
from tests.databases import KINDS
from tests.world import CASE_NO, PHONE, REMINDER, World

DATABASES = KINDS


def test_an_employee_is_made_then_changed_then_left_alone(hr: Program) -> None:
    made = hr.put("/employees/E-0200", EMPLOYEE)
    changed = hr.put("/employees/E-0200", EMPLOYEE | {"job": "叉车工"})
    before = records(hr.world)
    same = hr.put("/employees/E-0200", EMPLOYEE | {"job": "叉车工"})

    assert [one.status_code for one in (made, changed, same)] == [201, 200, 200]
    assert made.headers["Location"] == "/api/v1/employees/E-0200"
    assert hr.get(made.headers["Location"].removeprefix("/api/v1")).json["job"] == "叉车工"
    assert records(hr.world) == before


def test_the_only_account_of_a_channel_need_not_be_named(hr: Program) -> None:
    given = EMPLOYEE | {"addresses": [{"channel": "sms_twilio", "address": "+85255500123"}]}

    (address,) = hr.put("/employees/E-0200", given).json["addresses"]

    assert (address["channel"], address["account"], address["state"]) == ("sms_twilio", "hk", "active")


def test_a_nightly_synchronisation_does_not_undo_an_opt_out(world: World, hr: Program) -> None:
    with world.desk.archive.writing() as book:
        point = people.find_contact(book.connection, book.keys, "sms_twilio", "hk", PHONE)
        from handlers.people import suppress_address

        suppress_address(book, point, "员工回复退订", "system:test")

    answer = hr.put(
        "/employees/E-0107", EMPLOYEE | {"addresses": [{"channel": "sms_twilio", "address": PHONE}]}
    )

    states = [one["state"] for one in answer.json["addresses"] if one["channel"] == "sms_twilio"]
    assert states == ["suppressed"]


def test_a_case_is_opened_and_found(hr: Program) -> None:
    made = hr.post("/cases", CASE | {"stage": "paid_leave"})

    assert made.status_code == 201 and made.headers["Location"] == "/api/v1/cases/GS-2026-0030"
    found = hr.get("/cases/GS-2026-0030").json
    assert found == made.json
    assert (found["accident_at"], found["stage_label"], found["state"]) == (
        "2026-11-20T00:05:00.000Z", "停工留薪期", "open",
    )  # fmt: skip


def test_a_case_number_in_chinese_stands_in_an_address(hr: Program) -> None:
    hr.post("/cases", CASE | {"case_no": "工伤〔2026〕17号"})

    assert hr.get("/cases/工伤〔2026〕17号").json["case_no"] == "工伤〔2026〕17号"


def test_a_notice_is_sealed_at_once_and_waits_for_the_worker(hr: Program) -> None:
    made = hr.notice("return_reminder", REMINDER)

    found = hr.get(f"/notices/{made}").json

    assert (found["title"], found["ladder"]["state"], found["deliveries"]) == ("返岗提醒", "running", [])
    assert found["ladder"]["steps"][0]["channel"] == "wechat_oa"
    assert len(found["record_code"]) == 19
    assert hr.get(f"/cases/{CASE_NO}").json["notices"][0]["id"] == made


def test_each_delivery_shows_how_far_it_is_proved(world: World, hr: Program) -> None:
    notice = hr.notice("return_reminder", REMINDER)
    world.work()
    world.report(world.wechat, Outcome.DELIVERED, "success")

    (delivery,) = hr.get(f"/notices/{notice}").json["deliveries"]

    assert delivery["standing"] == {"best": "delivered", "worst": None, "conflict": False}
    assert [one["state"] for one in delivery["attempts"]] == ["accepted"]
    assert [(one["state"], one["said"]) for one in delivery["reports"]] == [("delivered", "success")]


def test_contradicting_reports_stand_side_by_side(world: World, hr: Program) -> None:
    notice = hr.notice("return_reminder", REMINDER)
    world.work()
    world.report(world.wechat, Outcome.DELIVERED, "success")
    world.report(world.wechat, Outcome.REJECTED_PERM, "failed:user block")

    (delivery,) = hr.get(f"/notices/{notice}").json["deliveries"]

    assert delivery["standing"] == {"best": "delivered", "worst": "rejected_perm", "conflict": True}


def test_a_refused_message_is_shown_as_the_gateway_said_it(world: World, hr: Program) -> None:
    notice = hr.notice("return_reminder", REMINDER)
    world.wechat.answers = [Refused("43004", "require subscribe")]
    world.work()

    (delivery,) = hr.get(f"/notices/{notice}").json["deliveries"]

    assert delivery["standing"] == {"best": None, "worst": "rejected_perm", "conflict": False}


def test_the_timeline_tells_the_whole_case_in_order(world: World, hr: Program) -> None:
    hr.notice()
    world.work()

    lines = hr.get(f"/cases/{CASE_NO}/timeline").json["items"]

    assert [line["kind"] for line in lines] == [
        "case.opened", "notice.composed", "plan.started", "step.planned", "attempt.started",
        "attempt.accepted", "step.planned",
    ]  # fmt: skip
    assert [line["state"] for line in lines][4:6] == ["submitted", "accepted"]
    assert all(line["at"].endswith("Z") and len(line["leaf_hash"]) == 64 for line in lines)


@pytest.fixture
def call(world: World, hr: Program) -> dict:
    """A task of HR: ring the employee or the emergency contact, since nobody answered."""
    hr.notice("return_reminder", REMINDER)
    while not hr.get("/tasks").json["items"]:
        world.clock.pass_by(hours=12)
        world.work()
    return hr.get("/tasks").json["items"][0]


def test_a_task_says_what_may_be_recorded(call: dict) -> None:
    assert call["kind"] == "call_contact" and call["case_no"] == CASE_NO
    assert {"word": "no_answer", "title": "无人接听"} in call["choices"]


def test_an_outcome_is_recorded_once_and_the_ladder_goes_on(hr: Program, call: dict) -> None:
    done = hr.post(f"/tasks/{call['id']}/outcome", {"outcome": "reached", "note": "请其转告回电"})

    assert done.status_code == 201
    assert (done.json["state"], done.json["outcome"], done.json["choices"]) == ("done", "reached", [])
    assert done.json["done_by"] == f"user:{hr.world.users['hr']}"
    assert hr.get("/tasks").json["items"] == []
    again = hr.post(f"/tasks/{call['id']}/outcome", {"outcome": "no_answer"})
    assert problem(again) == (409, "done-already", "id")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"outcome": "signed"}, "outcome"),
        ({"outcome": "reached", "waybill": "EB 1"}, "waybill"),
        ({"note": "无人接听"}, "outcome"),
    ],
)
def test_an_outcome_that_does_not_fit_is_refused(hr: Program, call: dict, body: dict, field: str) -> None:
    status, _, named = problem(hr.post(f"/tasks/{call['id']}/outcome", body))

    assert (status, named) == (422, field)
    assert hr.get("/tasks").json["items"][0]["state"] == "open"
