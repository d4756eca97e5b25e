"""A claim finds the longest wait by its index, and the database's own clock ends leases."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection

from storage import deliveries, ladders
from storage.clock import SystemClock, lease_time
from storage.ladders import Blocked
from storage.schema import plan_step
from tests.throttles.world import SMS, Gateway

MINUTE = timedelta(minutes=1)


def fill(connection: Connection, plan_id: str, times: int, due: datetime, channel: str) -> None:
    """Put this many planned steps into a plan, a second apart."""
    row = {
        "plan_id": plan_id, "rung": 0, "action": "send", "state": "planned", "why": "", "finished_at": None,
        "record_id": "r", "channel": channel,
    }  # fmt: skip
    start = connection.execute(sa.select(sa.func.max(plan_step.c.ordinal))).scalar_one() + 1
    moments = [due + timedelta(seconds=n) for n in range(times)]
    rows = [
        {**row, "id": f"{start + n:036}", "ordinal": start + n, "due_at": at, "queued_at": at}
        for n, at in enumerate(moments)
    ]
    connection.execute(sa.insert(plan_step), rows)


@contextmanager
def statements(connection: Connection) -> Iterator[list[tuple[str, object]]]:
    found: list[tuple[str, object]] = []

    def note(conn, cursor, statement, parameters, context, executemany):
        found.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    yield found
    event.remove(connection, "before_cursor_execute", note)


@pytest.fixture
def plan_id(crowd) -> Iterator[tuple[object, str]]:
    here = crowd(Gateway("main"))
    here.tell()
    yield here, here.column(plan_step.c.plan_id)[0]


@pytest.mark.parametrize("future", [3_000, pytest.param(100_000, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "blocked", [Blocked(), Blocked(("wechat_oa",), ("wechat_oa/main",))], ids=["all", "some"]
)
def test_a_claim_uses_the_index_however_many_steps_lie_in_the_future(plan_id, future: int, blocked: Blocked):
    here, plan = plan_id
    now = here.clock.now()
    with here.archive.engine.begin() as connection:
        fill(connection, plan, future, now + timedelta(days=1), SMS)
    with here.archive.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
        with statements(connection) as said:
            claimed = ladders.claim_steps(connection, "w", now, now, MINUTE, 20, blocked)
        assert len(claimed) == 1
        explain = "EXPLAIN " if connection.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        told = connection.exec_driver_sql(explain + said[-1][0], said[-1][1])
        assert "ix_plan_step_queue" in str(told.all())


def test_what_is_blocked_is_passed_over_and_the_others_come_by_longest_wait(plan_id):
    here, plan = plan_id
    now = here.clock.now() + timedelta(hours=1)
    with here.archive.engine.begin() as connection:
        fill(connection, plan, 100, here.clock.now() - timedelta(days=1), "wechat_oa")
        fill(connection, plan, 5, here.clock.now() + MINUTE, SMS)
        claimed = ladders.claim_steps(connection, "w", now, now, MINUTE, 50, Blocked(("wechat_oa",)))
        assert [one.channel for one in claimed] == [SMS] * 6
        assert [one.due_at for one in claimed] == sorted(one.due_at for one in claimed)
        rest = ladders.claim_steps(connection, "w", now, now, MINUTE, 500)
        assert [one.channel for one in rest] == ["wechat_oa"] * 100


@pytest.mark.parametrize("due", [400, pytest.param(10_000, marks=pytest.mark.long)])
def test_fault_52_claims_take_all_that_fell_due_in_one_second_in_order_and_leave_none(plan_id, due: int):
    here, plan = plan_id
    now = here.clock.now() + timedelta(days=1)
    taken: list[str] = []
    with here.archive.engine.begin() as connection:
        fill(connection, plan, due, now, SMS)
        connection.execute(sa.update(plan_step).values(due_at=now, queued_at=now))
    while True:
        with here.archive.engine.begin() as connection:
            claimed = ladders.claim_steps(connection, "w", now, now, MINUTE, 20)
        if not claimed:
            break
        taken += [one.id for one in claimed]
    assert taken == sorted(taken) and len(taken) == due + 1


class Ahead(SystemClock):
    """The clock of a host that runs an hour ahead of all others."""

    def real(self) -> datetime:
        return super().real() + timedelta(hours=1)


def test_fault_41_the_database_s_clock_decides_when_a_lease_is_over(plan_id):
    here, _ = plan_id
    now, clock = here.clock.now(), Ahead()
    with here.archive.engine.begin() as connection:
        real = lease_time(connection, SystemClock())
        assert len(ladders.claim_steps(connection, "here", now, real, MINUTE, 5)) == 1
    with here.archive.engine.begin() as connection:
        real = lease_time(connection, clock)
        again = ladders.claim_steps(connection, "ahead", now, real, MINUTE, 5)
        if connection.dialect.name == "postgresql":  # many hosts, one clock
            assert again == [] and abs(real - datetime.now(UTC)) < MINUTE
        else:  # one host, whose clock it is
            assert len(again) == 1 and real > datetime.now(UTC) + MINUTE


def test_a_clock_that_a_test_moves_is_followed_on_both_databases(plan_id):
    here, _ = plan_id
    with here.archive.engine.begin() as connection:
        assert lease_time(connection, here.clock) == here.clock.at


def test_an_attempt_s_deadline_is_measured_by_the_same_clock(plan_id):
    here, _ = plan_id
    gateway = here.desk.channels[SMS, "main"]
    gateway.send = lambda request: (_ for _ in ()).throw(KeyboardInterrupt)  # the process ends here
    with pytest.raises(KeyboardInterrupt):
        here.work()
    with here.archive.engine.begin() as connection:
        soon, late = here.clock.at + timedelta(seconds=44), here.clock.at + timedelta(seconds=46)
        assert deliveries.claim_lost_attempts(connection, "w", soon, MINUTE, 5) == []
        assert len(deliveries.claim_lost_attempts(connection, "w", late, MINUTE, 5)) == 1
