"""Who may call the API: a known token, with the right scope, in a role that may."""

import pytest
import sqlalchemy as sa

from storage.schema import api_token, user
from tests.api.calling import CASE, EMPLOYEE, PLAIN, Program, problem, records
from tests.world import CASE_NO, PHONE, World

OUTCOME = {"outcome": "reached"}
HANDOVER = {"to": "杭州市劳动仲裁委", "how": "当面交付 U 盘"}
EVERYTHING = [
    ("GET", "/employees", None, "read"),
    ("GET", "/employees/E-0107", None, "read"),
    ("PUT", "/employees/E-0200", EMPLOYEE, "write"),
    ("GET", "/cases", None, "read"),
    ("POST", "/cases", CASE, "write"),
    ("GET", f"/cases/{CASE_NO}", None, "read"),
    ("GET", f"/cases/{CASE_NO}/timeline", None, "read"),
    ("POST", f"/cases/{CASE_NO}/notices", {"kind": "plain", "fields": PLAIN}, "write"),
    ("GET", "/notices/unknown", None, "read"),
    ("GET", "/tasks", None, "read"),
    ("POST", "/tasks/unknown/outcome", OUTCOME, "tasks"),
    ("GET", f"/cases/{CASE_NO}/exports", None, "export"),
    ("POST", "/cases/unknown/exports", {"view": "full"}, "export"),
    ("POST", "/simulations", {"policy": "notice", "start": "2026-11-23T09:00:00+08:00"}, "read"),
    ("POST", f"/cases/{CASE_NO}/exports/AAAA-BBBB-CCCC-DDDD/handovers", HANDOVER, "export"),
]
WRITING = [one for one in EVERYTHING if one[0] != "GET"]


def ask(program: Program, method: str, path: str, body: object, **headers: str):
    key = {"Idempotency-Key": "k1"} if method == "POST" else {}
    return program.raw(method, path, headers=key | headers, **({"json": body} if body else {}))


@pytest.mark.parametrize(("method", "path", "body", "scope"), EVERYTHING)
def test_nobody_enters_without_a_token(hr: Program, method: str, path: str, body: object, scope: str) -> None:
    before = records(hr.world)

    answer = ask(hr, method, path, body, Authorization="")

    assert problem(answer) == (401, "token-missing", None)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert records(hr.world) == before


@pytest.mark.parametrize(
    "header", ["Basic aHo6aHo=", "Bearer", "Bearer ", "hz_abc", "Bearer hz_unknown", "Bearer é"]
)
def test_a_token_that_is_not_ours_opens_nothing(hr: Program, header: str) -> None:
    answer = ask(hr, "GET", "/cases", None, Authorization=header)

    assert problem(answer)[0] == 401


def test_the_word_bearer_may_be_written_in_any_case(hr: Program) -> None:
    assert ask(hr, "GET", "/cases", None, Authorization=f"bearer {hr.token}").status_code == 200


@pytest.mark.parametrize(("method", "path", "body", "scope"), EVERYTHING)
def test_each_operation_asks_for_its_own_scope_and_names_it(
    world: World, method: str, path: str, body: object, scope: str
) -> None:
    others = {"read", "write", "tasks", "personal", "export"} - {scope}
    before = records(world)

    refused = ask(Program(world, "admin", *others), method, path, body)

    assert problem(refused) == (403, "scope-missing", None)
    assert refused.json["scope"] == scope and f'scope="{scope}"' in refused.headers["WWW-Authenticate"]
    assert records(world) == before
    assert ask(Program(world, "admin", scope), method, path, body).status_code not in (401, 403)


@pytest.mark.parametrize(("method", "path", "body", "scope"), WRITING)
def test_an_auditor_never_writes_whatever_the_token_says(
    world: World, method: str, path: str, body: object, scope: str
) -> None:
    auditor = Program(world, "auditor", "read", "write", "tasks", "personal", "export")
    before = records(world)

    assert problem(ask(auditor, method, path, body)) == (403, "role-reads-only", None)
    assert records(world) == before
    assert auditor.get("/cases").status_code == 200


def test_a_revoked_token_opens_nothing(hr: Program) -> None:
    with hr.world.desk.archive.engine.begin() as connection:
        connection.execute(sa.update(api_token).values(revoked_at=hr.world.clock.now()))

    assert problem(hr.get("/cases")) == (401, "token-unknown", None)


def test_a_user_who_has_left_takes_the_token_along(hr: Program) -> None:
    with hr.world.desk.archive.engine.begin() as connection:
        connection.execute(sa.update(user).where(user.c.id == hr.world.users["hr"]).values(active=False))

    assert problem(hr.get("/cases")) == (401, "token-unknown", None)


def test_what_a_program_does_is_recorded_under_its_user(hr: Program) -> None:
    hr.notice()

    lines = hr.get(f"/cases/{CASE_NO}/timeline").json["items"]

    composed = next(line for line in lines if line["kind"] == "notice.composed")
    assert composed["actor"] == f"user:{hr.world.users['hr']}"


def test_counsel_reads_and_sends_nothing_whatever_the_token_says(world: World) -> None:
    legal = Program(world, "legal", "read", "write", "tasks", "personal")

    assert problem(legal.post(f"/cases/{CASE_NO}/notices", {"kind": "plain", "fields": {}}))[:2] == (
        403,
        "role-reads-only",
    )
    assert PHONE not in legal.get("/employees").text
