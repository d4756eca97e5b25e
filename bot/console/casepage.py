"""The page of one case, and the files that belong to it."""

from flask import Response, abort, request

from bot.console.casefile import read_case, stages
from bot.console.guard import me
from bot.console.shell import Shell
from bot.console.words import GROUPS
from casework.messages import Meaning
from handlers.desk import Desk
from handlers.paper import notice_paper
from handlers.papers.glyphs import MissingGlyphs
from handlers.people import Unacceptable
from storage import cases, desk_lists
from storage.book import Book, Reader

# What a browser may draw by itself; anything else is only handed out for saving.
DRAWN = ("image/jpeg", "image/png", "image/gif", "image/webp", "application/pdf")


class CasePage:
    """Shows what happened in a case, what comes next, and what a person may do now."""

    def __init__(self, desk: Desk, shell: Shell) -> None:
        self._desk, self._shell = desk, shell

    def case(self, case_no: str) -> Response:
        """Show a case."""
        return self.drawn(case_no)

    def drawn(self, case_no: str, fault: Unacceptable | None = None) -> Response:
        """Draw a case; with what was wrong when a form in it could not be taken."""
        with self._desk.archive.reading() as view:
            file = read_case(view, found(view, case_no), me().user.name)
        chosen = request.args.get("show", "")
        counts = {group: sum(one.group == group for one in file.entries) for group in GROUPS}
        return self._shell.draw(
            "case.html", 422 if fault else 200, file=file, stages=stages(file.case), fault=fault,
            meanings=list(Meaning), chosen=chosen if chosen in GROUPS else "",
            counts={**counts, "": len(file.entries)}, bindable=self._bindable(),
        )  # fmt: skip

    def attachment(self, case_no: str, record_id: str, name: str) -> Response:
        """Hand out a photo or paper that came along; nothing in it is ever run."""
        with self._desk.archive.reading() as view:
            case = found(view, case_no)
            blob = desk_lists.part_of_case(view.connection, case.id, record_id, name)
            if blob is None or not name.startswith("attachment-"):
                abort(404)
            opened = view.open(blob)
        return _file(opened.data, opened.media, name)

    def paper(self, case_no: str, notice_id: str) -> Response:
        """Hand out a notice's paper form for printing."""
        try:
            with self._desk.archive.writing() as book:
                case, notice = found(book, case_no), cases.notice_by_id(book, notice_id)
                if notice is None or notice.case_id != case.id:
                    abort(404)
                data = notice_paper(book, notice_id, self._desk.public_url)
        except MissingGlyphs as missing:
            return self.drawn(case_no, Unacceptable("paper", str(missing)))
        return _file(data, "application/pdf", f"{case_no}.pdf")

    def _bindable(self) -> list[str]:
        return [
            f"{name}/{account}"
            for (name, account), one in self._desk.channels.items()
            if hasattr(one, "invitation")
        ]


def found(view: Book | Reader, case_no: str) -> cases.Case:
    """Return the case of this number, or answer that there is none."""
    case = cases.case_by_no(view.connection, case_no)
    if case is None:
        abort(404)
    return case


def _file(data: bytes, media: str, name: str) -> Response:
    drawn = media in DRAWN
    response = Response(data, mimetype=media if drawn else "application/octet-stream")
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers.set("Content-Disposition", "inline" if drawn else "attachment", filename=name)
    return response
