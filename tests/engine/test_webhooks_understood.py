"""Reports and replies: any order, any repetition, before the answer, unreadable, from strangers."""

from itertools import permutations

import pytest

from casework.messages import Outcome
from handlers.receive import ORPHAN_LIVES, ORPHAN_WAITS
from scheduler.sweeps import send_due
from scheduler.who import Worker
from storage import deliveries, inbox
from tests.engine.test_lost_answers import Killed, die_at
from tests.engine.world import World

REPORTS = ("sent", "delivered", "rejected_temp")


def standing(here: World, notice: str) -> tuple[str, str | None]:
    with here.archive.reading() as view:
        first = deliveries.deliveries_of_notice(view.connection, notice)[0]
        found = deliveries.standing_of(view.connection, first.id)
        return found.best.value, found.worst and found.worst.value


@pytest.mark.parametrize("order", list(permutations(REPORTS)), ids="-".join)
def test_reports_in_any_order_give_the_same_standing(here: World, order: tuple[str, ...]):
    notice = here.remind()
    here.work()
    for said in order:
        here.hear("wechat_oa", key=said, outcome=said, id="wechat_oa-1")
        here.work()

    assert standing(here, notice) == ("delivered", "rejected_temp")
    assert here.kinds().count("receipt.received") == 3


def test_the_same_report_fifty_times_is_one_receipt_and_one_record(here: World):
    notice = here.remind()
    here.work()
    here.hear("wechat_oa", times=50, key="d1", outcome="delivered", id="wechat_oa-1")
    here.work()

    assert standing(here, notice) == ("delivered", None)
    assert here.kinds().count("receipt.received") == 1
    with here.archive.reading() as view:
        assert inbox.counts(view.connection)["webhook_repeated/wechat_oa/main"] == 49


def test_a_report_that_overtakes_the_answer_joins_its_attempt_later(here: World):
    notice = here.remind()
    with pytest.raises(Killed):
        send_due(Worker(here.desk, "worker-killed", die_at("after_accept")))
    here.hear("wechat_oa", key="d1", outcome="delivered", id="wechat_oa-1")
    here.work()
    assert "receipt.received" not in here.kinds()

    from handlers.conclude import conclude
    from handlers.ports import Answer

    with here.archive.reading() as view:
        delivery = deliveries.deliveries_of_notice(view.connection, notice)[0]
        attempt = deliveries.attempts_of(view.connection, delivery.id)[0]
    with here.archive.writing() as book:
        answer = Answer(Outcome.ACCEPTED, b"{}", "ok", "wechat_oa-1")
        conclude(book, attempt.id, answer, here.desk.rules, "system:worker")
    here.work()

    assert standing(here, notice) == ("delivered", None)


def test_a_report_by_our_own_reference_is_joined_before_the_answer(here: World):
    notice = here.remind()
    with pytest.raises(Killed):
        send_due(Worker(here.desk, "worker-killed", die_at("after_accept")))
    ref = here.channels["wechat_oa"].taken[0]["ref"]
    here.hear("wechat_oa", key="d1", outcome="delivered", ref=ref)
    here.work()

    assert standing(here, notice) == ("delivered", None)


def test_a_report_about_nothing_of_ours_is_given_up_and_counted(here: World):
    here.hear("wechat_oa", key="d1", outcome="delivered", id="somebody-else")
    here.work()
    here.clock.at += ORPHAN_LIVES
    here.work()
    with here.archive.reading() as view:
        assert inbox.counts(view.connection) == {}
    here.clock.at += ORPHAN_WAITS[-1]
    here.work()

    with here.archive.reading() as view:
        assert inbox.counts(view.connection) == {"webhook_unmatched/wechat_oa/main": 1}


def test_what_cannot_be_read_is_sealed_marked_and_changes_nothing(here: World):
    from handlers.ports import Element, RawRequest
    from handlers.take_in import take_in

    before = here.kinds()
    with here.archive.writing() as book:
        request = RawRequest("POST", "/hooks/wechat_oa/main", {}, b"<xml><broken")
        take_in(book, "wechat_oa", "main", [Element("k", request.body)], request, "gateway:wechat_oa/main")
    here.work()

    assert here.kinds() == before
    with here.archive.reading() as view:
        assert inbox.counts(view.connection) == {"webhook_unreadable/wechat_oa/main": 1}


def test_a_stranger_s_message_stays_sealed_and_pauses_nothing(here: World):
    notice = here.remind()
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "somebody"}, text="收到")
    here.work()

    assert here.plan_state(notice) == "running"
    with here.archive.reading() as view:
        assert inbox.counts(view.connection) == {"reply_from_stranger/wechat_oa/main": 1}


@pytest.mark.parametrize(
    "text",
    ["a\nb\tc", "e\u0301 NFD", "😀 \U0001f469\u200d\U0001f527", "", "x" * 10_000, "]]><x>", "\u202e反"],
    ids=repr,
)
def test_a_reply_is_kept_word_for_word(here: World, text: str):
    here.remind()
    here.work()
    here.hear("wechat_oa", key="m1", **{"from": "wechat_oa-zhangwei"}, text=text)
    here.work()

    with here.archive.reading() as view:
        kept = inbox.replies_of(view.connection, here.case_id)[0]
        assert view.open(kept.text_blob).data.decode() == text
