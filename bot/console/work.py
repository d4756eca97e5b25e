"""What HR records: the outcome of a task, the meaning of a reply, a pause and a going-on."""

from collections.abc import Callable
from datetime import datetime

from flask import redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from bot.console.casepage import CasePage, found
from bot.console.guard import me
from bot.console.shell import Shell
from casework.messages import Meaning
from casework.workdays import BEIJING
from handlers.answered import pause
from handlers.confirm import confirm_reply, resume
from handlers.desk import Desk
from handlers.escalate import advance
from handlers.people import Unacceptable
from handlers.show_number import show_number
from handlers.tasks import Outcome, record_outcome
from handlers.visits import Visit
from storage import cases, inbox, ladders, tasks
from storage.book import Book

LONGEST = 2000  # characters of a note


class Work:
    """Every action ends on the case's page; one that cannot be taken says why there."""

    def __init__(self, desk: Desk, page: CasePage, shell: Shell) -> None:
        self._desk, self._page, self._shell = desk, page, shell

    def outcome(self, case_no: str, task_id: str) -> AnyResponse:
        """Record what came of a task."""

        def act(book: Book, case: cases.Case) -> None:
            _of_case(getattr(tasks.task_by_id(book.connection, task_id), "case_id", None), case)
            record_outcome(book, task_id, _outcome(), self._desk.rules, me().actor)

        return self._acted(case_no, act, f"task-{task_id}")

    def number(self, case_no: str, task_id: str) -> AnyResponse:
        """Show the full number that a call task is about; that it was shown is recorded."""
        try:
            with self._desk.archive.writing() as book:
                case = found(book, case_no)
                _of_case(getattr(tasks.task_by_id(book.connection, task_id), "case_id", None), case)
                callee = show_number(book, task_id, me().actor)
        except Unacceptable as fault:
            return self._page.drawn(case_no, fault)
        return self._shell.draw("number.html", case=case, callee=callee, task_id=task_id)

    def meaning(self, case_no: str, reply_id: str) -> AnyResponse:
        """Record what a reply means."""

        def act(book: Book, case: cases.Case) -> None:
            _of_case(getattr(inbox.reply_by_id(book.connection, reply_id), "case_id", None), case)
            try:
                meaning = Meaning(request.form.get("meaning", ""))
            except ValueError:
                raise Unacceptable("meaning", _("请先选择这条回复的意思")) from None
            confirm_reply(book, reply_id, meaning, _text("note"), self._desk.rules, me().actor)

        return self._acted(case_no, act, f"reply-{reply_id}")

    def pause(self, case_no: str, plan_id: str) -> AnyResponse:
        """Stop a ladder until a person lets it go on."""

        def act(book: Book, case: cases.Case) -> None:
            _of_case(getattr(ladders.find_plan(book.connection, plan_id), "case_id", None), case)
            plan = ladders.plan_by_id(book.connection, plan_id, lock=True)
            if plan.state != "running":
                raise Unacceptable("plan", _("这个阶梯没有在运行，请刷新页面"))
            pause(book, plan, reason(), me().actor, None)
            advance(book, plan.id, self._desk.rules, me().actor)

        return self._acted(case_no, act, f"plan-{plan_id}")

    def resume(self, case_no: str, plan_id: str) -> AnyResponse:
        """Let a paused ladder go on."""

        def act(book: Book, case: cases.Case) -> None:
            _of_case(getattr(ladders.find_plan(book.connection, plan_id), "case_id", None), case)
            resume(book, plan_id, reason(), self._desk.rules, me().actor)

        return self._acted(case_no, act, f"plan-{plan_id}")

    def _acted(self, case_no: str, act: Callable[[Book, cases.Case], None], anchor: str) -> AnyResponse:
        try:
            with self._desk.archive.writing() as book:
                act(book, found(book, case_no))
        except Unacceptable as fault:
            return self._page.drawn(case_no, fault)
        return redirect(f"/cases/{case_no}#{anchor}", 303)


def _of_case(case_id: str | None, case: cases.Case) -> None:
    if case_id != case.id:
        raise Unacceptable("case", _("这一项不属于本案，请刷新页面"))


def reason() -> str:
    """Return the reason that was given; it goes into a record. Raises Unacceptable without one."""
    why = _text("why")
    if not why:
        raise Unacceptable("why", _("请写明理由，理由会进入证据链"))
    return why


def _outcome() -> Outcome:
    file = request.files.get("scan")
    data = file.read() if file and file.filename else None
    return Outcome(
        word=request.form.get("outcome", ""),
        note=_text("note"),
        waybill=_text("waybill"),
        attachment=data,
        attachment_type=(file.mimetype or "application/octet-stream")
        if file and data
        else "application/octet-stream",
        visit=_visit(),
    )


def _visit() -> Visit | None:
    """Return the visit that the form tells of; a moment that cannot be read is none."""
    if "visit_first" not in request.form:
        return None
    try:
        at = datetime.fromisoformat(_text("visit_at")).replace(tzinfo=BEIJING)
    except ValueError:
        at = None
    return Visit(
        first=_text("visit_first"),
        second=_text("visit_second"),
        no_supervisor=request.form.get("no_supervisor") == "yes",
        at=at,
        left=_text("visit_left"),
    )


def _text(name: str) -> str:
    return request.form.get(name, "").strip()[:LONGEST]
