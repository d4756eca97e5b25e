"""The database is away while a webhook arrives: it is kept on disk, acknowledged, and taken in later."""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa

from bot.webhooks.queue import IntakeQueue
from evidence.records import read
from handlers.ports import Element, Forged, RawRequest
from handlers.spooled import Arrival, pack, unpack
from storage.audit import audit
from storage.book import Book
from storage.ids import SystemIds
from storage.keys import KeyFault, Keys
from storage.rows import timestamp
from storage.schema import record, record_part
from storage.spool import GRACE, Spool, SpoolFault
from storage.timeline import lines_of
from tests.engine.world import KEYS, PretendChannel, world
from tests.operations.door import HOOK, Door

ROOT = Path(__file__).parents[2]


def test_fault_28_a_webhook_that_finds_no_database_waits_on_disk_and_keeps_its_true_time(any_door: Door):
    door, arrived = any_door, any_door.firm.clock.at
    with door.without_database():
        assert door.post("m1") == 200
        assert len(door.spool.waiting()) == 1
    door.firm.clock.pass_time(minutes=40)
    door.intake.replay()

    assert door.kept() == [("new", arrived, 0)]
    assert door.spool.waiting() == []
    with door.firm.archive.reading() as view:
        assert audit(view).findings == ()


def test_fault_44_a_database_that_a_backup_has_locked_keeps_no_platform_waiting(any_door: Door):
    """What was begun may still be committed when the lock is gone: then the file is only a repeat."""
    door, arrived = any_door, any_door.firm.clock.at
    with door.busy_database():
        began = time.monotonic()
        assert [door.post("m1"), door.post("m2")] == [200, 200]
        assert time.monotonic() - began < 1.5
        door.firm.clock.pass_time(minutes=1)
    while len(door.kept()) < 2:
        door.intake.replay()

    assert [at for _, at, _ in door.kept()] == [arrived, arrived]
    assert door.spool.waiting() == []


def test_its_record_says_when_it_came_when_it_was_sealed_and_why_so_late(door: Door):
    door.firm.remind()
    door.firm.work()
    arrived = door.firm.clock.at
    with door.without_database():
        door.post("m1")
    door.firm.clock.pass_time(minutes=5)
    door.intake.replay()
    door.firm.work()

    with door.firm.archive.reading() as view:
        row = view.connection.execute(sa.select(record).where(record.c.kind == "intake.received")).one()
        facts = sa.select(record_part.c.blob_id).where(record_part.c.record_id == row.id)
        blob = view.connection.execute(facts.where(record_part.c.name == "facts")).scalar_one()
        told = json.loads(view.open(blob).data)["told"]
        (answered,) = [line for line in lines_of(view, door.firm.case_id) if line.kind == "reply.received"]
    assert row.at == arrived + timedelta(minutes=5)
    assert read(bytes(row.leaf)).fields["src_at"] == told["arrived_at"] == timestamp(arrived)
    assert "数据库" in told["why"]
    assert answered is not None


def test_several_are_taken_in_in_the_order_in_which_they_came(door: Door):
    with door.without_database():
        for number in range(5):
            door.post(f"m{number}", text=f"第 {number} 句")
            door.firm.clock.pass_time(seconds=1)
            time.sleep(0.002)  # a file's name holds real milliseconds
    assert door.intake.replay() == 5

    with door.firm.archive.engine.connect() as connection:
        ids = sa.select(record.c.cseq).where(record.c.kind == "intake.received").order_by(record.c.position)
        assert list(connection.execute(ids).scalars()) == [1, 2, 3, 4, 5]
    arrivals = [row[1] for row in door.kept()]
    assert arrivals == sorted(arrivals)


def test_what_was_committed_before_a_crash_deleted_its_file_is_only_a_repeat(door: Door):
    with door.without_database():
        door.post("m1")
    name = door.spool.waiting()[0]
    left = (door.folder / name).read_bytes()
    door.intake.replay()
    (door.folder / name).write_bytes(left)  # killed between the commit and the deletion
    door.intake.replay()

    assert [state for state, _, _ in door.kept()] == ["new"]
    assert door.spool.waiting() == []


def test_the_platform_s_own_repeat_of_a_spooled_webhook_is_one_element(door: Door):
    with door.without_database():
        assert [door.post("m1"), door.post("m1")] == [200, 200]
    door.intake.replay()
    assert door.post("m1") == 200

    assert len(door.kept()) == 1


def test_once_the_database_was_away_the_next_webhooks_do_not_wait_for_it(door: Door):
    with door.without_database():
        door.post("m1")
        began = time.monotonic()
        door.post("m2")
        assert time.monotonic() - began < 0.3
    door.intake.replay()
    door.post("m3")

    assert len(door.kept()) == 3
    assert door.spool.waiting() == []


def test_a_full_spool_answers_500_so_that_the_platform_repeats(door: Door):
    with door.without_database():
        door.post("m1")
    door.spool = Spool(door.folder, KEYS, files=1)
    door.intake.close()
    door.open()
    with door.without_database():
        assert door.post("m2") == 500


def test_a_disk_that_cannot_be_written_answers_500(door: Door):
    door.folder.parent.mkdir(exist_ok=True)
    door.folder.write_text("a file stands where the folder should")
    with door.without_database():
        assert door.post("m1") == 500


def test_a_forged_webhook_is_refused_and_never_reaches_the_disk(door: Door, monkeypatch):
    def forged(_: RawRequest) -> None:
        raise Forged("the signature is wrong")

    monkeypatch.setattr(door.firm.channels["wechat_oa"], "authenticate", forged)
    with door.without_database():
        assert door.post("m1") == 403

    assert door.spool.waiting() == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"",
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: b"something else entirely, from another program",
    ],
    ids=["cut in half", "empty", "one bit changed", "foreign"],
)
def test_a_file_that_cannot_be_used_is_moved_aside_and_the_others_go_in(door: Door, spoil):
    with door.without_database():
        door.post("m1")
        time.sleep(0.002)
        door.post("m2")
    first = door.folder / door.spool.waiting()[0]
    first.write_bytes(spoil(first.read_bytes()))
    door.intake.replay()

    assert len(door.kept()) == 1
    assert door.spool.figures().aside == 1
    assert door.spool.waiting() == []


def test_what_a_killed_process_left_half_written_is_moved_aside_but_not_what_is_being_written(tmp_path: Path):
    spool = Spool(tmp_path, KEYS)
    for name in (".old.spool.half", ".new.spool.half", "readme.txt"):
        (tmp_path / name).write_text("x")
    for name in (".old.spool.half", "readme.txt"):
        os.utime(tmp_path / name, (0, time.time() - GRACE - 1))

    assert spool.tidy(time.time()) == 2
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [".new.spool.half"]


def test_a_file_is_encrypted_and_opens_under_its_own_name_and_key_only(tmp_path: Path):
    spool, ids = Spool(tmp_path, KEYS), SystemIds()
    spool.keep(ids.uuid(), "员工在医院".encode())
    name = spool.waiting()[0]
    held = (tmp_path / name).read_bytes()
    other = f"{ids.uuid()}.spool"
    (tmp_path / other).write_bytes(held)

    assert spool.read(name) == "员工在医院".encode()
    assert "员工在医院".encode() not in held
    assert (tmp_path / name).stat().st_mode & 0o077 == 0
    with pytest.raises(KeyFault):
        spool.read(other)
    with pytest.raises(KeyFault):
        Spool(tmp_path, Keys("other", b"o" * 32)).read(name)


def test_a_spool_is_bounded_in_files_and_in_bytes(tmp_path: Path):
    ids = SystemIds()
    few, small = Spool(tmp_path / "a", KEYS, files=2), Spool(tmp_path / "b", KEYS, size=100)
    for _ in range(2):
        few.keep(ids.uuid(), b"x")
    small.keep(ids.uuid(), b"x" * 60)

    for spool in (few, small):
        with pytest.raises(SpoolFault, match=r"ops\.spool_files"):
            spool.keep(ids.uuid(), b"x" * 60)


def test_a_spool_tells_how_much_waits_and_since_when(tmp_path: Path):
    spool = Spool(tmp_path, KEYS)
    assert spool.figures().files == 0
    spool.keep(SystemIds().uuid(), b"x")
    figures = spool.figures()

    assert (figures.files, figures.aside) == (1, 0)
    assert figures.bytes > 0
    assert abs(figures.oldest.timestamp() - time.time()) < 5


def test_an_arrival_comes_off_the_disk_as_it_went_on(door: Door):
    request = RawRequest("POST", HOOK, {"content-type": "text/xml", "cookie": "secret"}, b"<xml/>\x00\xff")
    arrival = Arrival("wechat_oa", "main", [Element("k", b"\x00inner")], request, door.firm.clock.at)
    back = unpack(pack(arrival))

    assert back.request == RawRequest("POST", HOOK, {"content-type": "text/xml"}, b"<xml/>\x00\xff")
    assert (back.channel, back.account, list(back.elements), back.at) == (
        "wechat_oa", "main", [Element("k", b"\x00inner")], door.firm.clock.at,
    )  # fmt: skip


@pytest.mark.parametrize("packed", [b"", b"{}", b"[]", b'{"v": 2}', b"\xff", b'{"v": 1, "method": 3}'])
def test_bytes_that_are_no_arrival_are_refused(packed: bytes):
    with pytest.raises(ValueError):
        unpack(packed)


def test_work_that_was_given_up_before_it_began_is_never_done(door: Door):
    arrivals, done, begun, go = IntakeQueue(door.firm.archive), [], Event(), Event()

    def slow(_: Book) -> int:
        begun.set()
        go.wait()
        done.append("first")
        return 0

    first = Thread(target=arrivals.put, args=(slow, 30))
    first.start()
    begun.wait()
    with pytest.raises(TimeoutError):
        arrivals.put(lambda _: done.append("given up") or 0, 0.01)
    go.set()
    first.join()
    arrivals.close()

    assert done == ["first"]


def test_a_web_process_that_starts_again_takes_in_what_the_last_one_left(door: Door):
    with door.without_database():
        door.post("m1")
    door.intake.close()
    door.open()
    door.intake.replay()

    assert len(door.kept()) == 1


def test_whatever_was_acknowledged_before_a_kill_is_whole_on_disk(tmp_path: Path):
    """A process keeps arrivals as fast as it can and is killed at a random moment."""
    command = [sys.executable, "-m", "tests.operations.dying_spooler", str(tmp_path / "spool")]
    dying = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    with dying:
        said = [dying.stdout.readline().strip() for _ in range(20)]
        dying.kill()
        said += dying.stdout.read().split("\n")[:-1]
    spool = Spool(tmp_path / "spool", KEYS)

    kept = {spool.read(name).decode() for name in spool.waiting()}
    assert {one for one in said if one} <= kept


@pytest.mark.long
def test_fault_28_with_a_postgresql_that_is_really_stopped_and_started(own_postgres, tmp_path: Path):
    with world(own_postgres.url(), PretendChannel("wechat_oa")) as firm, Door(firm, tmp_path) as door:
        assert door.post("m0") == 200
        own_postgres.stop()
        assert [door.post("m1"), door.post("m2")] == [200, 200]
        assert door.intake.replay() == 0
        own_postgres.start()
        assert door.intake.replay() == 2

        assert len(door.kept()) == 3
        with firm.archive.reading() as view:
            assert audit(view).findings == ()
