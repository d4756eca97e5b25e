"""Faults 24, 25 and 27: reports that contradict each other, come weeks late, or are not ours."""

import json
from dataclasses import replace

import pytest

from handlers.close_case import close_case
from handlers.ports import Forged, RawRequest
from handlers.take_in import take_in
from scheduler.who import Worker
from storage import deliveries
from tests.channels import recorded
from tests.engine.world import PretendChannel, World
from tests.faults.world import hold_invariants


def sent(here: World) -> tuple[str, str]:
    """Send 张伟's reminder; return the notice and the reference that its gateway repeats."""
    notice = here.remind()
    here.work()
    return notice, here.channels["wechat_oa"].taken[0]["ref"]


def standing(here: World, notice: str):
    with here.archive.reading() as view:
        delivery = deliveries.deliveries_of_notice(view.connection, notice)[0]
        reports = deliveries.reports_of(view.connection, delivery.id)
        return deliveries.standing_of(view.connection, delivery.id), [one.outcome for one in reports]


@pytest.mark.parametrize("order", [("rejected_perm", "delivered"), ("delivered", "rejected_perm")])
def test_fault_24_failed_and_delivered_are_both_kept_and_the_contradiction_shows(here: World, order):
    notice, ref = sent(here)
    for number, outcome in enumerate(order):
        here.hear("wechat_oa", key=f"r{number}", outcome=outcome, ref=ref)
        here.work()

    said, reports = standing(here, notice)
    assert sorted(reports) == ["delivered", "rejected_perm"]
    assert (said.best, said.conflict) == ("delivered", True)
    hold_invariants(here, notice, taken=lambda: here.channels["wechat_oa"].taken)


def test_fault_25_a_report_twenty_days_late_is_sealed_and_moves_no_ladder_of_a_closed_case(here: World):
    notice, ref = sent(here)
    with here.archive.writing() as book:
        close_case(book, "GS-2026-0017", "已返岗", here.desk.rules, here.user)
    before = here.steps(notice)
    here.clock.pass_time(days=20)
    here.hear("wechat_oa", key="late", outcome="read", ref=ref)
    here.work()

    assert standing(here, notice)[1] == ["read"]
    assert here.kinds()[-1] == "receipt.received"
    assert (here.plan_state(notice), here.steps(notice)) == ("ended", before)
    hold_invariants(here, notice, taken=lambda: here.channels["wechat_oa"].taken)


def test_fault_27_a_report_that_another_account_brings_is_joined_to_nothing_of_ours(make_world):
    here: World = make_world(PretendChannel("wechat_oa"))
    other = PretendChannel("wechat_oa")
    other.account = "other"
    both = {**here.desk.channels, ("wechat_oa", "other"): other}
    here.desk = replace(here.desk, channels=both)
    here.worker = Worker(here.desk, "worker-1")
    notice, ref = sent(here)
    report = RawRequest("POST", "/hooks/wechat_oa/other", {}, json.dumps(
        {"key": "r1", "outcome": "delivered", "ref": ref}).encode())  # fmt: skip
    with here.archive.writing() as book:
        take_in(book, "wechat_oa", "other", other.authenticate(report), report, "gateway:wechat_oa/other")
    for _ in range(60):
        here.work()
        here.clock.pass_time(minutes=30)

    assert standing(here, notice)[1] == []


def test_fault_27_a_callback_of_another_twilio_account_is_refused_although_our_token_signed_it():
    (given,) = [one for one in recorded.recordings("forged") if one.name == "forged-other-account"]

    with pytest.raises(Forged):
        recorded.made("sms_twilio").authenticate(given.request)
