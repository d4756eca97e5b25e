"""A program that calls the API over WSGI, with a token of its own."""

from typing import Any
from uuid import uuid4

from werkzeug.test import TestResponse

from bot.api.web import make_api
from handlers.access import make_api_token
from storage.log import read_head
from tests.world import CASE_NO, World

CASE = {
    "case_no": "GS-2026-0030",
    "employee_no": "E-0107",
    "accident_at": "2026-11-20T08:05:00+08:00",
    "summary": "上班途中骑自行车被撞，同等责任",
}
PLAIN = {"content": "您的 11 月工资今天已经发放，请您查收", "contact": "人事部李娜"}
EMPLOYEE = {"name": "刘洋", "firm": "恒力五金有限公司", "site": "二厂"}


class Program:
    """One token and the requests made with it; every answer is checked against its described form."""

    def __init__(self, world: World, role: str, *scopes: str) -> None:
        with world.desk.archive.writing() as book:
            self.token = make_api_token(book, world.users[role], "测试", list(scopes))
        self.world, self.app = world, make_api(world.desk, validate_answers=True)
        self.http = self.app.test_client()

    def get(self, path: str) -> TestResponse:
        return self._call("GET", path)

    def put(self, path: str, body: Any) -> TestResponse:
        return self._call("PUT", path, json=body)

    def post(self, path: str, body: Any, key: str | None = None) -> TestResponse:
        return self._call("POST", path, json=body, headers={"Idempotency-Key": key or str(uuid4())})

    def raw(self, method: str, path: str, **how: Any) -> TestResponse:
        """Send exactly this, with the token."""
        return self._call(method, path, **how)

    def notice(self, kind: str = "plain", fields: dict[str, str] | None = None) -> str:
        """Send a notice in the pretend firm's case and return its id."""
        made = self.post(f"/cases/{CASE_NO}/notices", {"kind": kind, "fields": fields or PLAIN})
        assert made.status_code == 201, made.text
        return str(made.json["id"])

    def _call(self, method: str, path: str, **how: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} | how.pop("headers", {})
        return self.http.open(f"/api/v1{path}", method=method, headers=headers, **how)


def problem(answer: TestResponse) -> tuple[int, str, str | None]:
    """Return status, name and field of a problem, after checking that it has the form of RFC 9457."""
    assert answer.mimetype == "application/problem+json", answer.text
    told = answer.json
    assert told["status"] == answer.status_code
    assert told["title"] and told["detail"] and "field" in told
    return answer.status_code, told["type"].removeprefix("/api/docs#"), told["field"]


def records(world: World) -> int:
    """Return how many records the log holds."""
    with world.desk.archive.reading() as view:
        return read_head(view.connection).size
