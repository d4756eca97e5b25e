"""Counsel takes the evidence of a case away: one bundle that proves itself without us."""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from evidence.bag import Bag
from handlers.calendar import current
from handlers.desk import Desk
from handlers.export.bundle import Bundle, Wish
from handlers.export.disclose import ErasedSince
from handlers.export.gather import Progress
from handlers.export.point import find_point, must_reach, prepare, present
from handlers.export.refusal import refusal
from handlers.export.views import FULL, VIEWS
from handlers.export_room import new_room, turn
from handlers.papers.press import Press
from handlers.people import Unacceptable
from storage import cases
from storage.book import Book, Entry, Reader, case_stream
from storage.engine import take_time
from storage.export_erasures import erasure_since
from storage.log import read_head


@dataclass(frozen=True)
class Exported:
    """A finished bundle: where it lies, its hash, its number, and how much of the log it shows."""

    path: Path
    sha256: str
    number: str
    records: int
    size: int
    view: str


@dataclass(frozen=True)
class Handout:
    """A bundle that lies in a folder of its own until its bytes have been given out."""

    exported: Exported
    length: int
    room: TemporaryDirectory[str]

    def pieces(self) -> Iterator[bytes]:
        """Yield the bytes; the folder goes with them."""
        with self.room, self.exported.path.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece


_PIECE = 256 * 1024  # bytes


def _silent(stage: str, done: int, total: int) -> None:
    del stage, done, total


def export_case(
    desk: Desk, case_no: str, actor: str, target: Path, *, at: int | None = None, view: str = FULL,
    progress: Progress = _silent, fonts: Sequence[Path] = (), account: str = "",
) -> Exported:  # fmt: skip
    """Write a case's bundle and record that it was taken out, by whom, and its hash.

    ``at`` repeats an earlier checkpoint: the same bytes but for ``export.note``.
    ``account`` is the operating system's, where no user is the actor. What was tampered with is
    exported as it stands, for the verifier to find. Raises Unacceptable for a case, view or size that
    does not exist and Unexportable for a bundle that could not be made or recorded: then there is none.
    """
    wish = Wish(view, at, fonts)
    partial = target.with_name(f".{target.name}.{desk.archive.ids.token(12)}.part")
    try:
        with refusal():
            _must_exist(desk, case_no, view)
            progress("anchor", 0, 1)
            exported, holds = _made(desk, case_no, wish, target, partial, progress)
            with desk.archive.writing() as book:
                _record(book, case_no, exported, actor, account)
                _must_still_stand(book, holds)
        partial.replace(target)  # only now: no bundle lies anywhere that no record tells of
        _sync(target.parent)
    finally:
        partial.unlink(missing_ok=True)
    return exported


def make_handout(desk: Desk, case_no: str, actor: str, *, at: int | None = None, view: str = FULL) -> Handout:
    """Make a bundle to be given out at once and not kept. Raises like ``export_case``, and Crowded."""
    room = new_room(desk.data_dir)
    try:
        with turn():
            exported = export_case(desk, case_no, actor, Path(room.name) / "export.zip", at=at, view=view)
    except BaseException:
        room.cleanup()
        raise
    return Handout(exported, exported.path.stat().st_size, room)


@dataclass(frozen=True)
class _Holds:
    """Which records a bundle shows, and the position behind the last one that it could show."""

    records: frozenset[str]
    below: int


def make_assessment(desk: Desk, case_no: str, fonts: Sequence[Path] = ()) -> bytes:
    """Return the PDF of counsel's own assessment, as of now; it is in no bundle. Raises like a handout."""
    with (
        refusal(), turn(), new_room(desk.data_dir) as name, Bag(Path(name)) as bag,
        desk.archive.reading() as view, Press(Path(name), fonts) as press,
    ):  # fmt: skip
        take_time(view.connection)
        case, point = _named(view, case_no), present(view)
        bundle = Bundle(desk, view, bag, Path(name), case, point, Wish(fonts=fonts), _silent)
        report = bundle.assessment(current(view, desk.rules.calendar), view.now)
        return press.draw(report, "assessment.pdf").path.read_bytes()


def _must_exist(desk: Desk, case_no: str, view: str) -> None:
    if view not in VIEWS:
        raise Unacceptable("view", f"副本种类只能是：{'、'.join(VIEWS)}")
    with desk.archive.reading() as reader:
        _named(reader, case_no)


def _named(reader: Reader, case_no: str) -> cases.CaseName:
    case = cases.name_of_case(reader.connection, case_no)
    if case is None:
        raise Unacceptable("case_no", f"没有案件 {case_no}")
    return case


def _made(
    desk: Desk, case_no: str, wish: Wish, target: Path, partial: Path, tell: Progress
) -> tuple[Exported, _Holds]:
    size = wish.at if wish.at is not None else prepare(desk)
    partial.parent.mkdir(parents=True, exist_ok=True)
    with new_room(desk.data_dir) as room, Bag(Path(room)) as bag:
        with desk.archive.reading() as view:
            take_time(view.connection)
            case, point = _named(view, case_no), find_point(view, size)
            must_reach(view, case.id, point)
            bundle = Bundle(desk, view, bag, Path(room), case, point, wish, tell)
            found = bundle.fill()
        tell("write", 0, 1)
        sha256 = _write(bundle, partial)
    exported = Exported(target, sha256, bundle.number, found.last, point.checkpoint.size, wish.view)
    return exported, _Holds(frozenset(record for _, record in found.places), point.later[0])


def _write(bundle: Bundle, partial: Path) -> str:
    """Write the whole bundle beside its place; return its SHA-256."""
    info = {"Source-Organization": "huizheng", "External-Identifier": bundle.case.case_no}
    signer = bundle.desk.signer if bundle.point.note is not None else None
    with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb+") as file:
        sign = signer.sign_export if signer else None
        bundle.bag.write(file, info, sign, bundle.number, bundle.point.checkpoint)
        file.flush()
        os.fsync(file.fileno())
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(folder: Path) -> None:
    """Make the new name durable too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _record(book: Book, case_no: str, exported: Exported, actor: str, account: str) -> None:
    case = cases.name_of_case(book.connection, case_no)
    assert case is not None  # it was exported just now
    told: dict[str, Any] = {
        "export": exported.number, "sha256": exported.sha256, "records": exported.records,
        "view": exported.view,
    }  # fmt: skip
    if account and not actor.startswith("user:"):
        told["account"] = account
    book.add(
        Entry(
            "custody.exported", case_stream(case.id), actor, told=told, refs=[f"checkpoint {exported.size}"],
            party=case.employee_id,
        )
    )  # fmt: skip


def _must_still_stand(book: Book, holds: _Holds) -> None:
    """Raise ErasedSince where something of the bundle was erased while it was made, or since ``at``.

    Asked last and under the log's lock: an erasure that is not seen here is recorded after this export.
    """
    read_head(book.connection, lock=True)
    by = erasure_since(book.connection, holds.records, holds.below)
    if by is not None:
        raise ErasedSince(by)
