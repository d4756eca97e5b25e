"""Faults 1 to 7: a worker process is killed by SIGKILL at each point of its way, on both databases."""

import pytest

from handlers.ports import Refused
from scheduler.resolve import resolve_lost
from scheduler.sweeps import send_due
from storage.book import Book
from tests.engine.world import PretendChannel
from tests.faults.world import ABLE, LEASE, Booked, die, hold_invariants, killed, send_and_die, settle, size


def after_death(here) -> None:
    """Somebody else goes on once the dead worker's claims have run out."""
    here.clock.at += LEASE
    settle(here)


def test_fault_01_killed_before_the_attempt_was_written_down_it_left_no_trace_and_is_sent_once(booked):
    here, gateway = booked()
    notice = here.remind()
    before = size(here)
    killed(here, send_and_die("before_attempt"))
    assert (size(here), gateway.entries()) == (before, [])
    after_death(here)

    assert len(gateway.entries()) == 1
    assert here.attempts(notice) == ["accepted"]
    hold_invariants(here, notice, taken=gateway.entries)


@pytest.mark.parametrize("able", ABLE)
def test_fault_02_killed_before_it_connected_it_is_sent_once_or_put_on_a_person_s_list(booked, able):
    here, gateway = booked(able)
    notice = here.remind()
    killed(here, send_and_die("after_attempt"))
    assert here.attempts(notice) == ["sending"]
    after_death(here)

    if able == "nothing":
        assert (gateway.entries(), here.attempts(notice)) == ([], ["human"])
        assert [one.kind for one in here.open_tasks()] == ["unknown_attempt"]
    else:
        assert len(gateway.entries()) == 1
        assert here.attempts(notice)[-1] == "accepted"
    hold_invariants(here, notice, taken=gateway.entries)


@pytest.mark.parametrize("able", ["query", "nothing"])
@pytest.mark.parametrize("arrived", [False, True], ids=["cut short", "whole"])
def test_fault_03_killed_while_the_body_was_written_it_is_told_once_at_most(booked, able, arrived):
    here, gateway = booked(able)
    notice = here.remind()

    def write_half(request: bytes) -> None:
        if arrived:
            PretendChannel.send(gateway, request)
        die()

    def send(world) -> None:
        gateway.send = write_half
        send_due(world.worker)

    killed(here, send)
    after_death(here)

    assert len(gateway.entries()) == (arrived if able == "nothing" else 1)
    hold_invariants(here, notice, taken=gateway.entries)


@pytest.mark.parametrize("able", ABLE)
def test_fault_04_killed_after_the_gateway_accepted_it_is_delivered_once_and_the_gap_is_sealed(booked, able):
    here, gateway = booked(able)
    notice = here.remind()
    killed(here, send_and_die("after_accept"))
    assert (len(gateway.entries()), here.attempts(notice)) == (1, ["sending"])
    after_death(here)

    assert len(gateway.entries()) == 1
    assert here.attempts(notice) == (["human"] if able == "nothing" else ["accepted"])
    assert here.kinds().count("attempt.unknown") == (2 if able == "nothing" else 1)
    assert ("attempt.found" in here.kinds()) == (able != "nothing")
    hold_invariants(here, notice, taken=gateway.entries)


def test_fault_05_nothing_is_ever_committed_without_its_record(booked, monkeypatch):
    here, gateway = booked()
    notice = here.remind()
    before = size(here)
    monkeypatch.setattr(Book, "seal", lambda book: die())  # every row is written, no record yet

    killed(here, lambda world: send_due(world.worker))
    monkeypatch.undo()
    assert (here.attempts(notice), size(here)) == ([], before)
    after_death(here)

    assert len(gateway.entries()) == 1
    hold_invariants(here, notice, taken=gateway.entries)


@pytest.mark.parametrize("able", ["key", "query"])
def test_fault_06_killed_while_it_found_out_another_finds_out_after_its_lease(booked, able):
    here, gateway = booked(able)
    notice = here.remind()
    killed(here, send_and_die("after_accept"))
    here.clock.at += LEASE
    here.work()  # the death is noticed; the gateway is asked after the settle time
    here.clock.pass_time(seconds=15)

    def look(world) -> None:
        gateway.send = gateway.find = lambda *_: die()
        resolve_lost(world.worker)

    killed(here, look)
    assert here.attempts(notice) == ["unknown"]
    after_death(here)

    assert (len(gateway.entries()), here.attempts(notice)) == (1, ["accepted"])
    hold_invariants(here, notice, taken=gateway.entries)


def test_fault_07_killed_after_the_ladder_moved_on_the_next_rung_is_sent_once(make_world, tmp_path):
    first = PretendChannel("wechat_oa", answers=[Refused("43004", "has left")])
    second = Booked(tmp_path / "gateway.jsonl", name="sms_twilio")
    here = make_world(first, second)
    notice = here.remind()
    killed(here, send_and_die("after_conclude"))
    assert here.steps(notice)[-1] == ("send", "sms_twilio", "planned")
    after_death(here)

    assert here.attempts(notice) == ["rejected_perm", "accepted"]
    hold_invariants(here, notice, taken=second.entries)
