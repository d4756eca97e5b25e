"""What must hold between records and what is disclosed beside them: parts, facts, tables (§4 to §7)."""

from collections import Counter
from collections.abc import Iterator, Mapping

from evidence import records, rows, seal
from evidence.contents import Contents, Opening
from evidence.errors import FactsError
from evidence.report import Finding
from evidence.rows import Facts


def check(contents: Contents) -> Iterator[Finding]:
    """Yield everything that is wrong, and every part that is openly left out."""
    yield from _parts(contents)
    yield from _openings(contents)
    facts, findings = _facts(contents)
    yield from findings
    yield from _tables(contents, facts)
    yield from _codes(contents, facts)


def codes(contents: Contents) -> tuple[str, ...]:
    """Return the record codes of the notices in the bundle, oldest first."""
    return tuple(
        records.record_code(record.hash) for record in contents.records if record.kind == "notice.composed"
    )


def _parts(contents: Contents) -> Iterator[Finding]:
    opened = Counter((opening.record, opening.name) for opening in contents.openings)
    omitted = Counter((omission.record, omission.name) for omission in contents.omissions)
    held = {(record.id, name) for record in contents.all_records for name in record.parts}
    for record, name in sorted(held - opened.keys() - omitted.keys()):
        yield Finding("part-missing", record, "part-missing", {"name": name})
    for (record, name), times in sorted((opened + omitted).items()):
        if times > 1 or (record, name) not in held:
            yield Finding("part-unlisted", record, "part-unlisted", {"name": name})
    for commit in sorted(contents.parts.keys() - {opening.commit for opening in contents.openings}):
        yield Finding("part-unlisted", None, "part-unlisted.file", {"commit": commit})
    for omission in contents.omissions:
        words = "omitted.erased" if omission.reason == "erased" else "omitted"
        yield Finding("omitted", omission.record, words, {"name": omission.name, "reason": omission.reason})


def _openings(contents: Contents) -> Iterator[Finding]:
    held = {record.id: record.parts for record in contents.all_records}
    for opening in contents.openings:
        data = contents.parts.get(opening.commit)
        if data is None:
            yield Finding("part-missing", opening.record, "part-missing.file", {"name": opening.name})
        elif held.get(opening.record, {}).get(opening.name) != opening.commit or not _opens(opening, data):
            yield Finding("commitment", opening.record, "commitment", {"name": opening.name})


def _opens(opening: Opening, data: bytes) -> bool:
    return seal.opens(bytes.fromhex(opening.k_commit), bytes.fromhex(opening.commit), data)


def _facts(contents: Contents) -> tuple[dict[str, Facts], list[Finding]]:
    facts: dict[str, Facts] = {}
    findings = []
    for opening in contents.openings:
        if opening.name == "facts" and opening.commit in contents.parts:
            try:
                facts[opening.record] = rows.parse_facts(contents.parts[opening.commit], opening.record)
            except FactsError as error:
                findings.append(Finding("leaf-form", opening.record, "leaf-form.facts", {"why": str(error)}))
    return facts, findings


def _tables(contents: Contents, facts: dict[str, Facts]) -> Iterator[Finding]:
    vouched = rows.newest(facts[record.id] for record in contents.records if record.id in facts)
    place = {record.id: record.fields["cseq"] for record in contents.records}
    # A later record whose facts are left out may have changed a row, which then cannot be shown.
    closed = [
        place[record.id] for record in contents.records if "facts" in record.parts and record.id not in facts
    ]
    for found in rows.compare_rows(contents.rows, vouched):
        hidden = found.record in place and max(closed, default=0) > place[found.record]
        if found.code != "row-missing" or not hidden:
            yield found
    if len({row.key for row in contents.rows}) != len(contents.rows):
        yield Finding("row-unvouched", None, "row-unvouched.twice")
    yield from _case_no(contents)
    yield from _blobs(contents, vouched)


def _blobs(contents: Contents, vouched: Mapping[rows.Key, rows.Row]) -> Iterator[Finding]:
    committed = {commit for record in contents.all_records for commit in record.parts.values()}
    for (table, id), row in sorted(vouched.items()):
        for name, commit in rows.blobs(row.columns):
            if commit not in committed:
                values = {"table": table, "id": id, "column": name}
                yield Finding("row-unvouched", row.record, "row-unvouched.blob", values)


def _case_no(contents: Contents) -> Iterator[Finding]:
    for row in contents.rows:
        ours = contents.case is not None and row.key == ("injury_case", contents.case["case"])
        if ours and contents.case and row.columns["case_no"] != contents.case["case_no"]:
            yield Finding("row-differs", row.record, "row-differs.case_no")


def _codes(contents: Contents, facts: dict[str, Facts]) -> Iterator[Finding]:
    real = codes(contents)
    for record in contents.records:
        told = facts[record.id].told.get("record_code") if record.id in facts else None
        if told is not None and told not in real:
            yield Finding("leaf-hash", record.id, "leaf-hash.code", {"code": told})
