"""Verification of one bundle: needs no database, no settings, no network and no other package."""

from collections.abc import Iterator
from pathlib import Path

from evidence import bundle, checks, contents, disclosed
from evidence.bundle import Bundle
from evidence.contents import Contents
from evidence.report import Report, Unproved, Verdict, verdicts


def verify_file(path: str | Path) -> Report:
    """Check everything in a bundle that can be checked from the bundle alone.

    Raises UnreadableBundle when the file cannot be read as a bundle; whatever else is wrong with it
    stands in the report.
    """
    read = bundle.read(path)
    found, malformed = contents.read(read.members)
    internal, complete = verdicts([*read.findings, *malformed, *checks.check(found), *disclosed.check(found)])
    return _report(str(path), read, found, internal, complete)


def _report(file: str, read: Bundle, found: Contents, internal: Verdict, complete: Verdict) -> Report:
    checkpoint = found.checkpoint
    return Report(
        file=file,
        case_no=found.case["case_no"] if found.case else None,
        origin=checkpoint.origin if checkpoint else None,
        size=checkpoint.size if checkpoint else None,
        root=checkpoint.root.hex() if checkpoint else None,
        records=len(found.records),
        codes=disclosed.codes(found),
        internal=internal,
        anchored=Verdict(None),
        complete=complete,
        unproved=tuple(_unproved(read, found)),
    )


def _unproved(read: Bundle, found: Contents) -> Iterator[Unproved]:
    yield Unproved("not.anchored")
    yield Unproved("not.true")
    yield Unproved("not.clock")
    yield Unproved("not.captured")
    yield Unproved("not.timeline")
    if any("clock" in record.fields for record in found.all_records):
        yield Unproved("not.sandbox")
    if found.omissions:
        yield Unproved("not.omitted", {"count": len(found.omissions)})
    if read.unexamined:
        yield Unproved("not.examined", {"names": "、".join(read.unexamined)})
