"""Somebody with the database password changes something by plain SQL: audit and a later export show it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from evidence import merkle, records
from evidence.rows import COLUMNS
from evidence.verify import verify_file
from handlers.export_evidence import export_case
from handlers.tasks import Outcome, record_outcome
from storage.audit import audit
from storage.columns import Instant
from storage.log import ZEROS
from storage.schema import log_head, log_node, metadata, record, stream_head
from tests.engine.world import World

# Rows of these tables belong to no case; an export of a case does not carry them.
MASTER = {"firm", "site", "user", "employee", "contact_point", "policy_version"}


@pytest.fixture
def lived(here: World) -> World:
    """A world in which a good deal has happened, so that every evidence-bearing table holds a row."""
    here.remind()
    here.work()
    here.hear("wechat_oa", key="d1", outcome="delivered", id="wechat_oa-1")
    here.clock.pass_time(days=1, minutes=1)
    here.work()
    here.clock.pass_time(days=2)
    here.work()
    with here.archive.writing() as book:
        record_outcome(book, here.open_tasks()[0].id, Outcome("reached"), here.desk.rules, here.user)
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="医生说还要养半个月")
    here.work()
    return here


def codes(here: World, against: Path | None = None) -> set[str]:
    with here.archive.reading() as view:
        return {one.code for one in audit(view, against).findings}


def verified(here: World, folder: Path) -> bool:
    """Verify an export made now. Making it adds one record, which is not tampered with."""
    target = folder / f"{here.archive.ids.uuid()}.zip"
    with here.archive.engine.connect() as connection:
        cases = metadata.tables["injury_case"]
        case_no = connection.execute(sa.select(cases.c.case_no)).scalar_one()
    export_case(here.archive, case_no, here.user, target)
    return verify_file(target).verified


@contextmanager
def changed(here: World, table: sa.Table, where: Any, name: str, value: Any) -> Iterator[None]:
    """Set one cell by plain SQL, and put the old value back afterwards."""
    raw = sa.table(table.name, *(sa.column(one.name) for one in table.c))
    is_json = isinstance(table.c[name].type, sa.JSON)
    cell = sa.cast(raw.c[name], sa.Text) if is_json else raw.c[name]

    def put(new: Any) -> None:
        cast = "CAST(:new AS JSON)" if here.archive.engine.dialect.name == "postgresql" else ":new"
        written = sa.text(cast).bindparams(new=new) if is_json else new
        with here.archive.engine.begin() as connection:
            connection.execute(sa.update(raw).where(where(raw)).values({name: written}))

    with here.archive.engine.begin() as connection:
        old = connection.execute(sa.select(cell).where(where(raw))).scalar_one()
    put(value(old))
    yield
    put(old)


def other(column: sa.Column[Any]) -> Any:
    """Return a function that makes another value of the column's kind."""
    kind = column.type

    def change(old: Any) -> Any:
        if isinstance(kind, sa.Boolean):
            return not old
        if isinstance(kind, Instant | sa.Integer | sa.BigInteger):
            return (old or 0) + 1000
        if isinstance(kind, sa.JSON):
            return '["x"]'
        if isinstance(kind, sa.String):
            return f"{old[:-1]}{'y' if old[-1] == 'x' else 'x'}" if old else "x"
        return bytes(old[:-1]) + bytes([old[-1] ^ 1]) if old else b"x"

    return change


def test_a_database_that_nobody_touched_is_sound_and_its_export_verifies(lived: World, tmp_path: Path):
    assert codes(lived) == set()
    assert verified(lived, tmp_path)


def test_every_vouched_column_that_is_changed_by_sql_is_found(lived: World, tmp_path: Path):
    missed = []
    for table_name, names in COLUMNS.items():
        table = metadata.tables[table_name]
        with lived.archive.engine.connect() as connection:
            row_id = connection.execute(sa.select(table.c.id).limit(1)).scalar_one()
        for name in sorted(names):
            value = other(table.c[name])
            if table.c[name].foreign_keys:
                free = _other_targets(lived, table, name)
                if not free:
                    continue  # the database itself refuses every other value
                value = partial(_take, free[0])
            with changed(lived, table, lambda raw, row_id=row_id: raw.c.id == row_id, name, value):
                if not codes(lived) & {"row-differs", "row-unvouched"}:
                    missed.append(f"audit: {table_name}.{name}")
                if table_name not in MASTER and verified(lived, tmp_path):
                    missed.append(f"verify: {table_name}.{name}")
    assert missed == []


def _take(new: str, old: Any) -> str:
    return new


def _other_targets(here: World, table: sa.Table, name: str) -> list[str]:
    """Ids that a foreign key could point to instead and that no row of the table uses."""
    target = next(iter(table.c[name].foreign_keys)).column
    with here.archive.engine.connect() as connection:
        used = set(connection.execute(sa.select(table.c[name])).scalars())
        return [one for one in connection.execute(sa.select(target)).scalars() if one not in used]


def test_every_byte_of_every_record_counts(lived: World, tmp_path: Path):
    """Sampled: three bytes of each record's leaf, hash and place."""
    dice = random.Random(20261123)
    with lived.archive.engine.connect() as connection:
        rows = connection.execute(sa.select(record.c.position, record.c.leaf, record.c.stream)).all()
    for row in rows:
        for at in dice.sample(range(len(row.leaf)), 3):
            with changed(lived, record, _at(row.position), "leaf", _flip(at)):
                assert codes(lived), f"byte {at} of record {row.position}"
        for name in ("leaf_hash", "stream", "cseq", "kind", "at"):
            value = _flip(5) if name == "leaf_hash" else other(record.c[name])
            with changed(lived, record, _at(row.position), name, value):
                assert codes(lived), f"{name} of record {row.position}"
    case_rows = [row for row in rows if row.stream == f"case:{lived.case_id}"]
    for row in dice.sample(case_rows, 5):
        with changed(lived, record, _at(row.position), "leaf", _flip(dice.randrange(len(row.leaf)))):
            assert not verified(lived, tmp_path)


def _at(position: int) -> Any:
    return lambda raw: raw.c.position == position


def _flip(at: int) -> Any:
    return lambda old: bytes(old[:at]) + bytes([old[at] ^ 1]) + bytes(old[at + 1 :])


@pytest.mark.parametrize("table", ["blob_chunk", "blob", "record_part", "log_node", "stream_head"])
def test_every_table_behind_the_log_is_covered(lived: World, table: str):
    cells = {
        "blob_chunk": ("sealed", _flip(3)),
        "blob": ("commitment", _flip(3)),
        "record_part": ("name", lambda old: f"{old}x"),
        "log_node": ("hash", _flip(3)),
        "stream_head": ("cseq", lambda old: old + 1),
    }
    target = metadata.tables[table]
    key = next(iter(target.primary_key))
    with lived.archive.engine.connect() as connection:
        used = sa.select(metadata.tables["record_part"].c.blob_id).limit(1)
        value = connection.execute(used if table.startswith("blob") else sa.select(key).limit(1)).scalar_one()
    name, change = cells[table]
    rows = sa.table(table, sa.column(key.name), sa.column(name))
    with lived.archive.engine.begin() as connection:
        for row in connection.execute(sa.select(rows).where(rows.c[key.name] == value)).all():
            connection.execute(
                sa.update(rows)
                .where(rows.c[key.name] == value, rows.c[name] == getattr(row, name))
                .values({name: change(getattr(row, name))})
            )
            break
    assert codes(lived)


def test_a_deleted_record_is_found(lived: World, tmp_path: Path):
    with lived.archive.engine.begin() as connection:
        victim = connection.execute(
            sa.select(record.c.position).where(record.c.kind == "reply.received")
        ).scalar_one()
        connection.execute(sa.delete(record).where(record.c.position == victim))

    assert {"sequence", "back-link"} <= codes(lived)


def test_a_row_that_no_record_vouches_for_is_found(lived: World):
    with lived.archive.engine.begin() as connection:
        receipt = metadata.tables["receipt"]
        row = dict(connection.execute(sa.select(receipt).limit(1)).mappings().one())
        connection.execute(
            sa.insert(receipt).values({**row, "id": lived.archive.ids.uuid(), "event_key": "forged"})
        )

    assert codes(lived) == {"row-unvouched"}


def test_a_row_that_was_deleted_is_found(lived: World, tmp_path: Path):
    with lived.archive.engine.begin() as connection:
        connection.execute(sa.delete(metadata.tables["receipt"]))

    assert codes(lived) == {"row-missing"}
    assert not verified(lived, tmp_path)


def test_personal_data_moved_to_another_person_s_row_is_found(lived: World):
    with lived.archive.writing() as book:
        from handlers.people import EmployeeData, save_employee

        other_id, _ = save_employee(
            book, EmployeeData("E018", "李四", "恒力五金有限公司", "一厂"), lived.user
        )
    with lived.archive.engine.begin() as connection:
        raw = sa.table("employee", sa.column("id"), sa.column("name"))
        sealed = connection.execute(sa.select(raw.c.name).where(raw.c.id == lived.employee_id)).scalar_one()
        connection.execute(sa.update(raw).where(raw.c.id == other_id).values(name=sealed))

    assert codes(lived) == {"row-differs"}


def test_a_tail_that_was_cut_off_with_the_head_set_back_is_found_against_an_old_bundle(
    lived: World, tmp_path: Path
):
    old = tmp_path / "old.zip"
    export_case(lived.archive, lived.case().case_no, lived.user, old)
    _remake(lived, drop_last=3)

    assert "fork" in codes(lived, old)


def test_a_log_that_was_remade_as_a_whole_is_found_only_against_an_old_bundle(lived: World, tmp_path: Path):
    old = tmp_path / "old.zip"
    export_case(lived.archive, lived.case().case_no, lived.user, old)
    _remake(lived, forge="case.opened")

    assert codes(lived) == set()  # a perfect forgery is sound in itself: this is why anchors matter
    assert codes(lived, old) == {"fork", "leaf-changed"}


def _remake(here: World, drop_last: int = 0, forge: str | None = None) -> None:
    """Do what a dishonest administrator with our code would do: rewrite every record, node and head."""
    with here.archive.engine.begin() as connection:
        rows = connection.execute(sa.select(record).order_by(record.c.position)).mappings().all()
        rows = rows[: len(rows) - drop_last]
        frontier: tuple[bytes, ...] = ()
        nodes, streams, made = [], {}, []
        hashes: dict[str, str] = {}
        for position, row in enumerate(rows):
            fields = records.parse_leaf(bytes(row["leaf"]))
            if row["kind"] == forge:
                fields["salt"] = "0" * 32
            fields["cprev"] = streams.get(row["stream"], (0, ZEROS))[1]
            fields["refs"] = [_recited(ref, hashes) for ref in fields["refs"]]
            leaf = records.make_leaf(fields)
            leaf_hash = merkle.leaf_hash(leaf)
            hashes[bytes(row["leaf_hash"]).hex()] = leaf_hash.hex()
            frontier, completed = merkle.append(frontier, position, leaf_hash)
            nodes += [{"level": level, "position": at, "hash": value} for level, at, value in completed]
            streams[row["stream"]] = (row["cseq"], leaf_hash.hex())
            made.append({**row, "leaf": leaf, "leaf_hash": leaf_hash})
        for table in (record, log_node, stream_head):
            connection.execute(sa.delete(table))
        connection.execute(sa.insert(record), made)
        connection.execute(sa.insert(log_node), nodes)
        heads = [
            {"stream": name, "cseq": cseq, "leaf_hash": bytes.fromhex(value)}
            for name, (cseq, value) in streams.items()
        ]
        connection.execute(sa.insert(stream_head), heads)
        connection.execute(sa.update(log_head).values(size=len(made), frontier=b"".join(frontier)))


def _recited(ref: str, hashes: dict[str, str]) -> str:
    relation, _, target = ref.partition(" ")
    return f"{relation} {hashes.get(target, target)}"
