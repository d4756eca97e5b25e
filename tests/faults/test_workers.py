"""Faults 47 and 48: one poisoned row, and a worker that stands still for two minutes."""

import os
import signal

from scheduler.failing import POISON
from scheduler.sweeps import send_due
from storage import ladders
from tests.faults.world import LEASE, forked, hold_invariants, settle
from tests.throttles.world import Crowd, Gateway


def test_fault_47_one_poisoned_row_holds_up_nobody_else_and_ends_on_a_person_s_list(database_url: str):
    gateway = Gateway("main")
    here = Crowd(database_url, gateway)
    poisoned = here.tell()
    others = [here.tell() for _ in range(3)]
    prepare = gateway.prepare

    def stumble(envelope):
        if envelope.address == poisoned:
            raise KeyError("a template that does not exist")
        return prepare(envelope)

    gateway.prepare = stumble
    here.work()
    assert sorted(gateway.order) == sorted(others)
    with here.archive.reading() as view:
        cases = ladders.cases_with_running_plans(view.connection)
        steps = [
            one
            for case in cases
            for plan in ladders.plans_of_case(view.connection, case)
            for one in ladders.steps_of(view.connection, plan.id)
        ]
    assert [one.poison for one in steps if one.poison] == [1]  # put off, and counted
    for _ in range(POISON):
        here.clock.pass_time(minutes=32)
        here.work()

    assert [one.kind for one in here.open_tasks()] == ["hr_check"]
    hold_invariants(here, taken=lambda: gateway.taken)
    here.archive.engine.dispose()


def test_fault_48_a_worker_that_stood_still_for_two_minutes_changes_nothing_when_it_wakes(booked):
    here, gateway = booked("query")
    notice = here.remind()

    def stand_still(world) -> None:
        send = gateway.send

        def send_and_stop(request: bytes):
            answer = send(request)
            os.kill(os.getpid(), signal.SIGSTOP)  # its claim runs out while it has the answer in its hands
            return answer

        gateway.send = send_and_stop
        send_due(world.worker)

    pid = forked(here, stand_still)
    _, status = os.waitpid(pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    here.clock.at += LEASE
    settle(here)
    assert here.attempts(notice) == ["accepted"]
    kinds = here.kinds()
    os.kill(pid, signal.SIGCONT)
    _, status = os.waitpid(pid, 0)

    assert (os.WIFEXITED(status), os.WEXITSTATUS(status)) == (True, 0)
    assert (here.kinds(), len(gateway.entries())) == (kinds, 1)
    hold_invariants(here, notice, taken=gateway.entries)
