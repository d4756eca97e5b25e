"""A message that may not leave yet waits in its place, and keeps nobody else waiting."""

from datetime import timedelta

import pytest

from casework.pace import Pace
from handlers.ports import Throttled
from scheduler import sweeps
from scheduler.sweeps import send_due
from storage.audit import audit
from storage.schema import attempt, plan_step
from tests.throttles.world import SMS, Gateway

WECHAT = "wechat_oa"


def test_an_account_sends_no_faster_than_its_pace_and_the_longest_wait_comes_first(crowd):
    gateway = Gateway("main")
    here = crowd(gateway, paces={(SMS, "main"): Pace(per_second=1.0)})
    waiting = []
    for _ in range(7):
        waiting.append(here.tell())
        here.clock.pass_time(milliseconds=1)
    left = []
    for _ in range(4):
        here.work()
        left.append(len(gateway.taken))
        here.clock.pass_time(seconds=2)

    assert left == [2, 4, 6, 7]
    assert gateway.order == waiting


def test_what_a_gateway_asked_for_holds_for_every_message_and_every_worker(crowd):
    gateway = Gateway("main")
    here = crowd(gateway)
    waiting = [here.tell() for _ in range(5)]
    gateway.trouble = Throttled("45009", "too often", wait=timedelta(minutes=5))
    here.work()
    assert (gateway.tries, here.column(attempt.c.state)) == (1, ["rejected_temp"])
    here.clock.pass_time(minutes=4)
    here.work()
    assert gateway.tries == 1

    gateway.trouble = None
    here.clock.pass_time(minutes=1)
    here.work()
    assert gateway.order == waiting
    assert "比计划的时间晚 5 分钟发出" in str(here.told("attempt.started"))


def test_a_message_that_waits_for_its_account_is_not_taken_up_again_and_again(crowd, monkeypatch):
    monkeypatch.setattr(sweeps, "BATCH", 3)
    closed, free = Gateway("main", WECHAT), Gateway("shop", WECHAT)
    here = crowd(closed, free, paces={(WECHAT, "main"): Pace(per_day=1)})
    waiting = [here.tell("main", WECHAT) for _ in range(7)]
    others = [here.tell("shop", WECHAT) for _ in range(3)]
    here.work()
    assert (closed.order, free.order) == (waiting[:1], others)

    touched = here.column(plan_step.c.fence)
    for _ in range(5):
        here.clock.pass_time(seconds=2)
        assert send_due(here.worker) == 0
    assert here.column(plan_step.c.fence) == touched


def test_a_day_s_quota_begins_anew_at_the_vendor_s_midnight(crowd):
    gateway = Gateway("main")
    here = crowd(gateway, paces={(SMS, "main"): Pace(per_day=2, day_zone="UTC")})
    for _ in range(3):
        here.tell()
    here.work()
    assert len(gateway.taken) == 2
    here.clock.pass_time(hours=10)  # 19:00 in Beijing, 11:00 at the vendor
    here.work()
    assert len(gateway.taken) == 2
    here.clock.pass_time(hours=14)
    here.work()
    # Its second reminder fell due meanwhile, like everybody's; it had waited longest all the same.
    assert gateway.order[2] == "+85250000003"
    assert gateway.order[2:] == ["+85250000003", "+85250000001"]


@pytest.mark.parametrize(("limit", "hours"), [("person_hour", 1), ("person_day", 24)])
def test_nobody_gets_more_messages_than_the_house_allows_and_the_step_says_so(crowd, limit: str, hours: int):
    gateway = Gateway("main")
    here = crowd(gateway, **{limit: 2})
    many = here.tell(times=3)
    other = here.tell()
    here.work()
    assert gateway.order == [many, many, other]

    here.clock.pass_time(hours=hours)
    here.work()
    assert gateway.order.count(many) >= 3
    assert any("这个人近来收到的消息已到上限" in str(one) for one in here.told("step.planned"))
    with here.archive.reading() as view:
        assert audit(view).sound


@pytest.mark.parametrize("people", [24, pytest.param(1_000, marks=pytest.mark.long)])
def test_fault_52_thousands_due_in_one_second_leave_by_longest_wait_and_none_starves(crowd, people: int):
    gateway, other = Gateway("main"), Gateway("main", WECHAT)
    here = crowd(gateway, other, paces={(SMS, "main"): Pace(per_second=people / 8)})
    waiting = [here.tell() for _ in range(people)]
    beside = here.tell("main", WECHAT)
    most, before = here.desk.limits.pace((SMS, "main")).capacity, 0
    for _ in range(40):
        here.work()
        assert len(gateway.taken) - before <= most
        before = len(gateway.taken)
        assert other.order == [beside]  # on the first round already: nobody waits for the other account
        if before == people:
            break
        here.clock.pass_time(seconds=2)

    assert gateway.order == waiting
    assert len(set(here.column(attempt.c.started_at))) >= 4  # when each left is on record
