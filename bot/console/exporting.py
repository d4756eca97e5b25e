"""Counsel takes a case's evidence bundle away."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from bot.console.casepage import CasePage, found
from bot.console.guard import me
from handlers.desk import Desk
from handlers.export_evidence import export_case
from handlers.people import Unacceptable

PIECE = 256 * 1024  # bytes


class Exporting:
    """Makes the bundle, records that it was taken, and hands it out."""

    def __init__(self, desk: Desk, page: CasePage) -> None:
        self._desk, self._page = desk, page

    def export(self, case_no: str) -> AnyResponse:
        """Hand out the bundle; the copy on our disk goes with the answer."""
        with self._desk.archive.reading() as view:
            found(view, case_no)
        room = TemporaryDirectory()
        try:
            exported = export_case(self._desk.archive, case_no, me().actor, Path(room.name) / "export.zip")
        except Unacceptable as fault:  # a case that was tampered with: the page says what to do
            room.cleanup()
            return self._page.drawn(case_no, fault)
        response = Response(_streamed(room, exported.path), mimetype="application/zip")
        response.content_length = exported.path.stat().st_size
        response.headers.set("Content-Disposition", "attachment", filename=f"{case_no}.zip")
        response.headers["X-Huizheng-SHA256"] = exported.sha256
        return response


def _streamed(room: TemporaryDirectory[str], path: Path) -> Iterator[bytes]:
    with room, path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
