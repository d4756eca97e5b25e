"""Everything that goes into the bag of one case: records, proofs, tables, papers, and how to check it all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from casework.workdays import Calendar
from evidence import compose, export_note
from evidence.bag import Bag, Member
from evidence.browser import assemble
from evidence.browser.readme import readme
from handlers.desk import Desk
from handlers.export import log_files
from handlers.export.assessment_paper import assessment_report
from handlers.export.disclose import Discloser
from handlers.export.documents import Studio
from handlers.export.dossier import Dossier
from handlers.export.gather import Gathered, Progress, gather
from handlers.export.log_files import System
from handlers.export.outside import Sandwich
from handlers.export.point import Point
from handlers.export.views import FULL
from handlers.papers import glyphs
from handlers.papers.press import Press
from handlers.papers.report import Report
from storage import export_people as people
from storage import export_source as reading
from storage.book import Reader
from storage.cases import CaseName
from storage.export_erasures import erasures_below


@dataclass(frozen=True)
class Wish:
    """What is asked for: which view, at which size of the log (None: now), with which further fonts."""

    view: str = FULL
    at: int | None = None
    fonts: Sequence[Path] = ()


@dataclass(frozen=True)
class Bundle:
    """One bundle under construction. ``room`` is a folder for what is spooled and drawn."""

    desk: Desk
    view: Reader
    bag: Bag
    room: Path
    case: CaseName
    point: Point
    wish: Wish
    tell: Progress

    @property
    def number(self) -> str:
        """The export number."""
        return export_note.number(self.case.id, self.wish.view, self.point.checkpoint)

    def fill(self) -> Gathered:
        """Put everything into the bag but what its writer derives from that."""
        with self.bag.open("data/openings.jsonl") as openings:
            discloser = self._discloser(openings)
            found = self._gathered(discloser)
            first = found.first_position
            system = log_files.write_system(self.view, self.bag, discloser, self.point, first)
        self._log(found, system)
        self._summaries(found, discloser)
        self._papers(found, system, discloser.reasons())
        return found

    def assessment(self, calendar: Calendar, now: datetime) -> Report:
        """Return counsel's own paper about the notices; what is read for it goes into a bag nobody keeps."""
        with self.bag.open("data/openings.jsonl") as openings:
            found = self._gathered(self._discloser(openings))
        dossier = replace(self._dossier(found, System()), as_of=now)
        return assessment_report(dossier, partial(reading.text_of, self.view), calendar)

    def _discloser(self, openings: Member) -> Discloser:
        return Discloser(self.bag, openings, erasures_below(self.view.connection, self.point.later[0]))

    def _gathered(self, discloser: Discloser) -> Gathered:
        named = (self.case.id, self.case.case_no)
        return gather(self.view, self.bag, discloser, self.wish.view, named, self.point.later, self.tell)

    def _log(self, found: Gathered, system: System) -> None:
        self.tell("proofs", 0, 1)
        places = [*found.places, *system.places]
        log_files.write_proofs(self.view, self.bag, self.point, places)
        log_files.write_epochs(self.view, self.bag, self.point, places, system)
        log_files.write_notes(self.view, self.bag, self.point, system)

    def _summaries(self, found: Gathered, discloser: Discloser) -> None:
        with self.bag.open("data/tables.jsonl") as file:
            for row in reading.rows_at(self.view, found.vouchers, self.point.later, self.case.id):
                file.write(compose.row_line(row))
        with self.bag.open("data/completeness.json") as file:
            omitted = discloser.omitted()
            for piece in compose.completeness(self.case.id, found.counts, found.last, omitted):
                file.write(piece)
        case = compose.case_document(self.case.id, self.case.case_no, self.wish.view, self.point.checkpoint)
        self.bag.add("data/case.json", case)
        self.bag.add("verify.html", assemble.page())
        self.bag.add("README.txt", readme())

    def _papers(self, found: Gathered, system: System, reasons: dict[str, int]) -> None:
        dossier = self._dossier(found, system)
        with Press(self.room, self.wish.fonts) as press:
            studio = Studio(self.view, self.bag, press, self.room, dossier, self.point, self.tell)
            studio.draw(found, system, reasons)

    def _dossier(self, found: Gathered, system: System) -> Dossier:
        times = [found.last_at, *(at for _, at, _ in system.told)]
        return Dossier(
            case_no=self.case.case_no,
            case=found.rows.case,
            view=self.wish.view,
            number=self.number,
            checkpoint=self.point.checkpoint,
            events=found.events,
            notices=found.rows.notices,
            points=found.rows.points,
            addresses=people.addresses(self.view.connection, found.rows.points.values()),
            staff=people.staff_below(self.view, self.point.later[0]),
            sandwich=Sandwich(system.anchors),
            as_of=datetime.fromisoformat(max(filter(None, times), default="1970-01-01T00:00:00.000Z")),
            total=found.total,
            long=found.long,
            sandbox=found.sandbox,
            spell=partial(glyphs.spelled, fonts=tuple(self.wish.fonts)),
        )
