"""The self-audit: each thing that waited too long is named, and only silence of all of them calls outside."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from handlers.dispatch import ANSWER_WITHIN, begin
from handlers.vitals import findings_of, look, spool_of
from scheduler.selfaudit import audit_self
from storage.health import Vitals, record_sweep
from storage.ids import SystemIds
from storage.schema import intake, sweep_run
from storage.spool import Figures
from tests.engine.world import MONDAY_MORNING as NOW
from tests.engine.world import World
from tests.operations.test_pause import claimed, stop

WELL = Vitals(None, NOW, None, 0, None, 0, ())
EMPTY = Figures(0, 0, 0, None)


@pytest.mark.parametrize(
    ("vitals", "spool", "codes"),
    [
        ({}, {}, []),
        ({"halted": "an older copy"}, {}, ["halted"]),
        ({"beat": None}, {}, ["no_worker"]),
        ({"beat": NOW - timedelta(minutes=3)}, {}, ["no_worker"]),
        ({"overdue_since": NOW - timedelta(minutes=14)}, {}, []),
        ({"overdue_since": NOW - timedelta(minutes=16)}, {}, ["overdue"]),
        ({"open_late": 2}, {}, ["open_late"]),
        ({"unread_since": NOW - timedelta(minutes=9)}, {}, []),
        ({"unread_since": NOW - timedelta(minutes=11)}, {}, ["unread"]),
        ({"dead_letters": 1}, {}, ["dead_letters"]),
        ({}, {"files": 3, "oldest": NOW - timedelta(minutes=1)}, []),
        ({}, {"files": 3, "oldest": NOW - timedelta(minutes=3)}, ["spooled"]),
        ({}, {"aside": 1}, ["aside"]),
    ],
    ids=[
        "all is well", "a halted log", "no worker was ever here", "no worker for three minutes",
        "a rung late by 14 minutes", "a rung late by 16", "attempts nobody looks into",
        "unread for nine minutes", "unread for eleven", "a webhook given up", "spooled a minute ago",
        "spooled three minutes ago", "a file set aside",
    ],
)  # fmt: skip
def test_each_thing_that_waited_too_long_is_a_finding_with_its_remedy(vitals, spool, codes):
    found = findings_of(replace(WELL, **vitals), replace(EMPTY, **spool), NOW, NOW)

    assert [one.code for one in found] == codes
    assert all(":" in one.said for one in found)


def beat(here: World) -> None:
    with here.archive.engine.begin() as connection:
        record_sweep(connection, "worker-1", "send_due", here.clock.at)


def codes(here: World) -> list[str]:
    beat(here)
    return [one.code for one in look(here.desk)]


@pytest.fixture
def here(here: World, tmp_path) -> World:
    here.desk = replace(here.desk, data_dir=tmp_path)
    return here


@pytest.fixture
def anywhere(anywhere: World, tmp_path) -> World:
    anywhere.desk = replace(anywhere.desk, data_dir=tmp_path)
    return anywhere


def test_a_rung_that_nobody_takes_is_found_and_one_that_a_person_stopped_is_not(anywhere: World):
    here = anywhere
    here.remind()
    assert codes(here) == []
    here.clock.pass_time(minutes=20)
    assert codes(here) == ["overdue"]
    stop(here)
    assert codes(here) == []


def test_a_webhook_that_nobody_reads_and_one_that_was_given_up_are_found(anywhere: World):
    here = anywhere
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text="在吗")
    here.clock.pass_time(minutes=20)
    assert codes(here) == ["unread"]
    with here.archive.engine.begin() as connection:
        connection.execute(sa.update(intake).values(state="failed"))

    assert codes(here) == ["dead_letters"]
    here.clock.pass_time(days=2)
    assert codes(here) == []  # after a day it is the log's and the counter's


def test_an_attempt_whose_answer_nobody_looks_for_is_found(anywhere: World):
    here = anywhere
    here.remind()
    (step,) = claimed(here)
    with here.archive.writing() as book:
        begin(book, step, here.desk, ANSWER_WITHIN, "system:worker")
    here.clock.pass_time(minutes=3)
    assert codes(here) == []
    here.clock.pass_time(minutes=5)

    assert codes(here) == ["open_late"]


def test_what_waits_on_this_host_s_disk_is_found(here: World):
    spool_of(here.desk).keep(SystemIds().uuid(), b"x")
    here.clock.at = here.clock.at.replace(year=2027)

    assert "spooled" in codes(here)


class Monitor:
    """An outside monitor that counts its calls, or fails."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.calls, self.fault = 0, fault

    def __call__(self) -> None:
        self.calls += 1
        if self.fault is not None:
            raise self.fault


@pytest.mark.parametrize(("minutes", "calls"), [(0, 1), (20, 0)], ids=["all is well", "a rung is overdue"])
def test_the_outside_monitor_is_called_only_while_all_is_well(here: World, minutes: int, calls: int):
    monitor = Monitor()
    here.remind()
    here.clock.pass_time(minutes=minutes)
    beat(here)
    audit_self(replace(here.worker, desk=replace(here.desk, heartbeat=monitor)))

    assert monitor.calls == calls


def test_a_monitor_that_fails_harms_nobody(here: World):
    monitor = Monitor(OSError("no route"))
    beat(here)

    assert audit_self(replace(here.worker, desk=replace(here.desk, heartbeat=monitor))) == 0
    assert monitor.calls == 1


def test_the_monitor_is_called_while_no_transaction_is_open(here: World):
    def call() -> None:
        assert here.archive.engine.pool.checkedout() == 0

    beat(here)
    audit_self(replace(here.worker, desk=replace(here.desk, heartbeat=call)))


def test_workers_that_are_gone_for_a_week_are_forgotten(here: World):
    beat(here)
    here.clock.pass_time(days=8)
    with here.archive.engine.begin() as connection:
        record_sweep(connection, "worker-2", "send_due", here.clock.at)
    audit_self(here.worker)
    with here.archive.engine.connect() as connection:
        assert list(connection.execute(sa.select(sweep_run.c.worker)).scalars()) == ["worker-2"]
