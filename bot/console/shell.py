"""What every page of the console has in common: frame, headers, error pages."""

from functools import partial
from pathlib import Path

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from bot.console import times, words
from bot.console.language import is_english
from bot.console.words import mark
from handlers.desk import Desk
from storage.log import LogHalted, read_head
from storage.pauses import standing_pauses

LARGEST = 20 * 1024 * 1024  # bytes of one request: a scanned letter
HTMX = Path(__file__).parent / "static" / "vendor" / "htmx.min.js"
CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FAULTS = {
    400: (mark("这个请求没有办法处理"), mark("请返回上一页，刷新之后再试一次。")),
    403: (mark("您的角色不能做这件事"), mark("需要时请联系管理员调整角色。")),
    404: (mark("没有这一页"), mark("请检查地址，或者从工作台重新进入。")),
    405: (mark("没有这一页"), mark("请检查地址，或者从工作台重新进入。")),
    413: (mark("文件太大了"), mark("一次最多上传 20 MB，请压缩之后再试。")),
    503: (
        mark("证据日志已停写"),
        mark("数据库可能是从旧备份恢复的。没有保存任何改动，也不会对外发送；请管理员查看 docs/signer.md。"),
    ),
    500: (mark("系统出了问题"), mark("没有保存任何改动。请稍后再试；仍然不行，请联系管理员查看日志。")),
}
STALE = (mark("页面放得太久了"), mark("请返回上一页，刷新之后再提交一次。没有保存任何改动。"))


class Shell:
    """Draws pages for one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def draw(self, name: str, status: int = 200, **more: object) -> Response:
        """Draw a page in its frame."""
        now = self._desk.archive.clock.now()
        frame = {
            "now": now, "when": partial(times.when, now=now), "until": partial(times.until, now=now),
            "day": partial(times.day, now=now), "late_by": partial(times.late_by, now=now),
            "exact": times.exact, "date": times.date, "member": current_user, "desk": self._desk,
            "words": words, "english": is_english(), "htmx": HTMX.exists(),
            **self._alarms(),
        }  # fmt: skip
        return make_response(render_template(f"console/{name}", **{**frame, **more}), status)

    def _alarms(self) -> dict[str, object]:
        """What every page says in a band: a halted log, messages that a person has stopped."""
        with self._desk.archive.reading() as view:
            halted = read_head(view.connection).halted is not None
            return {"halted": halted, "stopped": standing_pauses(view.connection)}

    def fault(self, error: Exception) -> Response:
        """Draw an error page that reads nothing from the database: that may be what has failed."""
        code = (error.code if isinstance(error, HTTPException) else None) or 500
        code = 503 if isinstance(error, LogHalted) else code
        title, remedy = STALE if isinstance(error, CSRFError) else FAULTS.get(code, FAULTS[400])
        drawn = render_template(
            "console/fault.html", title=_(title), remedy=_(remedy), code=code, english=is_english(),
            sandbox=self._desk.sandbox,
        )  # fmt: skip
        return make_response(drawn, code)


def limit() -> None:
    """Bound what one request to the console may bring, before anybody reads it."""
    if request.blueprint == "console":
        request.max_content_length = LARGEST


def guard_headers(response: Response) -> Response:
    """Only our own files are loaded, nothing is framed, nothing personal stays in a cache."""
    response.headers.setdefault("Content-Security-Policy", CSP)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    if request.endpoint != "console.static":
        response.headers["Cache-Control"] = "no-store"
    return response
