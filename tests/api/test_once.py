"""A request that is sent again, by whatever accident, acts once and gets the same answer."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from storage.schema import idempotency
from tests.api.calling import CASE, PLAIN, Program, problem, records
from tests.databases import KINDS
from tests.world import CASE_NO, World

DATABASES = KINDS

NOTICE = {"kind": "plain", "fields": PLAIN}
WHERE = f"/cases/{CASE_NO}/notices"


def test_every_post_needs_a_key(hr: Program) -> None:
    for path in ("/cases", WHERE, "/tasks/any/outcome"):
        answer = hr.raw("POST", path, json={})
        assert problem(answer) == (400, "idempotency-key-missing", None)


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 101, "é"])
def test_a_key_is_a_short_visible_word(hr: Program, key: str) -> None:
    answer = hr.raw("POST", "/cases", json=CASE, headers={"Idempotency-Key": key})

    assert problem(answer) == (400, "idempotency-key-unusable", None)


def test_a_repeated_request_acts_once_and_says_so(hr: Program) -> None:
    first = hr.post(WHERE, NOTICE, key="k1")
    after = records(hr.world)

    again = hr.post(WHERE, NOTICE, key="k1")

    assert (again.status_code, again.json) == (first.status_code, first.json)
    assert again.headers["Location"] == first.headers["Location"] == f"/api/v1/notices/{first.json['id']}"
    assert "Idempotency-Replayed" not in first.headers and again.headers["Idempotency-Replayed"] == "true"
    assert records(hr.world) == after


def test_the_order_of_the_fields_makes_no_other_request(hr: Program) -> None:
    first = hr.post(WHERE, NOTICE, key="k1")

    turned = dict(sorted(PLAIN.items(), reverse=True))  # the client's own json= sorted them
    headers = {"Idempotency-Key": "k1", "Content-Type": "application/json"}
    again = hr.raw("POST", WHERE, data=json.dumps({"kind": "plain", "fields": turned}), headers=headers)

    assert again.json == first.json


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (WHERE, {"kind": "plain", "fields": PLAIN | {"contact": "人事部王强"}}),
        ("/cases/GS-2026-0030/notices", NOTICE),
        ("/cases", CASE),
    ],
    ids=["another body", "another address", "another act"],
)
def test_a_key_belongs_to_one_request(hr: Program, path: str, body: dict[str, object]) -> None:
    hr.post("/cases", CASE)
    hr.post(WHERE, NOTICE, key="k1")
    after = records(hr.world)

    assert problem(hr.post(path, body, key="k1")) == (422, "idempotency-key-reused", None)
    assert records(hr.world) == after


def test_another_user_may_use_the_same_key(world: World, hr: Program) -> None:
    admin = Program(world, "admin", "read", "write")

    assert hr.post(WHERE, NOTICE, key="k1").json["id"] != admin.post(WHERE, NOTICE, key="k1").json["id"]


def test_another_token_of_the_same_user_is_the_same_user(world: World, hr: Program) -> None:
    second = Program(world, "hr", "write")

    assert hr.post(WHERE, NOTICE, key="k1").json == second.post(WHERE, NOTICE, key="k1").json


def test_a_refused_request_may_be_mended_under_its_key(hr: Program) -> None:
    refused = hr.post("/cases", CASE | {"employee_no": "E-9999"}, key="k1")

    assert problem(refused)[0] == 422
    assert hr.post("/cases", CASE, key="k1").status_code == 201


def test_a_key_is_free_again_after_a_day(hr: Program) -> None:
    first = hr.post(WHERE, NOTICE, key="k1").json["id"]

    hr.world.clock.pass_by(hours=25)

    assert hr.post(WHERE, NOTICE, key="k1").json["id"] != first


def test_the_kept_answer_is_encrypted(hr: Program) -> None:
    hr.post("/cases", CASE, key="k1")

    with hr.world.desk.archive.engine.connect() as connection:
        raw = connection.execute(sa.select(sa.type_coerce(idempotency.c.body, sa.LargeBinary))).scalar_one()

    assert CASE["case_no"].encode() not in bytes(raw) and "自行车".encode() not in bytes(raw)


@pytest.mark.parametrize("path", [WHERE, "/cases"])
def test_requests_at_the_same_moment_act_once(hr: Program, path: str) -> None:
    body = NOTICE if path == WHERE else CASE
    threads, rounds = 6, 3
    for number in range(rounds):
        if path == "/cases":
            body = CASE | {"case_no": f"GS-2026-01{number}"}
        together = threading.Barrier(threads)

        def post(key: str, body: object = body, together: threading.Barrier = together):
            together.wait()
            return Program.post(hr, path, body, key=key)

        with ThreadPoolExecutor(threads) as pool:
            answers = list(pool.map(post, [f"k{number}"] * threads))

        assert {answer.status_code for answer in answers} == {201}
        assert len({answer.json["id"] for answer in answers}) == 1
        assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    lines = hr.get(f"/cases/{CASE_NO}/timeline").json["items"]
    assert sum(line["kind"] == "notice.composed" for line in lines) == (rounds if path == WHERE else 0)


def test_two_programs_open_the_same_case_once(world: World) -> None:
    programs = [Program(world, role, "read", "write") for role in ("hr", "admin", "hr")]
    together = threading.Barrier(len(programs))

    def post(program: Program):
        together.wait()
        return program.post("/cases", CASE)

    with ThreadPoolExecutor(len(programs)) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(post, programs))

    assert statuses == [201, 409, 409]


def test_two_programs_enter_the_same_employee_at_the_same_moment(world: World) -> None:
    programs = [Program(world, role, "read", "write") for role in ("hr", "admin", "hr")]
    together = threading.Barrier(len(programs))

    def put(program: Program):
        together.wait()
        return program.put("/employees/E-0300", {"name": "刘洋", "firm": "新的单位"})

    with ThreadPoolExecutor(len(programs)) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(put, programs))

    assert statuses == [200, 200, 201]
