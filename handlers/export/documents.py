"""The papers of a bundle are drawn, one after another, and put into the bag."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evidence import compose, tlog_proof
from evidence.bag import Bag
from handlers.export.dossier import Dossier
from handlers.export.exhibit_paper import Parts, exhibit_report, wanted
from handlers.export.exhibits import ATTACHMENT, PAPER, Exhibit, plan
from handlers.export.gather import Gathered, Progress
from handlers.export.index_paper import HEAD, PLACES, index_of, index_report
from handlers.export.log_files import System
from handlers.export.point import Point
from handlers.export.service_paper import certificate
from handlers.export.statement_paper import statement
from handlers.export.timeline_paper import timelines
from handlers.papers.index_docx import index_docx
from handlers.papers.press import Drawn, Press
from handlers.papers.report import Report
from storage import export_source as reading
from storage.book import Reader
from storage.export_paths import Paths
from storage.log import place
from storage.vault import Opening

# What a browser and a page can draw, by media type; anything else lies behind a slip sheet.
_PICTURES = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
_SUFFIXES = {
    **_PICTURES,
    "application/pdf": "pdf",
    "audio/mpeg": "mp3",
    "audio/amr": "amr",
    "video/mp4": "mp4",
}
_SLIP = "本证据是原样保存的文件，不重新排印：data/files/{name}，{size} 字节，SHA-256 见清单。{pages}"


@dataclass
class Studio:
    """Draws the papers of one bundle into its bag."""

    view: Reader
    bag: Bag
    press: Press
    room: Path
    dossier: Dossier
    point: Point
    tell: Progress
    labels: dict[str, str] = field(default_factory=dict)  # record -> the first exhibit that shows it
    listed: list[tuple[Exhibit, tuple[int, int]]] = field(default_factory=list)

    def draw(self, found: Gathered, system: System, reasons: Mapping[str, int]) -> None:
        """Draw everything: exhibits first, since the index names their pages."""
        self._exhibits(plan(self.dossier.events, self.dossier.notices, long=self.dossier.long))
        self._index()
        for number, report in enumerate(timelines(self.dossier, self.labels), start=1):
            self._put(report, "data/02-timeline.pdf" if number == 1 else f"data/02-timeline-{number}.pdf")
        self._put(statement(self.dossier, found, system, reasons), "data/03-system-statement.pdf")
        self._notices()

    def _exhibits(self, exhibits: Sequence[Exhibit]) -> None:
        paths = Paths(self.view.connection, self.point.epoch, self.point.checkpoint.size)
        next_page = 1
        for done, one in enumerate(exhibits):
            self.tell("papers", done, len(exhibits))
            pages = self._exhibit(one, next_page)
            self.listed.append((one, (next_page, next_page + pages - 1)))
            next_page += pages
            self._prove(one, paths)
            for event in one.events:
                self.labels.setdefault(event.record, one.label)

    def _exhibit(self, one: Exhibit, first_page: int) -> int:
        """Draw one exhibit; return how many pages it takes, those of an untouched PDF included."""
        parts, media = self._parts(one)
        if one.sort not in (ATTACHMENT, PAPER):
            return self._put(exhibit_report(self.dossier, one, parts, first_page), _name(one)).pages
        data = parts.get((one.first.record, one.part), b"")
        name = f"{one.label}-{one.part}.{_SUFFIXES.get(media, 'bin')}"
        self.bag.add(f"data/files/{name}", data)
        (self.room / name).write_bytes(data)
        try:
            return self._put_file(one, name, media, len(data), first_page)
        finally:
            (self.room / name).unlink()

    def _put_file(self, one: Exhibit, name: str, media: str, size: int, first_page: int) -> int:
        drawn = media in _PICTURES and self.press.can_draw(self.room / name)
        count = (self.press.pages_of(self.room / name) or 0) if media == "application/pdf" else 0
        words = f"该文件占证据第 {first_page + 1} 至 {first_page + count} 页。" if count else ""
        slip = "" if drawn else _SLIP.format(name=name, size=size, pages=words)
        report = exhibit_report(self.dossier, one, {}, first_page, slip, name if drawn else "")
        return self._put(report, _name(one)).pages + count

    def _parts(self, one: Exhibit) -> tuple[Parts, str]:
        """Open what an exhibit shows; return the bytes and the media type of its attachment."""
        found: dict[tuple[str, str], bytes] = {}
        media, disclosed = "", {event.record: event.parts for event in one.events}
        for some in reading.records_named(self.view, wanted(one)):
            for name, part in some.parts.items():
                if isinstance(part, Opening) and name in disclosed[some.leaf.id]:
                    found[some.leaf.id, name] = part.data
                    media = part.media if name == one.part else media
        return found, media

    def _prove(self, one: Exhibit, paths: Paths) -> None:
        """Add a tlog-proof of each record that an exhibit shows, where the log is signed."""
        for event in one.events if self.point.note else ():
            epoch, index = place(event.position)
            proof = paths.proof(event.record, index) if epoch == self.point.epoch else None
            if proof is not None and self.point.note:
                data = tlog_proof.write(tlog_proof.TlogProof(index, proof.path, self.point.note))
                self.bag.add(compose.proof_name(one.label, event.cseq), data)

    def _index(self) -> None:
        index = index_of(self.dossier, self.listed)
        self._put(index_report(self.dossier, index), "data/01-index.pdf")
        rows: list[Sequence[str] | str] = []
        for heading, lines in index.groups:
            rows += [heading, *(line.cells for line in lines)]
        foot = f"导出编号 {self.dossier.number}　检查点 {self.dossier.checkpoint.size} 条"
        data = index_docx(index.title, index.parties, HEAD, rows, PLACES, foot, self.dossier.today)
        self.bag.add("data/01-index.docx", data)

    def _notices(self) -> None:
        groups = self.dossier.by_notice()
        for done, (notice, events) in enumerate(groups):
            self.tell("certificates", done, len(groups))
            report = certificate(self.dossier, notice, events, self.labels)
            self._put(report, f"data/04-service-N{notice.number}.pdf")

    def _put(self, report: Report, name: str) -> Drawn:
        drawn = self.press.draw(report, Path(name).name)
        self.bag.add(name, drawn.path.read_bytes())
        drawn.path.unlink()
        return drawn


def _name(one: Exhibit) -> str:
    return f"data/exhibits/{one.label}.pdf"
