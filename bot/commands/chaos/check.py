"""Three books held together: what the gateways accepted, what the database says, what the log vouches."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from handlers.desk import Desk
from storage import reckoning, tasks
from storage.audit import audit
from storage.reckoning import Tried

REFUSED = ("rejected_perm", "rejected_temp")


@dataclass(frozen=True)
class Taken:
    """One message that a gateway accepted; ``shown`` is how often the person saw it."""

    client_ref: str
    shown: int


@dataclass(frozen=True)
class Books:
    """What the database says when everything has settled."""

    notices: Mapping[str, str]  # notice -> case
    attempts: Collection[Tried]
    listed: Collection[str]  # attempts that a person must look into
    helped: Collection[str]  # cases in which a person has been asked for help
    closed: Collection[str]  # notices of which a rung ended with a reason before anything was sent


@dataclass(frozen=True)
class Verdict:
    """What came of holding the books together; ``findings`` says each fault in words."""

    lost: int
    duplicated: int
    unknown_listed: int
    records: int
    verified: bool
    findings: tuple[str, ...]


def check(desk: Desk, ledger: Path, promised: Collection[str]) -> Verdict:
    """Hold the books together; ``promised`` are notices of which HR was told that they exist."""
    with desk.archive.reading() as view:
        connection = view.connection
        waiting = tasks.open_tasks(connection)
        books = Books(
            notices=reckoning.all_notices(connection),
            attempts=reckoning.all_attempts(connection),
            listed={one.about for one in waiting if one.kind == "unknown_attempt" and one.about},
            helped={one.case_id for one in waiting},
            closed=reckoning.rungs_without_attempt(connection),
        )
        audited = audit(view)
    taken = read_ledger(ledger)
    lost, twice = lost_in(books, taken, promised), duplicated_in(books, taken)
    unknown = sum(one.state == "human" and one.id in books.listed for one in books.attempts)
    said = [*lost, *twice, *(f"audit: {one.code} {one.text()}" for one in audited.findings)]
    return Verdict(len(lost), len(twice), unknown, audited.records, audited.sound, tuple(said))


def read_ledger(path: Path) -> list[Taken]:
    """Return what the gateways wrote down before they answered."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return [Taken(one["client_key"], one["shown"]) for one in map(json.loads, lines)]


def lost_in(books: Books, taken: Iterable[Taken], promised: Collection[str]) -> list[str]:
    """Say what was lost: a notice nobody got or answers for, or a message that one book alone knows."""
    refs = {one.client_ref for one in taken}
    kept = {one.notice_id for one in books.attempts if one.client_ref in refs or _answered_for(one, books)}
    said = [f"lost: notice {one} was promised and is not there" for one in set(promised) - set(books.notices)]
    said += [
        f"lost: nobody has notice {notice}, and nobody was asked"
        for notice, case in books.notices.items()
        if notice not in kept and notice not in books.closed and case not in books.helped
    ]
    said += [
        f"lost: no gateway has attempt {one.id}, which is taken for {one.state}"
        for one in books.attempts
        if one.state == "accepted" and one.client_ref not in refs
    ]
    known = {one.client_ref for one in books.attempts}
    said += [f"lost: a gateway accepted {ref}, of which we know nothing" for ref in sorted(refs - known)]
    open_still = [one for one in books.attempts if one.state in ("sending", "unknown")]
    return said + [f"lost: attempt {one.id} is still {one.state}" for one in open_still]


def duplicated_in(books: Books, taken: Iterable[Taken]) -> list[str]:
    """Say what a person saw more than once: no rung of a crash test comes round again.

    A notice of a kind of which a second copy does no harm may be shown once more.
    """
    notice_of = {one.client_ref: one.notice_id for one in books.attempts}
    shown: Counter[str] = Counter()
    for one in taken:
        shown[notice_of.get(one.client_ref, one.client_ref)] += one.shown
    allowed = Counter(one.notice_id for one in books.attempts if one.state == "repeated")
    return [
        f"duplicated: notice {notice} was shown {times} times"
        for notice, times in shown.items()
        if times > 1 + allowed[notice]
    ]


def _answered_for(attempt: Tried, books: Books) -> bool:
    """Whether a gateway refused it, or a person was asked to find out."""
    return attempt.state in REFUSED or (attempt.state == "human" and attempt.id in books.listed)
