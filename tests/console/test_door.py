"""Nobody sees anything of the console without the one-time link, and every role only does what it may."""

import re

import pytest

from bot.console.guard import RIGHTS
from handlers.access import make_login_link
from tests.console.forms import posts, task_id
from tests.web import field_of, post, signed_in
from tests.world import CASE_NO, NAME

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CASE = f"/cases/{CASE_NO}"
INSIDE = ["/", "/cases", CASE, f"{CASE}/notices/new", f"{CASE}/bind", f"{CASE}/files/x/attachment-1"]


def link(world, role="hr"):
    with world.desk.archive.writing() as book:
        return f"/sign-in/{make_login_link(book, world.users[role])}"


@pytest.mark.parametrize("path", INSIDE)
def test_without_signing_in_every_page_only_says_how_to_get_a_link(told, app, path):
    response = app.test_client().get(path)

    assert response.status_code == 401
    assert "huizheng login-link LOGIN" in response.text
    assert "huizheng sandbox" in response.text
    assert NAME not in response.text


def test_opening_the_link_only_shows_a_button_so_that_mail_scanners_do_not_use_it_up(world, app):
    path = link(world)
    for _ in range(3):
        assert app.test_client().get(path).status_code == 200

    client = app.test_client()
    post(client, path, path)
    assert client.get("/").status_code == 200


def test_a_link_signs_in_once(world, app):
    path = link(world)
    post(app.test_client(), path, path)

    second = post(app.test_client(), path, path)

    assert second.status_code == 403
    assert "链接只能用一次" in second.text


def test_a_link_is_over_after_twelve_hours(world, app):
    path = link(world)
    world.clock.pass_by(hours=13)

    assert post(app.test_client(), path, path).status_code == 403


def test_signing_out_closes_the_door(hr):
    post(hr, "/", "/sign-out")

    assert hr.get("/").status_code == 401


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(world, app):
    path = link(world)
    cookie = post(app.test_client(), path, path).headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("role", list(RIGHTS))
def test_every_role_reads(told, app, role):
    client = signed_in(told, app, role)

    assert client.get("/").status_code == 200
    assert NAME in client.get(CASE).text


@pytest.mark.parametrize("role", list(RIGHTS))
def test_only_those_who_work_on_cases_change_anything(calling, app, role):
    client = signed_in(calling, app, role)
    token = field_of(client.get(CASE).text, "csrf_token")
    allowed = "work" in RIGHTS[role]

    for path, fields in posts(calling):
        answer = client.post(path, data={"csrf_token": token, **fields})
        assert (answer.status_code != 403) is allowed, path


@pytest.mark.parametrize("role", list(RIGHTS))
def test_the_evidence_is_handed_to_admin_hr_and_legal_only(told, app, role):
    client = signed_in(told, app, role)

    with post(client, CASE, f"{CASE}/export") as response:
        assert response.status_code == (403 if role == "auditor" else 200)
        assert response.data.startswith(b"PK") is (role != "auditor")


@pytest.mark.parametrize("role", ["legal", "auditor"])
def test_a_reader_is_shown_no_button_that_would_be_refused(calling, app, role):
    text = signed_in(calling, app, role).get(CASE).text

    actions = set(re.findall(r'<form[^>]* action="([^"]+)"', text)) - {"/sign-out", f"{CASE}/export"}
    assert actions == set()
    assert (f"{CASE}/export" in text) is (role == "legal")


def test_every_change_needs_the_token_of_the_form(calling, hr):
    for path, fields in [*posts(calling), (f"{CASE}/export", {}), ("/sign-out", {})]:
        response = hr.post(path, data=fields)
        assert response.status_code == 400, path
        assert "页面放得太久了" in response.text

    assert task_id(calling)  # still open


def test_somebody_who_has_left_is_out_at_once(world, app):
    import sqlalchemy as sa

    from storage.schema import user

    client = signed_in(world, app)
    with world.desk.archive.engine.begin() as connection:
        connection.execute(sa.update(user).where(user.c.id == world.users["hr"]).values(active=False))

    assert client.get("/").status_code == 401


@pytest.mark.parametrize(
    ("there", "back"),
    [(CASE, CASE), ("https://evil.example", "/"), ("//evil.example", "/"), ("/\\evil.example", "/")],
)
def test_the_language_switch_leads_back_and_nowhere_else(hr, there, back):
    response = hr.get("/language/en", query_string={"next": there})

    assert response.headers["Location"] == back


@pytest.mark.parametrize(
    "there",
    ["//evil.example", "/\\evil.example", "/%09/evil.example", "/%0a/evil.example", "https://evil.example"],
)
def test_switching_the_language_leads_nowhere_else(app, there):
    answered = app.test_client().get(f"/language/en?next={there}")

    assert answered.status_code == 303
    assert answered.headers["Location"] == "/"


def test_a_copied_cookie_is_worth_nothing_after_signing_out(world, app):
    client = signed_in(world, app)
    copied = client.get_cookie("session").value
    post(client, "/", "/sign-out")

    thief = app.test_client()
    thief.set_cookie("session", copied)
    assert thief.get("/").status_code == 401


@pytest.mark.parametrize("path", [f"{CASE}/plans/nope/pause", f"{CASE}/plans/nope/resume"])
def test_a_ladder_that_does_not_exist_is_said_so(told, hr, path):
    assert post(hr, CASE, path, why="x").status_code == 422


def test_a_page_number_beyond_all_bounds_is_an_empty_page(told, hr):
    assert hr.get("/cases?page=99999999999999999999").status_code == 200
