"""Counsel takes a case's evidence bundle away, and records to whom a copy was handed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Response, flash, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from bot.console.casepage import found
from bot.console.guard import me
from bot.console.shell import Shell
from bot.console.words import mark
from evidence.browser import assemble
from handlers.custody import hand_over
from handlers.desk import Desk
from handlers.export.views import FULL, MINIMISED
from handlers.export_evidence import make_assessment, make_handout
from handlers.export_room import Crowded
from handlers.people import Unacceptable
from storage import cases
from storage.custody import EXPORTED, Custody, custody_of

LONGEST = 300  # characters of a text
# Why each view is made, and what it holds back.
VIEWS: Mapping[str, tuple[str, str]] = {
    FULL: (
        mark("完整副本"),
        mark("供仲裁委员会、法院使用：本案全部记录和原件，只去掉涉及其他员工的批量数据和法务意见"),
    ),
    MINIMISED: (
        mark("对方副本"),
        mark("供对方当事人使用：不含紧急联系人、其他员工、经办人姓名、内部备注、提醒理由和法务意见"),
    ),
}


@dataclass(frozen=True)
class Copy:
    """An export that was made, and the people to whom it was handed."""

    number: str
    view: str
    sha256: str
    records: int
    at: datetime | None
    handed: tuple[Custody, ...]


class Exporting:
    """Makes the bundle, records that it was taken, hands it out, and lists the copies that exist."""

    def __init__(self, desk: Desk, shell: Shell) -> None:
        self._desk, self._shell = desk, shell

    def exports(self, case_no: str) -> Response:
        """Show the copies that were taken, and the form for another one."""
        return self._drawn(case_no)

    def export(self, case_no: str) -> AnyResponse:
        """Hand out the bundle; the copy on our disk goes with the answer."""
        with self._desk.archive.reading() as view:
            found(view, case_no)
        wanted = request.form.get("view", FULL)
        try:
            made = make_handout(self._desk, case_no, me().actor, at=_size(), view=wanted)
        except Unacceptable as fault:  # e.g. a case that was tampered with: the page says what to do
            return self._drawn(case_no, fault)
        except Crowded as crowd:
            return self._drawn(case_no, crowd, 503)
        response = Response(made.pieces(), mimetype="application/zip")
        response.content_length = made.length
        name = f"{case_no}.zip" if wanted == FULL else f"{case_no}-{wanted}.zip"
        response.headers.set("Content-Disposition", "attachment", filename=name)
        response.headers["X-Huizheng-SHA256"] = made.exported.sha256
        return response

    def assessment(self, case_no: str) -> AnyResponse:
        """Hand out counsel's own paper, which lies in no bundle."""
        with self._desk.archive.reading() as view:
            found(view, case_no)
        try:
            made = make_assessment(self._desk, case_no)
        except Unacceptable as fault:
            return self._drawn(case_no, fault)
        except Crowded as crowd:
            return self._drawn(case_no, crowd, 503)
        response = Response(made, mimetype="application/pdf")
        response.headers.set("Content-Disposition", "attachment", filename=f"{case_no}-internal.pdf")
        return response

    def handed_over(self, case_no: str) -> AnyResponse:
        """Record to whom a copy was handed."""
        export, to, how = (request.form.get(name, "")[: LONGEST + 1] for name in ("export", "to", "how"))
        try:
            with self._desk.archive.writing() as book:
                found(book, case_no)
                hand_over(book, case_no, export, to, how, me().actor)
        except Unacceptable as fault:
            return self._drawn(case_no, fault)
        flash(_("移交已记入证据链"))
        return redirect(f"/cases/{case_no}/exports", 303)

    def verifier(self) -> Response:
        """Hand out the page that checks a bundle offline; it is meant to be opened from a disk."""
        response = Response(assemble.page(), mimetype="text/html")
        response.headers.set("Content-Disposition", "attachment", filename="verify.html")
        return response

    def _drawn(
        self, case_no: str, fault: Unacceptable | Crowded | None = None, status: int = 422
    ) -> Response:
        with self._desk.archive.reading() as view:
            found(view, case_no)
            case = cases.name_of_case(view.connection, case_no)
            copies = _copies(custody_of(view, case.id)) if case else []
        return self._shell.draw(
            "exports.html", status if fault else 200, case=case, copies=copies, fault=fault, views=VIEWS
        )


def _size() -> int | None:
    """Return the size of the log that was asked for, None for a bundle as of now. Raises Unacceptable."""
    text = request.form.get("at", "").strip()
    if text and not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Unacceptable("at", _("检查点要写成日志的条数，例如 4711；不填就是现在"))
    return int(text) if text else None


def _copies(records: list[Custody]) -> list[Copy]:
    """Return the exports, the newest first, each with its hand-overs."""
    made = [one for one in records if one.kind == EXPORTED]
    handed = [one for one in records if one.kind != EXPORTED]
    return [
        Copy(
            number=str(one.told.get("export", "")),
            view=str(one.told.get("view", "")),
            sha256=str(one.told.get("sha256", "")),
            records=int(one.told.get("records", 0)),
            at=one.at,
            handed=tuple(each for each in handed if each.told.get("export") == one.told.get("export")),
        )
        for one in reversed(made)
    ]
