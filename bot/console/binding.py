"""Binding an employee's WeChat: a one-time code that HR shows on the screen, face to face."""

from io import BytesIO
from typing import cast

import segno
from flask import Response, abort, redirect, session
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from bot.console.casepage import CasePage, found
from bot.console.shell import Shell
from handlers.bind import invite
from handlers.desk import Desk
from handlers.people import Unacceptable
from handlers.ports import Binds, SendFailed
from storage import people

KEPT = "bind"  # in the session: the code stands in no address and in no log


class Binding:
    """Makes a code and shows it until the clerk leaves the page."""

    def __init__(self, desk: Desk, shell: Shell, page: CasePage) -> None:
        self._desk, self._shell, self._page = desk, shell, page

    def make_code(self, case_no: str, name: str, account: str) -> AnyResponse:
        """Make a one-time code for the case's employee."""
        channel = self._desk.channels.get((name, account))
        if channel is None or not hasattr(channel, "invitation"):
            abort(404)
        with self._desk.archive.writing() as book:
            case = found(book, case_no)
            code = invite(book, case.employee_id, name, account)
        try:
            session[KEPT] = [case_no, cast(Binds, channel).invitation(code)]
        except SendFailed as fault:
            why = _("平台没有给出二维码：%(said)s。请稍后再试。", said=fault.said)
            return self._page.drawn(case_no, Unacceptable("bind", why))
        return redirect(f"/cases/{case_no}/bind", 303)

    def bind_page(self, case_no: str) -> Response:
        """Show the code with what to say."""
        self._address(case_no)
        with self._desk.archive.reading() as view:
            case = found(view, case_no)
            person = people.employee_by_id(view.connection, case.employee_id)
        return self._shell.draw("bind.html", case=case, person=person)

    def bind_code(self, case_no: str) -> Response:
        """Draw the code."""
        drawn = BytesIO()
        segno.make(self._address(case_no), error="m").save(drawn, kind="svg", scale=8, border=4)
        return Response(drawn.getvalue(), mimetype="image/svg+xml")

    def _address(self, case_no: str) -> str:
        kept = session.get(KEPT)
        if not kept or kept[0] != case_no:
            abort(404)
        return str(kept[1])
