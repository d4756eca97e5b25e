"""Counsel takes the evidence of a case away: one bundle that proves itself without us."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from evidence import bundle, compose, contents, rows
from evidence.compose import Export
from evidence.errors import BundleError, FactsError, SealError
from handlers.people import Unacceptable
from handlers.story_text import story_text
from storage import cases, source
from storage.book import Archive, Book, Entry, Reader, case_stream
from storage.source import Leaf
from storage.vault import Opening


@dataclass(frozen=True)
class Exported:
    """A finished bundle: where it lies, its hash, its number, and how much of the log it shows."""

    path: Path
    sha256: str
    number: str
    records: int
    size: int


class Unexportable(Unacceptable):
    """The case's records cannot be read or added to, so that there is nothing to hand out."""

    def __init__(self, why: str) -> None:
        super().__init__("case_no", f"这个案件无法导出（{why}）：请运行 huizheng audit，查明数据库是否被改动")


def export_case(archive: Archive, case_no: str, actor: str, target: Path) -> Exported:
    """Write a case's bundle and record that it was taken out, by whom, and its hash.

    What was tampered with is exported as it stands, for the verifier to find.
    Raises Unacceptable for a case that does not exist and Unexportable for one
    whose bundle could not be made or not be recorded: then there is none.
    """
    partial = target.with_name(f".{target.name}.part")
    try:
        with _refusal():
            case, export = _gathered(archive, case_no)
            sha256 = _write(export, partial)
            exported = Exported(target, sha256, export.export, len(export.records), export.checkpoint.size)
            with archive.writing() as book:
                _record(book, case, exported, actor)
        partial.replace(target)  # only now: no bundle lies anywhere that no record tells of
    finally:
        partial.unlink(missing_ok=True)
    return exported


@contextmanager
def _refusal() -> Iterator[None]:
    try:
        yield
    except BundleError as error:
        raise Unexportable(str(error)) from error
    except source.UNREADABLE as error:
        raise Unexportable(type(error).__name__) from error


def _gathered(archive: Archive, case_no: str) -> tuple[cases.CaseName, Export]:
    with archive.reading() as view:
        case = cases.name_of_case(view.connection, case_no)
        if case is None:
            raise Unacceptable("case_no", f"没有案件 {case_no}")
        return case, _gather(view, case, archive.ids.uuid())


def _gather(view: Reader, case: cases.CaseName, number: str) -> Export:
    own = source.leaves_of_case(view.connection, case.id)
    cited = source.leaves_by_hash(
        view.connection, {one for leaf in own for one in source.cited_hashes(leaf.leaf)}
    )
    opened = {leaf.id: source.openings_of(view, leaf.id) for leaf in [*own, *cited]}
    point = source.checkpoint(view.connection)
    return Export(
        case=case.id,
        case_no=case.case_no,
        export=number,
        view="full",
        checkpoint=point,
        records=[leaf.leaf for leaf in own],
        cited=[leaf.leaf for leaf in cited],
        openings=_openings(opened),
        parts={one.commitment.hex(): one.data for one in _readable(opened)},
        omitted=[],
        proofs=source.proofs_of(view.connection, [*own, *cited], point.size),
        rows=source.rows_named(view.connection, _named_rows(own, opened)),
        timeline=story_text(view, case.id, case.case_no),
    )


Opened = dict[str, dict[str, Opening | SealError]]


def _openings(opened: Opened) -> list[contents.Opening]:
    """A part that can no longer be opened is left out and not listed: the verifier must say so."""
    return [
        contents.Opening(record_id, name, one.commitment.hex(), one.commit_key.hex())
        for record_id, parts in opened.items()
        for name, one in sorted(parts.items())
        if isinstance(one, Opening)
    ]


def _readable(opened: Opened) -> Iterable[Opening]:
    return (one for parts in opened.values() for one in parts.values() if isinstance(one, Opening))


def _named_rows(own: list[Leaf], opened: Opened) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for leaf in own:
        facts = opened[leaf.id].get("facts")
        if isinstance(facts, Opening):
            try:
                found |= {row.key for row in rows.parse_facts(facts.data, leaf.id).rows}
            except FactsError:
                continue  # told by the verifier
    return found


def _write(export: Export, partial: Path) -> str:
    """Write the whole bundle beside its place; return its SHA-256."""
    partial.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        info = {"Source-Organization": "huizheng", "External-Identifier": export.case_no}
        bundle.write(file, compose.members(export), info)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(partial.read_bytes()).hexdigest()


def _record(book: Book, case: cases.CaseName, exported: Exported, actor: str) -> None:
    told = {"export": exported.number, "sha256": exported.sha256, "records": exported.records, "view": "full"}
    book.add(
        Entry(
            "custody.exported", case_stream(case.id), actor, told=told, refs=[f"checkpoint {exported.size}"],
            party=case.employee_id,
        )
    )  # fmt: skip
