"""The one place that knows flask-openapi: the application of the API, its operations and its description."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, current_app
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.info import Info
from flask_openapi.models.security_scheme import SecurityScheme
from flask_openapi.models.tag import Tag
from flask_openapi.openapi import OpenAPI
from pydantic import BaseModel, Field

from bot.api.problems import DOCS, MEDIA, SORTS, ProblemDocument, refuse_invalid

VERSION = "3.1.0"
PREFIX = "/api/v1"
_DESCRIPTION = (
    "回证的开放接口。每个请求带 `Authorization: Bearer hz_…`；每个 POST 带 `Idempotency-Key`；"
    "时间一律为 RFC 3339，回答用 UTC；没有 personal 权限时，电话、证件号码和地址打码显示。"
)
_TOKEN = SecurityScheme(
    type="http",
    scheme="bearer",
    bearerFormat="hz_…",
    description=(
        "用 `huizheng token` 生成。"
        "权限：read 查看，write 登记和发通知，tasks 办理任务，personal 查看完整号码，export 导出证据包。"
    ),
)
_ALWAYS = (400, 401, 403, 404, 405, 422, 500, 503)
_WITH_BODY = (409, 413, 415)


class KeyHeader(BaseModel):
    """The header that makes a repeated POST harmless."""

    idempotency_key: str = Field(
        alias="Idempotency-Key",
        description="这次操作的编号（建议用新的 UUID）；网络中断后用同一个编号重发，只会生效一次",
        examples=["0d9f3a52-6c0e-4f0b-9f5e-2a4b7c1d8e90"],
    )


class Operations:
    """Where the endpoints are added, each with the scope that it asks for."""

    def __init__(self) -> None:
        self.scopes: dict[str, str] = {}
        self._blueprint = APIBlueprint("v1", __name__, url_prefix=PREFIX)

    def get(
        self, rule: str, view: Callable[..., Response], title: str, tag: str, answer: type[BaseModel],
        scope: str = "read",
    ) -> None:  # fmt: skip
        """Add a question."""
        self._add(self._blueprint.get, rule, view, title, tag, scope, {200: answer}, _ALWAYS)

    def put(
        self, rule: str, view: Callable[..., Response], title: str, tag: str, answer: type[BaseModel]
    ) -> None:
        """Add a saving, which may be repeated as it is; it asks for the scope ``write``."""
        answers = {200: answer, 201: answer}
        self._add(self._blueprint.put, rule, view, title, tag, "write", answers, _ALWAYS + _WITH_BODY)

    def post(
        self, rule: str, view: Callable[..., Response], title: str, tag: str, answer: type[BaseModel],
        scope: str = "write",
    ) -> None:  # fmt: skip
        """Add an act, which is done once for each Idempotency-Key."""
        self._add(self._blueprint.post, rule, view, title, tag, scope, {201: answer}, _ALWAYS + _WITH_BODY)

    def post_file(self, rule: str, view: Callable[..., Response], title: str, tag: str, scope: str) -> None:
        """Add an act that is answered with a ZIP file."""
        file = {
            "description": "文件",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        }
        self._add(self._blueprint.post, rule, view, title, tag, scope, {201: file}, _ALWAYS + _WITH_BODY)

    def register(self, app: OpenAPI) -> None:
        """Put all operations into the application, once they are all added."""
        app.register_api(self._blueprint)

    def _add(
        self, method: Callable[..., Any], rule: str, view: Callable[..., Response], title: str, tag: str,
        scope: str, answers: Mapping[int, Any], statuses: tuple[int, ...],
    ) -> None:  # fmt: skip
        self.scopes[f"{self._blueprint.name}.{view.__name__}"] = scope
        method(
            rule, summary=title, tags=[Tag(name=tag)], operation_id=view.__name__,
            security=[{"token": [scope]}], responses={**answers, **_problems(statuses)},
        )(view)  # fmt: skip


def new_app(*, validate_answers: bool) -> OpenAPI:
    """Return the application of the API, still without operations; tests also validate its answers."""
    app = OpenAPI(
        "bot.api",
        info=Info(title="回证 Huizheng API", version="1", description=_DESCRIPTION),
        security_schemes={"token": _TOKEN},
        validation_error_model=ProblemDocument,
        validation_error_callback=refuse_invalid,
        validate_response=validate_answers,
        doc_ui=False,
        static_url_path=f"{DOCS}/static",
    )
    app.openapi_version = VERSION
    return app


def description_of(app: OpenAPI) -> dict[str, Any]:
    """Return the OpenAPI document."""
    document: dict[str, Any] = app.api_doc
    return document


def answer(body: BaseModel | Mapping[str, Any], status: int = 200, **headers: str) -> Response:
    """Return a JSON answer; underscores in header names stand for hyphens."""
    text = body.model_dump_json() if isinstance(body, BaseModel) else current_app.json.dumps(body)
    made = current_app.response_class(text, status=status, mimetype="application/json")
    made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return made


def _problems(statuses: tuple[int, ...]) -> dict[int, dict[str, Any]]:
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    """Describe what a status may mean, naming each problem."""
    meant = "；".join(f"{name}（{title}）" for name, (code, title) in SORTS.items() if code == status)
    schema = {"$ref": f"#/components/schemas/{ProblemDocument.__name__}"}
    return {"description": meant, "content": {MEDIA: {"schema": schema}}}
