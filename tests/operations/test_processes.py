"""Real worker processes: a drain, two of them at once, a disk that fills, a schema that moves under them."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from casework.notices import load_kind
from handlers.notify import notify
from handlers.open_case import CaseData, open_case
from handlers.people import Address, EmployeeData, save_employee
from handlers.ports import Answer, Resolve
from scheduler.sweeps import send_due
from storage.audit import audit
from tests.engine.world import ADDRESS, FIELDS, PretendChannel, World

ROOT = Path(__file__).parents[2]


@contextmanager
def worker(here: World, folder: Path, name: str = "worker-1") -> Iterator["subprocess.Popen[bytes]"]:
    """Run a worker process for the time of the block."""
    command = [sys.executable, "-m", "tests.operations.slow_worker"]
    command += [here.url, here.clock.at.isoformat(), str(folder), name]
    with (folder / f"{name}.log").open("wb") as log:
        child = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def until(ready: Callable[[], object], folder: Path, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise AssertionError("\n".join(log.read_text()[-2000:] for log in folder.glob("*.log")))
        time.sleep(0.02)  # a real process is watched from outside


def taken(folder: Path) -> int:
    path = folder / "taken"
    return path.read_bytes().count(b"\n") if path.exists() else 0


def more_people(here: World, count: int) -> list[str]:
    """Give the firm more injured employees, each with a reminder that is due now."""
    given = {field.name: FIELDS.get(field.name, "无") for field in load_kind("return_reminder").fields}
    made = []
    with here.archive.writing() as book:
        for number in range(count):
            address = Address("wechat_oa", "main", f"{ADDRESS['wechat_oa']}-{number}")
            data = EmployeeData(f"F{number:03}", "李四", "恒力五金有限公司", "一厂", addresses=[address])
            save_employee(book, data, here.user)
            case = open_case(
                book, CaseData(f"GS-F{number}", data.employee_no, here.clock.at, "压伤"), here.user
            )
            made.append(notify(book, case, "return_reminder", given, here.desk.rules, here.user))
    return made


def test_fault_9_sigterm_lets_the_send_under_way_finish_and_claims_nothing_new(here: World, tmp_path: Path):
    notices = more_people(here, 3)
    with worker(here, tmp_path) as child:
        until(lambda: taken(tmp_path) == 1, tmp_path)
        child.send_signal(signal.SIGTERM)
        time.sleep(0.7)  # it must not end while a gateway is being written to
        assert child.poll() is None
        (tmp_path / "go").touch()
        assert child.wait(30) == 0

    assert taken(tmp_path) == 1
    states = sorted(state for notice in notices for state in here.attempts(notice))
    assert states == ["accepted"]


@pytest.mark.parametrize(
    "database_url", ["postgresql", pytest.param("sqlite", marks=pytest.mark.long)], indirect=True
)
def test_fault_45_two_workers_on_one_database_send_each_message_once(make_world, tmp_path: Path):
    """Their claims keep them apart; no lock is needed, and none is taken."""
    here = make_world(PretendChannel("wechat_oa"))
    notices = more_people(here, 6)
    (tmp_path / "go").touch()
    with worker(here, tmp_path) as first, worker(here, tmp_path, "worker-2") as second:
        until(lambda: taken(tmp_path) >= 6, tmp_path)
        until(lambda: all(here.attempts(notice) == ["accepted"] for notice in notices), tmp_path)
        for child in (first, second):
            child.send_signal(signal.SIGTERM)
        assert [first.wait(30), second.wait(30)] == [0, 0]

    assert taken(tmp_path) == 6
    with here.archive.reading() as view:
        assert audit(view).findings == ()


def test_fault_50_a_worker_stops_by_itself_when_a_newer_program_has_migrated(here: World, tmp_path: Path):
    with worker(here, tmp_path) as child:
        until(lambda: beats(here), tmp_path)
        with here.archive.engine.begin() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

        assert child.wait(30) == 1
    assert "schema_changed" in (tmp_path / "worker-1.log").read_text()


def beats(here: World) -> int:
    with here.archive.engine.connect() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM sweep_run")).scalar_one()


def test_fault_10_a_disk_that_is_full_when_the_answer_comes_leaves_the_attempt_open_until_there_is_room(
    here: World,
):
    """The gateway has said yes; nobody sends again, and what became of it is asked once there is room."""
    channel = PretendChannel("wechat_oa", (Resolve.QUERY,))
    here.desk.channels["wechat_oa", "main"] = channel
    full, accept = [], channel.send

    @sa.event.listens_for(here.archive.engine, "begin")
    def limit(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one() if full else 2**30
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def send(request: bytes) -> Answer:
        full.append(True)
        return replace(accept(request), raw=b"x" * 500_000)  # more than the file has room for

    channel.send = send
    notice = here.remind()
    send_due(here.worker)
    assert here.attempts(notice) == ["sending"]
    full.clear()
    for _ in range(3):
        here.clock.pass_time(minutes=2)
        here.work()

    assert here.attempts(notice) == ["accepted"]
    assert len(channel.taken) == 1
