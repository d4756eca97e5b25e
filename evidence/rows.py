"""What records vouch for in the tables, and the comparison that audit and verify share (§4, §5)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evidence import canonical, fields
from evidence.errors import CanonicalError, FactsError
from evidence.report import Finding

COLUMNS: Mapping[str, frozenset[str]] = {
    table: frozenset(names.split())
    for table, names in {
        "firm": "name",
        "site": "name firm_id",
        "user": "login name role active",
        "employee": "employee_no firm_id site_id name id_number job preference emergency_contact",
        "contact_point": "employee_id channel account address state since how",
        "injury_case": "case_no employee_id firm_id site_id accident_at stage state summary",
        "notice": "case_id kind title composed_at text_blob paper_blob composed_record",
        "policy_version": "name body",
        "policy_choice": "policy_id since",
        "calendar_version": "body since",
        "plan": "case_id notice_id policy_id calendar state started_at resumed_at ended_at",
        "plan_step": "plan_id ordinal rung action channel due_at state why finished_at",
        "follow_up": "case_id since until state",
        "delivery": "step_id notice_id contact_point_id",
        "attempt": "delivery_id number channel account client_ref state started_at deadline_at"
        " provider_id request_blob response_blob",
        "receipt": "channel event_key attempt_id delivery_id outcome said event_at received_at",
        "reply": "channel external_key employee_id case_id notice_id text_blob proposed confirmed"
        " received_at",
        "pause": "scope why set_at lifted_at",
        "legal_hold": "case_id ground set_at lifted_at",
        "erasure": "case_id level ground state asked_by approved_by asked_at done_at",
        "task": "case_id step_id kind due_at state outcome done_by done_at about",
    }.items()
}

Key = tuple[str, str]  # (table, id)

_COMMITMENT = fields.matches(fields.HEX64)


@dataclass(frozen=True)
class Row:
    """A row and the record that vouches for it: as the tables hold it, or as ``facts`` say it."""

    table: str
    id: str
    record: str
    columns: Mapping[str, object]

    @property
    def key(self) -> Key:
        """The row's name, unique over all tables."""
        return self.table, self.id


@dataclass(frozen=True)
class Facts:
    """The part named ``facts`` of one record."""

    rows: tuple[Row, ...]
    told: Mapping[str, Any]


def make_facts(rows: Sequence[tuple[str, str, Mapping[str, object]]], told: Mapping[str, object]) -> bytes:
    """Return the bytes of a ``facts`` part from (table, id, columns) and what a reader should know.

    Raises FactsError for a table or columns that §5 does not list, and CanonicalError for floats and
    the like: a decimal is a string, a time its text.
    """
    listed = [{"columns": columns, "id": id, "table": table} for table, id, columns in rows]
    data = canonical.dumps({"rows": listed, "told": told})
    parse_facts(data, record="")
    return data


def parse_facts(data: bytes, record: str) -> Facts:
    """Read the ``facts`` part of this record strictly; raises FactsError."""
    try:
        found = canonical.loads(data)
    except CanonicalError as error:
        raise FactsError(str(error)) from error
    wrong = fields.misfit(
        found, {"rows": fields.listed(_is_row), "told": lambda told: isinstance(told, dict)}
    )
    if wrong is not None:
        raise FactsError(f"{wrong} is not in its form, or names columns that no record vouches for")
    rows = tuple(Row(row["table"], row["id"], record, row["columns"]) for row in found["rows"])
    if len({row.key for row in rows}) != len(rows):
        raise FactsError("a row stands twice")
    return Facts(rows, found["told"])


def is_columns(table: str, columns: object) -> bool:
    """Whether these are exactly the columns that §5 lists for a table."""
    return isinstance(columns, Mapping) and table in COLUMNS and set(columns) == COLUMNS[table]


def newest(facts: Iterable[Facts]) -> dict[Key, Row]:
    """Return what is vouched for after all these facts, oldest first."""
    return {row.key: row for one in facts for row in one.rows}


def compare_rows(rows: Iterable[Row], vouched: Mapping[Key, Row]) -> Iterator[Finding]:
    """Yield what is wrong between the tables and the newest facts, both ways."""
    seen = set()
    for row in rows:
        seen.add(row.key)
        yield from compare_row(row, vouched.get(row.key))
    for key in sorted(vouched.keys() - seen):
        yield _finding("row-missing", vouched[key])


def compare_row(row: Row, vouched: Row | None) -> list[Finding]:
    """Return what is wrong with one row, given the newest facts that name it (None: none do)."""
    if vouched is None:
        return [_finding("row-unvouched", row)]
    if row.record != vouched.record:
        return [_finding("row-unvouched", row, "row-unvouched.newer", newest=vouched.record)]
    return [_finding("row-differs", row, column=name) for name in differing(row.columns, vouched.columns)]


def differing(columns: Mapping[str, object], vouched: Mapping[str, object]) -> list[str]:
    """Return the names of columns that are not equal, or that only one side has."""
    return [
        name
        for name in sorted(columns.keys() | vouched.keys())
        if name not in columns or name not in vouched or not _same(columns[name], vouched[name])
    ]


def _same(left: object, right: object) -> bool:
    # Compared as bytes, because Python holds True and 1 to be equal. A value that has no such form,
    # e.g. a float that somebody put into the database, is equal to nothing.
    try:
        return canonical.dumps(left) == canonical.dumps(right)
    except CanonicalError:
        return False


def blobs(columns: Mapping[str, object]) -> list[tuple[str, object]]:
    """Return the columns that name kept bytes, each with the bytes' commitment in hex (§5)."""
    return [(name, value) for name, value in columns.items() if name.endswith("_blob") and value is not None]


def _is_row(row: object) -> bool:
    rules = {"columns": lambda _: True, "id": fields.is_text, "table": fields.is_text}
    return (
        fields.misfit(row, rules) is None
        and isinstance(row, dict)
        and is_columns(row["table"], row["columns"])
        and all(_COMMITMENT(value) for _, value in blobs(row["columns"]))
    )


def _finding(code: str, row: Row, words: str = "", **values: str) -> Finding:
    return Finding(code, row.record or None, words or code, {"table": row.table, "id": row.id, **values})
