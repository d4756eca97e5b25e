"""How long a case is kept: closing it, holds for a dispute, and what two people agree to erase."""

from collections.abc import Callable

from flask import Response, abort, flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from bot.console.casepage import found
from bot.console.guard import me
from bot.console.shell import Shell
from bot.console.work import reason
from handlers.close_case import close_case
from handlers.desk import Desk
from handlers.erase import GROUNDS, LEVELS, Wish, approve, ask, refuse
from handlers.hold import GROUNDS as DISPUTES
from handlers.hold import lift_hold, set_hold
from handlers.people import Unacceptable
from storage import cases, desk_lists
from storage.book import Book
from storage.erasure import erasures
from storage.holds import standing_holds


class Keeping:
    """Every action ends on the page of the case's keeping; one that cannot be taken says why there."""

    def __init__(self, desk: Desk, shell: Shell) -> None:
        self._desk, self._shell = desk, shell

    def keeping(self, case_no: str) -> Response:
        """Show holds and erasures of a case, and what the signed-in user may do."""
        return self._drawn(case_no)

    def close_case(self, case_no: str) -> AnyResponse:
        """Close a case."""
        return self._acted(
            case_no, lambda book, case: close_case(book, case.case_no, reason(), self._desk.rules, me().actor)
        )

    def set_hold(self, case_no: str) -> AnyResponse:
        """Put a case on hold."""
        ground = request.form.get("ground", "")
        return self._acted(
            case_no, lambda book, case: set_hold(book, case.case_no, ground, reason(), me().user)
        )

    def lift_hold(self, case_no: str, hold_id: str) -> AnyResponse:
        """Lift a hold of this case."""

        def act(book: Book, case: cases.Case) -> None:
            if hold_id not in {hold.id for hold in standing_holds(book.connection, case.id)}:
                abort(404)
            lift_hold(book, hold_id, reason(), me().user)

        return self._acted(case_no, act)

    def ask_erasure(self, case_no: str) -> AnyResponse:
        """Ask that the case be erased."""
        level = request.form.get("level", "")
        wish = Wish(
            request.form.get("ground", ""), request.form.get("why", "").strip(),
            int(level) if level in map(str, LEVELS) else 0, case_no,
        )  # fmt: skip
        return self._acted(case_no, lambda book, _case: ask(book, wish, me().user))

    def refuse_erasure(self, case_no: str, erasure_id: str) -> AnyResponse:
        """Refuse what somebody asked to erase."""

        def act(book: Book, case: cases.Case) -> None:
            _must_be_of(book, case, erasure_id)
            refuse(book, erasure_id, reason(), me().user)

        return self._acted(case_no, act)

    def approve_erasure(self, case_no: str, erasure_id: str) -> AnyResponse:
        """Erase what another person asked for; nothing brings it back."""
        with self._desk.archive.writing() as book:
            _must_be_of(book, found(book, case_no), erasure_id)
        try:
            approve(self._desk.archive, self._desk.data_dir, erasure_id, me().user)
        except Unacceptable as fault:
            return self._drawn(case_no, fault)
        flash(_("已删除，删除本身记入证据链"))
        return redirect(f"/cases/{case_no}/keeping", 303)

    def _acted(self, case_no: str, act: Callable[[Book, cases.Case], object]) -> AnyResponse:
        try:
            with self._desk.archive.writing() as book:
                act(book, found(book, case_no))
        except Unacceptable as fault:
            return self._drawn(case_no, fault)
        return redirect(f"/cases/{case_no}/keeping", 303)

    def _drawn(self, case_no: str, fault: Unacceptable | None = None) -> Response:
        with self._desk.archive.reading() as view:
            case = found(view, case_no)
            return self._shell.draw(
                "keeping.html", 422 if fault else 200, case=case, fault=fault,
                holds=standing_holds(view.connection, case.id), disputes=DISPUTES, grounds=GROUNDS,
                levels=LEVELS, erasures=erasures(view.connection, case.id)[::-1],
                names=desk_lists.user_names(view.connection), mine=me().actor,
            )  # fmt: skip


def _must_be_of(book: Book, case: cases.Case, erasure_id: str) -> None:
    if erasure_id not in {one.id for one in erasures(book.connection, case.id)}:
        abort(404)
