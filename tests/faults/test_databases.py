"""Faults 42 and 43: the database falls over under load, or comes back without its last second."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from handlers.ports import Answer
from scheduler.resolve import resolve_lost
from scheduler.sweeps import send_due, understand_new
from storage.readiness import is_away
from tests.databases import TestRun
from tests.engine.world import PretendChannel, world
from tests.faults.world import ABLE, hold_invariants, settle
from tests.postgres import PostgresServer
from tests.throttles.world import Crowd, Gateway


@pytest.mark.parametrize("times", [2, pytest.param(7, marks=pytest.mark.long)])
def test_fault_42_a_postgresql_restarted_under_load_loses_and_repeats_nothing(
    own_postgres: PostgresServer, times: int
):
    gateway = Gateway("main", able=ABLE["query"])
    here = Crowd(own_postgres.url(), gateway)
    people = 4 * times
    for _ in range(people):
        here.tell()
    crashes, send = [], gateway.send

    def accept_and_crash(request: bytes) -> Answer:
        answer = send(request)
        if len(gateway.taken) % 3 == 1 and len(crashes) < times:
            crashes.append(request)
            own_postgres.restart()  # between the gateway's yes and our commit
        return answer

    gateway.send = accept_and_crash
    for _ in range(60):
        for sweep in (send_due, understand_new, resolve_lost):
            _beat(sweep, here)
        here.clock.pass_time(seconds=15)

    assert len(crashes) == times
    assert sorted(gateway.order) == sorted(set(gateway.order)) and len(gateway.order) == people
    hold_invariants(here, taken=lambda: gateway.taken)
    here.archive.engine.dispose()


def test_fault_43_what_a_standby_had_not_heard_yet_is_asked_of_the_gateway(test_run: TestRun, tmp_path: Path):
    """The standby has the attempt but neither its answer nor the commit; nothing was signed in between."""
    with test_run.database("sqlite", tmp_path, migrated=True) as url:
        file, standby = Path(url.removeprefix("sqlite:///")), tmp_path / "standby.sqlite3"
        gateway = PretendChannel("wechat_oa", ABLE["query"])
        with world(url, gateway) as here:
            notice = here.remind()
            send = gateway.send

            def replicate(request: bytes) -> Answer:
                with closing(sqlite3.connect(file)) as here_now, closing(sqlite3.connect(standby)) as there:
                    here_now.backup(there)
                return send(request)

            gateway.send = replicate
            send_due(here.worker)
            assert here.attempts(notice) == ["accepted"]
            here.archive.engine.dispose()
            shutil.copyfile(standby, file)
            for left in tmp_path.glob(f"{file.name}-*"):
                left.unlink()
            assert here.attempts(notice) == ["sending"]
            here.clock.pass_time(seconds=61)
            settle(here)

            assert (len(gateway.taken), here.attempts(notice)) == (1, ["accepted"])
            hold_invariants(here, notice, taken=lambda: gateway.taken)


def _beat(sweep, here: Crowd) -> None:
    """Run a sweep as a worker does: a database that went away ends it, and it comes round again."""
    try:
        while sweep(here.worker):
            pass
    except Exception as error:
        if not is_away(error):
            raise
