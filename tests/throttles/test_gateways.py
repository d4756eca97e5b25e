"""Named faults of gateways: told to slow down, a token that expires in a burst, an index that lags."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests

from handlers.ports import Answer, Throttled, Unsure
from scheduler.resolve import QUERY_LAG
from storage.schema import attempt
from tests.channels import recorded
from tests.throttles.world import Gateway


@pytest.mark.parametrize("code", ["429", "45009", "45033"])
def test_fault_15_told_to_slow_down_nothing_is_lost_and_the_order_is_kept(crowd, code: str):
    gateway = Gateway("main")
    here = crowd(gateway)
    waiting = []
    for _ in range(5):
        waiting.append(here.tell())
        here.clock.pass_time(milliseconds=1)
    gateway.answers = [None, None, Throttled(code, "slower", wait=timedelta(minutes=2))]
    here.work()
    assert gateway.order == waiting[:2] and gateway.tries == 3
    here.clock.pass_time(minutes=2)
    here.work()

    assert gateway.order == waiting
    assert here.column(attempt.c.state).count("rejected_temp") == 1


def test_fault_20_an_index_that_lags_two_minutes_makes_no_second_copy(crowd):
    gateway = Gateway("main")
    here = crowd(gateway)
    really = Gateway.find

    def lagging(request: bytes, since: object) -> Answer | None:
        late = here.clock.at - sent_at < timedelta(minutes=2)
        return None if late else really(gateway, request, since)

    gateway.find = lagging
    gateway.answers = [Unsure("timeout", "no answer")]
    sent_at = here.clock.at
    here.tell()
    for _ in range(40):
        here.work()
        here.clock.pass_time(seconds=10)

    assert len(gateway.taken) == 1 and here.column(attempt.c.state) == ["accepted"]
    assert timedelta(minutes=2) < QUERY_LAG


@pytest.mark.parametrize("make", ["expired", "revoked"])
def test_fault_16_a_token_that_ends_in_a_burst_is_renewed_by_two_workers_and_no_message_is_lost(make: str):
    with recorded.emulator("wechat_oa").started("http://127.0.0.1:1") as emulated:
        workers = [recorded.made("wechat_oa", **emulated) for _ in range(2)]  # each with its own token
        requests_ = [
            workers[0].prepare(recorded.envelope("oEMP0000", client_ref=f"burst-{n}")) for n in range(24)
        ]
        admin = requests.Session()
        admin.trust_env = False

        def send(number: int) -> Answer:
            if number == 8:
                told = admin.post(f"{emulated['api_base']}/admin/tokens", json={"make": make}, timeout=5)
                told.raise_for_status()
            return workers[number % 2].send(requests_[number])

        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(send, range(24)))
        taken = admin.get(f"{emulated['api_base']}/admin/accepted", timeout=5).json()

    assert len({one.provider_id for one in answers}) == 24
    assert len(taken) == 24
