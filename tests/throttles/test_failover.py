"""Several accounts of one kind share the messages; while one fails the others carry them, each once."""

from collections import Counter
from datetime import timedelta

import pytest

from casework.pace import Pace, in_turn
from handlers.ports import Refused, Resolve, Throttled, Unreachable, Unsure
from handlers.throttle import DOUBTFUL_FOR, DOUBTS
from storage import people
from storage.schema import attempt
from tests.engine.test_lost_answers import settle
from tests.throttles.world import SMS, Gateway

WECHAT = "wechat_oa"


def test_each_account_comes_first_as_often_as_its_weight_says_and_spares_come_last():
    orders = [in_turn({"a": 3, "b": 1, "spare": 0}, draw) for draw in range(400)]
    assert Counter(order[0] for order in orders) == {"a": 300, "b": 100}
    assert all(sorted(order) == ["a", "b", "spare"] and order[-1] == "spare" for order in orders)
    assert in_turn({}, 5) == [] and in_turn({"b": 0, "a": 0}, 7) == ["a", "b"]


def test_messages_are_shared_by_weight(crowd):
    first, second = Gateway("a"), Gateway("b")
    here = crowd(first, second)
    reader = here.tell("a", times=20)  # each message has a resting point of its own
    here.work()

    assert first.order + second.order == [reader] * 20
    assert first.taken and second.taken


TROUBLES = {
    "it asks us to wait": Throttled("429", "slower", wait=timedelta(minutes=5)),
    "nobody answers there": Unreachable("unreachable", "connection refused"),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
def test_fault_19_while_one_account_fails_the_other_carries_its_messages_each_once(crowd, trouble):
    first, second = Gateway("a"), Gateway("b")
    here = crowd(first, second, paces={(SMS, "a"): Pace(weight=1), (SMS, "b"): Pace(weight=0)})
    first.trouble = trouble
    everybody = [here.tell("a") for _ in range(4)]
    for _ in range(12):  # an hour
        here.work()
        here.clock.pass_time(minutes=5)
    assert (first.order, sorted(second.order)) == ([], everybody)  # nothing was sent twice
    assert first.tries == 1
    assert here.column(attempt.c.account) == ["a", "b", "b", "b", "b"]

    first.trouble = None
    later = here.tell("a")
    here.work()
    assert first.order == [later]  # the resting point


def test_a_gateway_whose_answers_stay_unclear_is_left_alone_for_a_while(crowd):
    first, second = Gateway("a"), Gateway("b")
    here = crowd(first, second, paces={(SMS, "a"): Pace(weight=1), (SMS, "b"): Pace(weight=0)})
    first.trouble = Unsure("http-502", "bad gateway")
    everybody = [here.tell("a") for _ in range(6)]
    here.work()
    assert first.tries == DOUBTS.capacity + 1
    assert second.order == everybody[first.tries :]

    settle(here)  # the gateway, asked twice, never had them: they go again, by the other account
    assert sorted(second.order) == everybody
    first.trouble = None
    here.clock.pass_time(seconds=DOUBTFUL_FOR.total_seconds())
    later = here.tell("a")
    here.work()
    assert first.order == [later]


def test_an_address_that_belongs_to_one_account_never_moves_to_another(crowd):
    own, other = Gateway("main", WECHAT, (Resolve.KEY,)), Gateway("shop", WECHAT, (Resolve.KEY,))
    here = crowd(own, other)
    own.trouble = Throttled("45009", "too often", wait=timedelta(minutes=5))
    reader = here.tell("main", WECHAT)
    here.work()
    assert (own.tries, other.tries) == (1, 0)
    own.trouble = None
    here.clock.pass_time(minutes=5)
    here.work()
    assert (own.order, other.order) == ([reader], [])


def test_fault_11_an_address_at_which_nobody_answers_is_tried_later_and_later(crowd):
    gateway = Gateway("main")
    here = crowd(gateway)
    gateway.trouble = Unreachable("unreachable", "connection refused")
    here.tell()
    tried = []
    for minute in range(17):
        before = gateway.tries
        here.work()
        tried += [minute] * (gateway.tries - before)
        here.clock.pass_time(minutes=1)
    assert tried == [0, 1, 3, 7, 15]
    assert set(here.column(attempt.c.state)) == {"rejected_temp"}  # never unknown: no byte left


def test_an_account_that_may_not_write_to_an_address_is_not_asked_to(crowd):
    first, second = Gateway("a"), Gateway("b")
    here = crowd(first, second, paces={(SMS, "a"): Pace(weight=1), (SMS, "b"): Pace(weight=0)})

    def refuse(envelope: object) -> bytes:
        raise Refused("mainland", "not for +86")

    first.prepare = refuse
    reader = here.tell("a")
    here.work()
    assert (first.tries, second.order) == (0, [reader])


def test_an_answer_comes_back_through_the_account_that_wrote(crowd):
    first, second = Gateway("a"), Gateway("b")
    here = crowd(first, second, paces={(SMS, "a"): Pace(weight=0), (SMS, "b"): Pace(weight=1)})
    reader = here.tell("a")
    here.work()
    assert second.order == [reader]
    here.hear(SMS, account="b", key="m1", text="我知道了", **{"from": reader})
    here.work()
    assert len(here.told("reply.received")) == 1


def test_an_address_that_is_given_up_at_one_account_is_given_up_at_all(crowd):
    first, second = Gateway("a"), Gateway("b")
    here = crowd(first, second, paces={(SMS, "a"): Pace(weight=0), (SMS, "b"): Pace(weight=1)})
    reader = here.tell("a")
    here.work()
    here.hear(SMS, account="b", key="gone", address=reader)
    here.work()
    with here.archive.reading() as view:
        (point,) = [
            point
            for person in people.employees_page(view.connection, "", 9)
            for point in people.contact_points(view.connection, person.id)
        ]
    assert point.state == "suppressed"
