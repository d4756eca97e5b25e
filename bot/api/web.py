"""Put the API beside the rest of the web application: its own application below /api, its own errors."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response
from flask_openapi.openapi import OpenAPI

from bot.api import cases, docs, employees, exports, notices, simulations, tasks, timeline
from bot.api.entry import LARGEST_BODY, StrictJson, door
from bot.api.problems import answer_errors
from bot.api.spec import Operations, new_app
from handlers.desk import Desk

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ROOM = "/api"


def mount(app: Flask, desk: Desk) -> None:
    """Let everything at and below /api be answered by the API.

    The API is an application of its own, since its errors, body limit and tokens must not mix with the
    console's pages, sessions and CSRF checks. Call this before wrapping ``app.wsgi_app`` in ProxyFix.
    """
    api = make_api(desk)
    app.wsgi_app = _beside(app.wsgi_app, api.wsgi_app)  # type: ignore[method-assign, assignment]  # as Flask advises


def make_api(desk: Desk, *, validate_answers: bool = False) -> OpenAPI:
    """Return the API as an application that serves /api/…; tests let it check its own answers."""
    api = new_app(validate_answers=validate_answers)
    api.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    api.json = StrictJson(api)
    api.url_map.merge_slashes = False
    operations = Operations()
    for subject in (employees, cases, notices, timeline, tasks, exports, simulations):
        subject.add_to(operations, desk)
    api.before_request(door(desk, operations.scopes))
    api.after_request(_harden)
    operations.register(api)
    docs.add_to(api)
    answer_errors(api, desk.archive.ids)
    return api


def _beside(outer: "WSGIApplication", api: "WSGIApplication") -> "WSGIApplication":
    def choose(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        ours = path == ROOM or path.startswith(f"{ROOM}/")
        return (api if ours else outer)(environ, start_response)

    return choose


def _harden(answer: Response) -> Response:
    answer.headers.setdefault("Cache-Control", "no-store")
    answer.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
