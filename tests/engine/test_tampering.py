"""Somebody with the database password changes something by plain SQL: audit and a later export show it."""

import json
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
from handlers import follow_up
from handlers.erase import Wish, ask
from handlers.export.refusal import Unexportable
from handlers.export_evidence import export_case
from handlers.hold import set_hold
from handlers.papers.press import Drawn, Press
from handlers.people import Address, EmployeeData, Unacceptable, save_employee
from handlers.policies import choose
from handlers.tasks import Outcome, record_outcome
from storage.audit import audit
from storage.book import SYSTEM, Book, Entry
from storage.columns import Instant
from storage.log import ZEROS
from storage.rows import Put
from storage.schema import log_head, log_node, metadata, record, stream_head
from storage.timeline import lines_of
from tests.engine.world import World

# Rows of these tables belong to no case; an export of a case does not carry them.
MASTER = {
    "firm", "site", "user", "employee", "contact_point", "policy_version", "policy_choice",
    "calendar_version", "pause",
}  # fmt: skip


@pytest.fixture(autouse=True)
def quick_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave every paper blank: they are drawn from what is checked here, and drawing takes seconds."""

    def draw(press: Any, report: Any, name: str) -> Drawn:
        blank = press._folder / name
        blank.write_bytes(b"%PDF-1.7 blank")
        return Drawn(blank, 1)

    monkeypatch.setattr(Press, "draw", draw)


@pytest.fixture(autouse=True)
def no_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of bundles are made here; what is drawn for people is made from the same records elsewhere."""
    monkeypatch.setattr("handlers.export.bundle.Bundle._papers", lambda *_: None)


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
    asking, holding = here.member("hr"), here.member("legal")
    with here.archive.writing() as book:
        ask(book, Wish("unlawful", "误传了别人的照片", case_no="GS-2026-0017"), asking)
        set_hold(book, "GS-2026-0017", "arbitration", "杭劳人仲案 2026-88", holding)
        _choose_and_pause(book, here)
    return here


def _choose_and_pause(book: Book, here: World) -> None:
    """Write one row of each kind that a firm's own choices make."""
    plan = book.connection.execute(sa.select(metadata.tables["plan"])).first()
    choose(book, "return_reminder", plan.policy_id, here.desk.rules, here.user)
    stop = {"scope": "", "why": "短信商故障", "set_at": book.now, "lifted_at": None}
    book.add(Entry("sending.paused", SYSTEM, here.user, rows=[Put("pause", book.ids.uuid(), stop)]))
    since, rules = here.clock.now().date(), here.desk.rules
    follow_up.start(book, plan.case_id, since, None, here.user, contact="人事部李娜", rules=rules)


def codes(here: World, against: Path | None = None) -> set[str]:
    with here.archive.reading() as view:
        return {one.code for one in audit(view, against).findings}


def verified(here: World, folder: Path) -> bool:
    """Verify an export made now; one that is refused shows the fault, too. Making it adds one record."""
    target = folder / f"{here.archive.ids.uuid()}.zip"
    with here.archive.engine.connect() as connection:
        cases = metadata.tables["injury_case"]
        case_no = connection.execute(sa.select(cases.c.case_no)).scalar_one()
    try:
        export_case(here.desk, case_no, here.user, target)
    except Unexportable:
        return False
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


@pytest.mark.parametrize(
    "exports",
    [1, pytest.param(99, marks=[pytest.mark.long, pytest.mark.timeout(900)])],
    ids=["sampled", "all"],
)
def test_every_vouched_column_that_is_changed_by_sql_is_found(lived: World, tmp_path: Path, exports: int):
    """By the audit always; an export is made for this many columns of each table, drawn by lot."""
    missed, dice = [], random.Random(20261123)
    for table_name, names in COLUMNS.items():
        table = metadata.tables[table_name]
        private = table_name in (*MASTER, "legal_hold", "erasure")  # in no bundle: the audit's to find
        drawn = [] if private else dice.sample(sorted(names), min(exports, len(names)))
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
                if name in drawn and verified(lived, tmp_path):
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
    """Sampled: a byte of each record's leaf, its hash and its place."""
    dice = random.Random(20261123)
    with lived.archive.engine.connect() as connection:
        rows = connection.execute(sa.select(record.c.position, record.c.leaf, record.c.stream)).all()
    for row in rows:
        for at in dice.sample(range(len(row.leaf)), 1):
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
    export_case(lived.desk, lived.case().case_no, lived.user, old)
    _remake(lived, drop_last=3)

    assert "fork" in codes(lived, old)


def test_a_log_that_was_remade_as_a_whole_is_found_only_against_an_old_bundle(lived: World, tmp_path: Path):
    old = tmp_path / "old.zip"
    export_case(lived.desk, lived.case().case_no, lived.user, old)
    _remake(lived, forge="case.opened")

    assert codes(lived) == set()  # a perfect forgery is sound in itself: this is why anchors matter
    assert codes(lived, old) == {"fork", "leaf-changed"}


def run(here: World, sql: str, **values: Any) -> None:
    with here.archive.engine.begin() as connection:
        connection.execute(sa.text(sql), values)


def rows(here: World, sql: str, **values: Any) -> list[Any]:
    with here.archive.engine.begin() as connection:
        return list(connection.execute(sa.text(sql), values))


@pytest.fixture
def begun(here: World) -> World:
    """A world in which a notice was sent and its delivery reported."""
    here.remind()
    here.work()
    here.hear("wechat_oa", key="d1", outcome="delivered", id="wechat_oa-1")
    here.work()
    return here


def test_two_replies_whose_words_were_exchanged_are_found(lived: World, tmp_path: Path):
    lived.hear("wechat_oa", key="m2", **{"from": "wechat_oa-zhangwei"}, text="同意，下周一到岗")
    lived.work()
    one, two = (row.text_blob for row in rows(lived, "SELECT text_blob FROM reply ORDER BY received_at, id"))
    _exchange_contents(lived, one, two)

    assert codes(lived) == {"row-differs"}
    assert not verified(lived, tmp_path)


def _exchange_contents(here: World, one: str, two: str) -> None:
    """Let each id name the other's bytes, everywhere and without a trace but the id itself."""
    cells = ("scope", "address", "commitment", "media", "size")
    kept = {row.id: row for row in rows(here, "SELECT * FROM blob")}
    setting = ", ".join(f"{name} = :{name}" for name in cells)
    values = {id: {name: getattr(kept[id], name) for name in cells} for id in (one, two)}
    for id, new in ((one, {**values[two], "address": b"?"}), (two, values[one]), (one, values[two])):
        run(here, f"UPDATE blob SET {setting} WHERE id = :id", id=id, **new)
    run(
        here,
        "UPDATE blob_chunk SET blob_id = :two, number = number - 9 WHERE blob_id = :one",
        one=one,
        two=two,
    )
    run(here, "UPDATE blob_chunk SET blob_id = :one WHERE blob_id = :two AND number >= 0", one=one, two=two)
    run(here, "UPDATE blob_chunk SET number = number + 9 WHERE number < 0")
    turned = "CASE blob_id WHEN :one THEN :two ELSE :one END"
    run(here, "UPDATE blob_key SET blob_id = 'moving' WHERE blob_id = :one", one=one)
    run(here, "UPDATE blob_key SET blob_id = :one WHERE blob_id = :two", one=one, two=two)
    run(here, "UPDATE blob_key SET blob_id = :two WHERE blob_id = 'moving'", two=two)
    run(here, f"UPDATE record_part SET blob_id = {turned} WHERE blob_id IN (:one, :two)", one=one, two=two)


def test_a_reply_that_names_bytes_of_no_record_is_found(lived: World):
    run(
        lived,
        "INSERT INTO blob (id, scope, address, commitment, media, size)"
        " SELECT 'forged', scope, :address, commitment, media, size FROM blob"
        " WHERE id = (SELECT text_blob FROM reply LIMIT 1)",
        address=b"?",
    )
    run(lived, "UPDATE reply SET text_blob = 'forged'")

    assert codes(lived) == {"row-unvouched"}


def test_a_media_type_that_was_changed_is_found(begun: World):
    run(begun, "UPDATE blob SET media = 'text/html'")

    assert codes(begun) == {"commitment"}


def _hr_enters_herself(here: World) -> str:
    """HR makes an employee of her own telephone and gives 张伟's row its look-up hash."""
    herself = EmployeeData(
        "E099", "李娜", "恒力五金有限公司", "一厂", addresses=[Address("sms_twilio", "main", "+85299999999")]
    )
    with here.archive.writing() as book:
        hr, _ = save_employee(book, herself, here.user)
    (index,) = rows(here, "SELECT address_index FROM contact_point WHERE employee_id = :hr", hr=hr)[0]
    run(here, "UPDATE contact_point SET address_index = 'x' WHERE employee_id = :hr", hr=hr)
    run(
        here,
        "UPDATE contact_point SET address_index = :index WHERE employee_id = :id AND channel = 'sms_twilio'",
        index=index,
        id=here.employee_id,
    )
    return "+85299999999"


def test_a_look_up_hash_that_was_changed_is_found(begun: World):
    _hr_enters_herself(begun)

    assert codes(begun) == {"row-differs"}


def test_a_look_up_hash_alone_makes_nobody_the_employee(begun: World):
    number = _hr_enters_herself(begun)
    begun.hear("sms_twilio", key="m1", **{"from": number}, text="收到")
    begun.work()

    assert rows(begun, "SELECT id FROM reply") == []


INTAKE = {
    "deleted": ("DELETE FROM intake WHERE id = :id", {"row-missing"}),
    "made to name an older webhook": (
        "UPDATE intake SET record_id = (SELECT record_id FROM intake WHERE id <> :id LIMIT 1) WHERE id = :id",
        {"row-missing", "row-unvouched"},
    ),
    "made to name another record": (
        "UPDATE intake SET record_id = (SELECT id FROM record WHERE kind = 'case.opened') WHERE id = :id",
        {"row-missing", "row-unvouched"},
    ),
    "moved in time": (
        "UPDATE intake SET received_at = received_at - 1000 WHERE id = :id",
        {"row-differs"},
    ),
    "moved to another channel": ("UPDATE intake SET account = 'other' WHERE id = :id", {"row-differs"}),
}


@pytest.mark.parametrize(("sql", "found"), INTAKE.values(), ids=INTAKE)
def test_a_kept_webhook_is_found_when_it_was(begun: World, sql: str, found: set[str]):
    begun.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="我不同意")
    (id,) = rows(begun, "SELECT id FROM intake WHERE state = 'new'")[0]
    run(begun, sql, id=id)

    assert codes(begun) == found


def test_a_webhook_that_was_put_off_for_years_is_read_all_the_same(begun: World):
    begun.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="我不同意")
    run(begun, "UPDATE intake SET look_at = 99999999999999 WHERE state = 'new'")
    begun.work()

    assert "reply.received" in begun.kinds()
    assert codes(begun) == set()


def test_a_webhook_that_nobody_reads_is_found_after_an_hour(begun: World):
    begun.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="我不同意")
    begun.clock.pass_time(minutes=60)
    assert codes(begun) == set()

    begun.clock.pass_time(minutes=1)
    assert codes(begun) == {"stuck"}


@pytest.mark.parametrize("name", ["hold_until", "lease_until"])
def test_a_step_that_was_put_off_for_years_is_found(begun: World, name: str):
    run(begun, f"UPDATE plan_step SET {name} = 99999999999999 WHERE state = 'planned'")

    assert codes(begun) == {"stuck"}


def test_a_step_that_nobody_takes_is_found_after_a_day(begun: World):
    begun.clock.pass_time(days=1, hours=23)  # it was due after one day
    assert codes(begun) == set()

    begun.clock.pass_time(hours=2)
    assert codes(begun) == {"stuck"}


HUGE = 2**63 - 1
JUNK, NUMBER = {"sqlite": "abc", "postgresql": b"abc"}, {"sqlite": "abc", "postgresql": HUGE}
MIDDLE = "(SELECT position FROM record WHERE kind = 'notice.composed')"

NEIGHBOUR = f"{MIDDLE} + 1 - 2 * ({MIDDLE} % 2)"  # whose hash stands in the proof of the one in the middle

# What was done, with which value, and what may become of an export: it "fails" to verify, is "refused", or
# "holds" because what was changed is no part of it.
FAILS, REFUSED, HOLDS = {"fails"}, {"refused"}, {"holds"}
BREAKAGES: dict[str, tuple[str, Any, set[str]]] = {
    "scope key deleted": ("DELETE FROM scope_key WHERE scope LIKE 'case:%'", None, FAILS),
    "scope key cut": ("UPDATE scope_key SET wrapped = :new WHERE scope LIKE 'case:%'", b"\0", REFUSED),
    "scope key": ("UPDATE scope_key SET wrapped = :new WHERE scope LIKE 'case:%'", JUNK, REFUSED),
    "blob.wrapped": ("UPDATE blob_key SET wrapped = :new", JUNK, FAILS),
    "blob.commitment": ("UPDATE blob SET commitment = :new", JUNK, FAILS),
    "blob_chunk.sealed": ("UPDATE blob_chunk SET sealed = :new", JUNK, FAILS),
    "blob_chunk gone": ("DELETE FROM blob_chunk", None, FAILS),
    "record_part gone": ("DELETE FROM record_part", None, FAILS),
    "record.at": (f"UPDATE record SET at = :new WHERE position = {MIDDLE}", NUMBER, HOLDS),
    "record.at huge": (f"UPDATE record SET at = :new WHERE position = {MIDDLE}", HUGE, HOLDS),
    "record.cseq": (f"UPDATE record SET cseq = :new WHERE position = {MIDDLE}", NUMBER, FAILS),
    "record.position": (f"UPDATE record SET position = :new WHERE position = {MIDDLE}", NUMBER, FAILS),
    "record.leaf": (f"UPDATE record SET leaf = :new WHERE position = {MIDDLE}", JUNK, FAILS),
    "record.leaf_hash": (f"UPDATE record SET leaf_hash = :new WHERE position = {NEIGHBOUR}", JUNK, FAILS),
    "record deleted": (f"DELETE FROM record WHERE position = {MIDDLE}", None, FAILS),
    "log_node.hash": ("UPDATE log_node SET hash = :new", JUNK, FAILS),
    "log_node gone": ("DELETE FROM log_node", None, FAILS),
    "stream_head.leaf_hash": ("UPDATE stream_head SET leaf_hash = :new", JUNK, REFUSED),
    "log_head.size": ("UPDATE log_head SET size = :new", NUMBER, REFUSED),
    "log_head.size + 7": ("UPDATE log_head SET size = size + 7", None, FAILS | REFUSED),
    "log_head.frontier": ("UPDATE log_head SET frontier = :new", JUNK, REFUSED),
    "log_head.frontier cut": ("UPDATE log_head SET frontier = :new", b"\0" * 32, FAILS | REFUSED),
    "log_head.origin": ("UPDATE log_head SET origin = 'x'", None, REFUSED),
    "log_head.origin of another": ("UPDATE log_head SET origin = 'huizheng.other222/log/1'", None, FAILS),
    "log_head gone": ("DELETE FROM log_head", None, REFUSED),
}


@pytest.mark.parametrize(("sql", "new", "outcome"), BREAKAGES.values(), ids=BREAKAGES)
def test_audit_and_export_come_to_an_end_whatever_was_broken(
    begun: World, tmp_path: Path, sql: str, new: Any, outcome: set[str]
):
    value = new[begun.archive.engine.dialect.name] if isinstance(new, dict) else new
    run(begun, sql, **({} if new is None else {"new": value}))

    with begun.archive.reading() as view:
        found = audit(view)
        assert len(lines_of(view, begun.case_id)) >= 5  # people still see the story
    assert not found.sound
    assert json.dumps([one.to_json() for one in found.findings])
    assert _exported(begun, tmp_path) in outcome


def _exported(here: World, folder: Path) -> str:
    target = folder / "case.zip"
    try:
        export_case(here.desk, here.case().case_no, here.user, target)
    except Unacceptable as refusal:
        assert "huizheng audit" in str(refusal)
        assert list(folder.glob("*case.zip*")) == []
        return "refused"
    return "holds" if verify_file(target).verified else "fails"


def test_text_that_is_no_text_is_found(begun: World):
    if begun.archive.engine.dialect.name == "postgresql":
        with pytest.raises(sa.exc.DataError):  # which refuses it
            run(begun, "UPDATE record SET kind = convert_from(:new, 'UTF8')", new=b"\xff")
    else:
        run(begun, "UPDATE record SET kind = CAST(:new AS TEXT)", new=b"\xff")
        assert "unreadable" in codes(begun)


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
