"""The console's routes, and what an application needs around them."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, Response, abort, request
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from bot.console import guard
from bot.console.binding import Binding
from bot.console.casepage import CasePage
from bot.console.exporting import Exporting
from bot.console.guard import Member
from bot.console.keeping import Keeping
from bot.console.language import init_language
from bot.console.pausing import Pausing
from bot.console.sending import Sending
from bot.console.shell import FAULTS, Shell, guard_headers, limit
from bot.console.signin import SignIn
from bot.console.work import Work
from bot.console.workbench import Workbench
from casework.case import Stage
from handlers.desk import Desk
from storage import access
from storage.log import LogHalted

SESSION_LIVES = timedelta(hours=12)
OTHERS = ("/api/", "/hooks/", "/n/")  # these rooms speak for themselves


def console(desk: Desk) -> Blueprint:
    """Return the routes of the console."""
    blueprint = Blueprint(
        "console", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
    )
    shell = Shell(desk)
    for rule, method, view in _routes(desk, shell):
        blueprint.add_url_rule(rule, view_func=view, methods=[method])

    def admit() -> Response | None:
        right = guard.needed(request.endpoint or "", request.method)
        if right is None:
            return None
        if not current_user.is_authenticated:
            return shell.draw("signed_out.html", 401, used=False)
        return None if guard.me().may(right) else abort(403)

    blueprint.add_app_template_filter(lambda stage: Stage(stage).label, "stage_label")
    blueprint.before_request(admit)
    blueprint.after_request(guard_headers)
    for code in FAULTS:
        blueprint.register_error_handler(code, shell.fault)
    blueprint.register_error_handler(LogHalted, shell.fault)
    return blueprint


def init_app(app: Flask, desk: Desk) -> Any:
    """Give an application sessions, sign-in, languages and error pages; return its CSRFProtect.

    Every other room that takes POSTs by its own rules must be exempted from it.
    """
    secure = desk.public_url.startswith("https://")
    app.secret_key = desk.archive.keys.web_secret()
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True, SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure, PERMANENT_SESSION_LIFETIME=SESSION_LIVES, WTF_CSRF_TIME_LIMIT=None,
    )  # fmt: skip
    app.before_request(limit)  # before the CSRF check, which reads the form
    _init_login(app, desk)
    init_language(app)
    _init_faults(app, Shell(desk))
    return CSRFProtect(app)


def _routes(desk: Desk, shell: Shell) -> list[tuple[str, str, Any]]:
    door, bench, page = SignIn(desk, shell), Workbench(desk, shell), CasePage(desk, shell)
    work, sending = Work(desk, page, shell), Sending(desk, shell)
    binding, exporting, keeping = Binding(desk, shell, page), Exporting(desk, shell), Keeping(desk, shell)
    stop = Pausing(desk, shell)
    case = "/cases/<case_no>"
    return [
        ("/sign-in/<secret>", "GET", door.sign_in),
        ("/sign-in/<secret>", "POST", door.use_link),
        ("/sign-out", "POST", door.sign_out),
        ("/language/<code>", "GET", door.language),
        ("/", "GET", bench.workbench),
        ("/cases", "GET", bench.cases),
        ("/pause", "GET", stop.pausing),
        ("/pause", "POST", stop.stop_sending),
        ("/pause/resume", "POST", stop.resume_sending),
        (case, "GET", page.case),
        (f"{case}/files/<record_id>/<name>", "GET", page.attachment),
        (f"{case}/notices/<notice_id>/paper.pdf", "GET", page.paper),
        (f"{case}/tasks/<task_id>", "POST", work.outcome),
        (f"{case}/tasks/<task_id>/number", "POST", work.number),
        (f"{case}/replies/<reply_id>", "POST", work.meaning),
        (f"{case}/plans/<plan_id>/pause", "POST", work.pause),
        (f"{case}/plans/<plan_id>/resume", "POST", work.resume),
        (f"{case}/notices/new", "GET", sending.new_notice),
        (f"{case}/notices/new", "POST", sending.edit),
        (f"{case}/notices/preview", "POST", sending.preview),
        (f"{case}/notices", "POST", sending.send),
        (f"{case}/bind/<name>/<account>", "POST", binding.make_code),
        (f"{case}/keeping", "GET", keeping.keeping),
        (f"{case}/close", "POST", keeping.close_case),
        (f"{case}/holds", "POST", keeping.set_hold),
        (f"{case}/holds/<hold_id>/lift", "POST", keeping.lift_hold),
        (f"{case}/erasures", "POST", keeping.ask_erasure),
        (f"{case}/erasures/<erasure_id>/approve", "POST", keeping.approve_erasure),
        (f"{case}/erasures/<erasure_id>/refuse", "POST", keeping.refuse_erasure),
        (f"{case}/bind", "GET", binding.bind_page),
        (f"{case}/bind/code.svg", "GET", binding.bind_code),
        (f"{case}/exports", "GET", exporting.exports),
        (f"{case}/export", "POST", exporting.export),
        (f"{case}/exports", "POST", exporting.handed_over),
        (f"{case}/assessment.pdf", "GET", exporting.assessment),
        ("/verify.html", "GET", exporting.verifier),
    ]


def _init_login(app: Flask, desk: Desk) -> None:
    manager = LoginManager(app)

    def load(remembered: str) -> Member | None:
        user_id, _, generation = remembered.partition("/")
        with desk.archive.reading() as view:
            user = access.user_by_id(view.connection, user_id)
        good = user is not None and user.active and str(user.sessions) == generation
        return Member(user) if user and good else None

    manager.user_loader(load)


def _init_faults(app: Flask, shell: Shell) -> None:
    """Addresses that belong to no room get the console's error page; the other rooms keep their own."""

    def fault(error: Exception) -> Any:
        if request.path.startswith(OTHERS) and isinstance(error, HTTPException):
            return error
        return guard_headers(shell.fault(error))

    app.register_error_handler(LogHalted, fault)
    for code in (*FAULTS, CSRFError):
        app.register_error_handler(code, fault)
