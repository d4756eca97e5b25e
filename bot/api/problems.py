"""Every error of the API as a problem document (RFC 9457), with a Chinese title and an English name."""

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, current_app, json
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException

from casework.notices import NoticeRefused
from handlers.export_room import Crowded
from handlers.people import Unacceptable
from handlers.ports import Ids
from storage.log import LogHalted

DOCS = "/api/docs"
MEDIA = "application/problem+json"

# name -> HTTP status and title; the name is the fragment of the type, where the documentation explains it.
SORTS: Mapping[str, tuple[int, str]] = {
    "bad-request": (400, "请求无法理解"),
    "body-not-json": (400, "请求体不是 JSON 对象"),
    "idempotency-key-missing": (400, "缺少 Idempotency-Key"),
    "idempotency-key-unusable": (400, "Idempotency-Key 不合格式"),
    "token-missing": (401, "缺少访问令牌"),
    "token-unknown": (401, "访问令牌无效或已撤销"),
    "scope-missing": (403, "令牌缺少权限"),
    "role-reads-only": (403, "审计员只能查看"),
    "not-found": (404, "没有找到"),
    "method-not-allowed": (405, "该地址不支持这种请求方法"),
    "exists-already": (409, "已经存在"),
    "done-already": (409, "已经有人办过了"),
    "body-too-large": (413, "请求体太大"),
    "body-not-declared-json": (415, "只接受 application/json"),
    "cursor-unusable": (422, "分页游标无效"),
    "field-invalid": (422, "字段不合要求"),
    "idempotency-key-reused": (422, "同一个 Idempotency-Key 用于了不同的请求"),
    "not-acceptable-input": (422, "内容不能接受"),
    "notice-refused": (422, "通知内容不合规"),
    "internal-error": (500, "系统内部错误"),
    "export-busy": (503, "正在导出"),
    "log-halted": (503, "证据日志已停写"),
}
_OF_STATUS = {
    400: "bad-request",
    404: "not-found",
    405: "method-not-allowed",
    413: "body-too-large",
    415: "body-not-declared-json",
}
_log = logging.getLogger(__name__)


class FieldFault(BaseModel):
    """One field that was refused."""

    field: str | None = Field(
        description="字段路径，用点分隔；整个请求体有误时为 null", examples=["addresses.0.address"]
    )
    detail: str = Field(description="哪里不对，怎么改", examples=["Field required"])


class ProblemDocument(BaseModel):
    """An error, in the form of RFC 9457."""

    type: str = Field(description="错误种类；# 后面是固定的英文名", examples=[f"{DOCS}#field-invalid"])
    title: str = Field(description="错误种类的中文名", examples=["字段不合要求"])
    status: int = Field(description="HTTP 状态码", examples=[422])
    detail: str = Field(description="这一次哪里不对，怎么改", examples=["name: Field required"])
    field: str | None = Field(description="出错的字段路径；与字段无关时为 null", examples=["name"])
    errors: list[FieldFault] | None = Field(default=None, description="多个字段有误时的全部说明")
    words: list[str] | None = Field(default=None, description="通知里不能写的词")
    scope: str | None = Field(default=None, description="令牌缺少的权限", examples=["write"])
    instance: str | None = Field(default=None, description="内部错误的编号，运维可凭它查日志")


class Problem(Exception):  # noqa: N818  (RFC 9457 calls it so)
    """A request that cannot be served; ``name`` is one of SORTS, ``more`` are further members."""

    def __init__(
        self, name: str, detail: str, field: str | None = None,
        headers: Mapping[str, str] | None = None, **more: Any,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.name, self.detail, self.field, self.headers, self.more = name, detail, field, headers or {}, more

    def response(self) -> Response:
        """Return the answer that says so."""
        status, title = SORTS[self.name]
        members = {"type": f"{DOCS}#{self.name}", "title": title, "status": status}
        return _response({**members, "detail": self.detail, "field": self.field, **self.more}, self.headers)


def refuse_invalid(error: ValidationError) -> Response:
    """Turn what pydantic found into a problem; the values that were sent are not repeated."""
    faults = [
        {"field": ".".join(str(step) for step in one["loc"]) or None, "detail": one["msg"]}
        for one in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    first = faults[0]
    detail = f"{first['field']}: {first['detail']}" if first["field"] else str(first["detail"])
    raise Problem("field-invalid", detail, first["field"], errors=faults)


def answer_errors(app: Flask, ids: Ids) -> None:
    """Make every error that leaves this application a problem document."""
    app.register_error_handler(Problem, Problem.response)
    app.register_error_handler(Unacceptable, _unacceptable)
    app.register_error_handler(NoticeRefused, _notice_refused)
    app.register_error_handler(LogHalted, _halted)
    app.register_error_handler(Crowded, _crowded)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, lambda error: _internal(error, ids))


def _unacceptable(error: Unacceptable) -> Response:
    return Problem("not-acceptable-input", str(error), error.field).response()


def _notice_refused(error: NoticeRefused) -> Response:
    field = f"fields.{error.fields[0]}" if error.fields else "fields"
    return Problem("notice-refused", str(error), field, words=list(error.words)).response()


def _halted(error: LogHalted) -> Response:
    return Problem("log-halted", str(error)).response()


def _crowded(error: Crowded) -> Response:
    return Problem("export-busy", str(error), headers={"Retry-After": "30"}).response()


def _http(error: HTTPException) -> Response:
    answer = error.get_response()
    headers = {"Allow": answer.headers["Allow"]} if "Allow" in answer.headers else {}
    name = _OF_STATUS.get(answer.status_code)
    if name:
        return Problem(name, error.description or error.name, headers=headers).response()
    members = {"type": "about:blank", "title": error.name, "status": answer.status_code}
    return _response({**members, "detail": error.description or error.name, "field": None}, headers)


def _internal(error: Exception, ids: Ids) -> Response:
    """Say nothing of the cause to the caller; the log has it under the number that the caller gets."""
    number = f"urn:uuid:{ids.uuid()}"
    _log.error("API request failed, %s", number, exc_info=error)
    detail = f"the request was not carried out; the log has the cause under {number}"
    return Problem("internal-error", detail, instance=number).response()


def _response(members: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    answer = current_app.response_class(json.dumps(members), status=members["status"], mimetype=MEDIA)
    answer.headers.update(headers)
    return answer
