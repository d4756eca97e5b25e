"""While the log is halted every door says so, and nobody is told that something was done."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask

from bot.app import create_app
from bot.config import Settings
from handlers.access import make_api_token
from storage import log
from tests.pages.reading import opened
from tests.signer.office import ON_ONE, Office
from tests.web import post, signed_in
from tests.world import CASE_NO, ID_TAIL

pytestmark = ON_ONE


@pytest.fixture
def app(office: Office) -> Iterator[Flask]:
    office.world.notify()
    office.world.work()
    settings = Settings.model_validate(
        {
            "server": {"public_url": "http://localhost"},
            "database": {"url": office.url},
            "keys": {"file": "keys.json"},
            "evidence": {"origin": "huizheng.a1b2c3d4/log/1"},
        }
    )
    made, arrivals = create_app(office.desk, settings)
    yield made
    arrivals.close()


def halt(office: Office) -> None:
    with office.desk.archive.engine.begin() as connection:
        log.halt(connection, "the database holds 9 records, but the signer has read 12")


def test_the_console_shows_it_on_every_page_and_saves_nothing(office: Office, app: Flask):
    hr = signed_in(office.world, app)
    assert "证据日志已停写" not in hr.get("/").text
    plan = office.world.plan().id
    halt(office)

    for path in ("/", "/cases", f"/cases/{CASE_NO}"):
        assert "证据日志已停写" in hr.get(path).text
    answer = post(hr, f"/cases/{CASE_NO}", f"/cases/{CASE_NO}/plans/{plan}/pause", why="等一等")
    assert answer.status_code == 503
    assert "没有保存任何改动" in answer.text
    assert office.world.plan().state == "running"


def test_the_employee_is_asked_to_come_back(office: Office, app: Flask):
    halt(office)
    client, token = app.test_client(), office.world.token()
    answer = opened(client, token, ID_TAIL)

    assert answer.status_code == 503
    assert "暂时不能打开通知" in answer.text


def test_the_api_answers_with_a_problem(office: Office, app: Flask):
    with office.desk.archive.writing() as book:
        token = make_api_token(book, office.world.users["hr"], "test", ["read", "write"])
    halt(office)
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
    client = app.test_client()
    case = {
        "case_no": "GS-2",
        "employee_no": "E-0107",
        "accident_at": "2026-11-02T06:20:00Z",
        "summary": "右手",
    }
    answer = client.post("/api/v1/cases", json=case, headers=headers)

    assert answer.status_code == 503, answer.text
    assert answer.json["type"].endswith("#log-halted")
    assert "huizheng epoch start" in answer.json["detail"]
    assert client.get(f"/api/v1/cases/{CASE_NO}", headers=headers).status_code == 200


def test_a_webhook_waits_on_disk_until_the_log_goes_on(office: Office, app: Flask):
    halt(office)
    hook = "/hooks/wechat_oa/main"
    body = json.dumps({"key": "m1", "from": "x", "text": "收到"})
    before, spool = office.head(), office.desk.data_dir / "spool"
    answer = app.test_client().post(hook, data=body, environ_overrides={"REQUEST_URI": hook})

    assert answer.status_code == 200
    assert office.head() == before
    assert len([one for one in spool.rglob("*") if one.is_file() and "lock" not in one.name]) == 1


def test_machines_that_watch_us_see_it(office: Office, app: Flask):
    client = app.test_client()
    assert "huizheng_log_halted 0.0" in client.get("/metrics").text
    halt(office)
    ready = client.get("/readyz")

    assert (ready.status_code, "has read 12" in ready.json["status"]) == (503, True)
    assert "huizheng_log_halted 1.0" in client.get("/metrics").text
    assert client.get("/healthz").status_code == 200
