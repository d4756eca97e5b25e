"""The API beside the rest of the web application: neither's rules reach the other."""

from flask import Flask

from bot.api.web import mount
from tests.api.calling import CASE, Program
from tests.world import CASE_NO


def mounted(hr: Program) -> Flask:
    app = Flask("outer", static_folder=None)
    app.add_url_rule("/", "home", lambda: "工作台")
    app.add_url_rule("/apiary", "apiary", lambda: "蜂场")
    app.before_request(lambda: None)
    mount(app, hr.world.desk)
    return app


def test_what_lies_below_api_is_answered_by_the_api(hr: Program) -> None:
    client = mounted(hr).test_client()
    token = {"Authorization": f"Bearer {hr.token}"}

    assert client.get(f"/api/v1/cases/{CASE_NO}", headers=token).json["case_no"] == CASE_NO
    made = client.post("/api/v1/cases", json=CASE, headers=token | {"Idempotency-Key": "k1"})
    assert made.status_code == 201
    for path in ("/api", "/api/", "/api/nowhere", "/api/v2/cases"):
        assert client.get(path).mimetype == "application/problem+json"


def test_everything_else_stays_with_the_application(hr: Program) -> None:
    client = mounted(hr).test_client()

    assert [client.get(path).text for path in ("/", "/apiary")] == ["工作台", "蜂场"]
    assert client.get("/nowhere").mimetype == "text/html"


def test_an_answer_is_never_stored_by_a_proxy_and_sets_no_cookie(hr: Program) -> None:
    answer = hr.get(f"/cases/{CASE_NO}")

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
