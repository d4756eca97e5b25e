"""Sending a notice: the facts are filled in, the composed text is read, and only then it goes."""

import hashlib
from datetime import timedelta

from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from bot.console.casepage import found
from bot.console.guard import me
from bot.console.shell import Shell
from casework import notices
from casework.escalation import Do, Planned, Policy, Story, next_step
from casework.notices import Composed, NoticeRefused
from handlers.calendar import current
from handlers.desk import Desk
from handlers.notify import compose, notify
from handlers.people import Unacceptable
from handlers.policies import chosen_policy
from handlers.reachable import channels_of
from storage import cases, people
from storage.book import Book, Reader

FIRST = "return_reminder"
TWICE = timedelta(minutes=10)  # the same text again within this time is a button pressed twice


class Sending:
    """The two pages before a notice leaves."""

    def __init__(self, desk: Desk, shell: Shell) -> None:
        self._desk, self._shell = desk, shell

    def new_notice(self, case_no: str) -> Response:
        """Show the form for one kind of notice."""
        return self._form(case_no, request.args.get("kind", FIRST), {})

    def edit(self, case_no: str) -> Response:
        """Show the form again, filled in."""
        return self._form(case_no, *_filled_in())

    def preview(self, case_no: str) -> Response:
        """Show the composed text and what will happen with it, before anything does."""
        kind, fields = _filled_in()
        try:
            with self._desk.archive.reading() as view:
                case = found(view, case_no)
                composed, planned = self._compose(view, case, kind, fields), self._first(view, case, kind)
                policy = self._policy(view, kind)
        except NoticeRefused as fault:
            return self._form(case_no, kind, fields, fault)
        return self._shell.draw(
            "preview.html", case=case, kind=kind, fields=fields, composed=composed, planned=planned,
            policy=policy, digest=_digest(composed),
        )  # fmt: skip

    def send(self, case_no: str) -> AnyResponse:
        """Send what was previewed, once."""
        kind, fields = _filled_in()
        try:
            with self._desk.archive.writing() as book:
                case = found(book, case_no)
                composed = self._compose(book, case, kind, fields)
                if _digest(composed) != request.form.get("digest"):
                    return self.preview(case_no)
                if not _sent_just_now(book, case, composed):
                    notify(book, case.id, kind, fields, self._desk.rules, me().actor)
        except (NoticeRefused, Unacceptable) as fault:
            return self._form(case_no, kind, fields, fault)
        flash(_("通知已封存，并按阶梯开始发送。"))
        return redirect(f"/cases/{case_no}", 303)

    def _form(
        self,
        case_no: str,
        kind: str,
        fields: dict[str, str],
        fault: NoticeRefused | Unacceptable | None = None,
    ) -> Response:
        with self._desk.archive.reading() as view:
            case = found(view, case_no)
            person = people.employee_by_id(view.connection, case.employee_id)
        kinds = [notices.load_kind(one) for one in notices.kinds()]
        form = next((one for one in kinds if one.kind == kind), kinds[0])
        missing = fault.fields if isinstance(fault, NoticeRefused) else ()
        return self._shell.draw(
            "notice_form.html", 422 if fault else 200, case=case, person=person,
            kinds=sorted(kinds, key=lambda one: (one.kind == "plain", one.kind != FIRST)),
            form=form, fields=fields, fault=fault, missing=missing,
        )  # fmt: skip

    def _compose(self, view: Book | Reader, case: cases.Case, kind: str, fields: dict[str, str]) -> Composed:
        if kind not in notices.kinds():
            raise NoticeRefused(_("没有这一种通知，请重新选择"))
        return compose(view, case, kind, fields)

    def _first(self, view: Reader, case: cases.Case, kind: str) -> Planned | None:
        """Ask the decider, by the same rules as later, what the first step will be."""
        person = people.employee_by_id(view.connection, case.employee_id)
        rules = self._desk.rules
        story = Story(
            policy=self._policy(view, kind),
            started_at=view.now,
            calendar=current(view, rules.calendar),
            channels=channels_of(view, person, rules),
            has_contact=person.emergency_contact is not None,
        )
        step = next_step(story, view.now)
        return step.planned if isinstance(step, Do) else None

    def _policy(self, view: Reader, kind: str) -> Policy:
        return chosen_policy(view, notices.load_kind(kind).ladder, self._desk.rules)


def _filled_in() -> tuple[str, dict[str, str]]:
    """Return the kind of notice and its facts, which the form sends as f-<name>."""
    fields = {name[2:]: value.strip() for name, value in request.form.items() if name.startswith("f-")}
    return request.form.get("kind", ""), fields


def _digest(composed: Composed) -> str:
    return hashlib.sha256(composed.text.encode()).hexdigest()


def _sent_just_now(book: Book, case: cases.Case, composed: Composed) -> bool:
    since = book.now - TWICE
    sent = cases.notices_of(book, case.id)
    return any(one.paragraphs == composed.paragraphs and one.composed_at > since for one in sent)
