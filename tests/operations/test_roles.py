"""Roles that one process or one host holds: the embedded worker, and the machine of a SQLite file."""

import os
import random
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from threading import Barrier, Thread

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from bot.commands import children
from bot.commands.children import Child, kept_alive
from bot.commands.main import huizheng as group
from bot.commands.roles import Role, embedded, sqlite_host
from bot.commands.working import _may_stay
from storage.roles import EMBEDDED, LEASE, SQLITE_HOST, take_role
from storage.schema import role_lock
from tests.engine.world import World
from tests.journey.test_settings import GOOD

ROOT = Path(__file__).parents[2]


def role(here: World, owner: str, host: str = "here") -> Role:
    return Role(here.archive, EMBEDDED, owner, host)


def test_fault_45_a_second_serve_is_refused_in_one_sentence_that_says_what_to_do(anywhere: World):
    here = anywhere
    role(here, "other-host/17", "other-host").take()

    with pytest.raises(click.ClickException, match=r"other-host/17.*huizheng worker"):
        role(here, "here/18").take()


def test_a_role_that_was_not_renewed_is_free_after_its_lease(here: World):
    role(here, "other-host/17", "other-host").take()
    here.clock.pass_time(seconds=LEASE.total_seconds() - 1)
    with pytest.raises(click.ClickException):
        role(here, "here/18").take()
    here.clock.pass_time(seconds=2)

    role(here, "here/18").take()


def test_a_holder_that_comes_back_after_another_took_over_learns_it(here: World):
    slept = role(here, "other-host/17", "other-host")
    slept.take()
    here.clock.pass_time(seconds=LEASE.total_seconds() + 1)
    role(here, "here/18").take()
    slept._renewed -= LEASE.total_seconds()  # its own clock says that it is time to renew

    assert not slept.still_ours()


def test_a_role_given_back_is_free_at_once(here: World):
    first = role(here, "other-host/17", "other-host")
    first.take()
    first.leave()

    role(here, "here/18").take()


def test_the_role_of_a_process_of_this_host_that_was_killed_is_free_at_once(here: World):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    role(here, f"here/{gone.pid}").take()

    role(here, "here/18").take()


def test_the_role_of_a_process_of_this_host_that_lives_is_not_taken(here: World):
    role(here, f"here/{os.getpid()}").take()

    with pytest.raises(click.ClickException):
        role(here, "here/18").take()


def test_two_that_take_a_role_at_the_same_moment_do_not_both_get_it(anywhere: World):
    here = anywhere
    got, start = [], Barrier(4)

    def take(owner: str) -> None:
        start.wait()
        with here.archive.engine.begin() as connection:
            got.append(take_role(connection, EMBEDDED, owner, owner, here.clock))

    threads = [Thread(target=take, args=(f"host-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert got.count(None) == 1


def test_serve_holds_its_role_while_it_runs_and_gives_it_back(here: World):
    with embedded(here.archive, lambda: None), pytest.raises(click.ClickException):
        role(here, "other-host/1", "other-host").take()

    role(here, "other-host/1", "other-host").take()


def test_only_sqlite_binds_its_workers_to_one_host_and_there_any_number_may_run(anywhere: World):
    here = anywhere
    mine = sqlite_host(here.archive)
    if here.archive.engine.dialect.name == "postgresql":
        assert mine is None
        return
    mine.take()
    sqlite_host(here.archive).take()
    with pytest.raises(click.ClickException, match=r"one machine only.*PostgreSQL"):
        Role(here.archive, SQLITE_HOST, "other-host", "other-host").take()


def test_a_worker_on_a_second_host_ends_with_that_sentence(tmp_path: Path):
    (tmp_path / "config.toml").write_text(GOOD.format(folder=tmp_path))
    arguments = ["--config", str(tmp_path / "config.toml")]
    assert CliRunner().invoke(group, ["migrate", *arguments]).exit_code == 0
    engine = sa.create_engine(f"sqlite:///{tmp_path}/huizheng.db")
    later = int((time.time() + LEASE.total_seconds()) * 1000)
    with engine.begin() as connection:
        connection.execute(
            sa.text(f"INSERT INTO {role_lock.name} VALUES ('{SQLITE_HOST}', 'far', 'far', {later})")
        )
    engine.dispose()
    done = CliRunner().invoke(group, ["worker", *arguments])

    assert done.exit_code == 1
    assert "workers on far use this SQLite file" in done.stderr


# --- children of `serve` ---


def sleeper() -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])


def replaced(child: Child, old: int) -> int:
    until = time.monotonic() + 10
    while child.pid in (None, old):
        assert time.monotonic() < until
        time.sleep(0.01)  # a real process is watched from outside
    return child.pid


def test_a_child_that_was_killed_is_started_again(monkeypatch):
    monkeypatch.setattr(children, "LOOK", 0.01)
    with kept_alive("worker", sleeper, first=0.01) as child:
        for _ in range(2):
            old = child.pid
            os.kill(old, signal.SIGKILL)
            assert replaced(child, old) != old
        last = child.pid

    with pytest.raises(ProcessLookupError):
        os.kill(last, 0)


def test_a_child_that_dies_again_and_again_is_started_later_each_time(monkeypatch):
    monkeypatch.setattr(children, "LOOK", 0.005)
    starts: list[float] = []

    def hopeless() -> "subprocess.Popen[bytes]":
        starts.append(time.monotonic())
        return subprocess.Popen(["/bin/false"])

    with kept_alive("worker", hopeless, first=0.1):
        until = time.monotonic() + 10
        while len(starts) < 4 and time.monotonic() < until:
            time.sleep(0.01)
    gaps = [later - sooner for sooner, later in pairwise(starts)]

    assert all(gap >= wait for gap, wait in zip(gaps, (0.1, 0.2, 0.4), strict=True))


def test_a_worker_whose_serve_was_killed_ends_too():
    """Otherwise a second `serve` would start beside an orphan that nobody stops."""
    assert _may_stay(None, os.getppid())
    assert not _may_stay(None, 999_999_999)
    assert _may_stay(None, None)


@pytest.mark.long
def test_serve_replaces_a_worker_that_was_killed_refuses_a_second_serve_and_stops_all_of_them(tmp_path: Path):
    port = random.randint(9_000, 29_000)
    path = tmp_path / "config.toml"
    path.write_text(
        GOOD.format(folder=tmp_path).replace("[server]\n", f'[server]\nbind = "127.0.0.1:{port}"\n')
    )
    command = [sys.executable, "-m", "bot"]
    subprocess.run([*command, "migrate", "--config", str(path)], cwd=ROOT, check=True, capture_output=True)
    with (tmp_path / "serve.log").open("wb") as log:
        words = [*command, "serve", "--config", str(path)]
        serving = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log)
    try:
        first = awaited(lambda: worker_of(serving.pid))
        second = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        assert (second.returncode, "runs already" in second.stderr) == (1, True)
        os.kill(first, signal.SIGKILL)
        assert awaited(lambda: (now := worker_of(serving.pid)) != first and now) != first
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(60) == 0
    finally:
        serving.kill()
        serving.wait()


def worker_of(parent: int) -> int | None:
    """Return the process id of the worker among a process's children."""
    for each in Path("/proc").glob("[0-9]*"):
        try:
            words = (each / "cmdline").read_bytes().split(b"\0")
            ppid = int((each / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # it has just ended
        if ppid == parent and b"worker" in words:
            return int(each.name)
    return None


def awaited(ready):
    until = time.monotonic() + 40
    while not (found := ready()):
        assert time.monotonic() < until
        time.sleep(0.02)  # real processes are watched from outside
    return found
