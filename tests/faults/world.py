"""What every fault is held against: gateways whose book outlives a killed process, and the invariants."""

import json
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from handlers.ports import Resolve
from scheduler.sweeps import send_due
from scheduler.who import Worker
from storage import deliveries, ladders
from storage.audit import audit
from storage.book import Archive
from storage.engine import open_engine
from storage.ids import SystemIds
from storage.log import read_head
from tests.engine.world import KEYS, PretendChannel, World

ABLE = {
    "key": (Resolve.KEY, Resolve.RECEIPT),
    "query": (Resolve.QUERY, Resolve.RECEIPT),
    "nothing": (Resolve.NOTHING,),
}


class Booked(PretendChannel):
    """A gateway whose book is a file: what it took before a process was killed, it knows afterwards."""

    def __init__(self, book: Path, able: str = "nothing", name: str = "wechat_oa") -> None:
        super().__init__(name, ABLE[able])
        self._book = book
        book.touch()

    def _accept(self, message: dict[str, str]) -> str:
        kept = self.known_before(message["ref"])
        if kept is not None and Resolve.KEY in self.capabilities.resolves:
            return kept
        with self._book.open("a") as file:
            file.write(json.dumps(message) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return f"{self.name}-{len(self.entries())}"

    def find(self, request: bytes, since: object):
        self.known = {one["ref"]: f"{self.name}-{n}" for n, one in enumerate(self.entries(), start=1)}
        return super().find(request, since)

    def known_before(self, ref: str) -> str | None:
        found = [n for n, one in enumerate(self.entries(), start=1) if one["ref"] == ref]
        return f"{self.name}-{found[0]}" if found else None

    def entries(self) -> list[dict[str, str]]:
        """Everything that it really took."""
        return [json.loads(line) for line in self._book.read_text().splitlines()]


def killed(here: World, act: Callable[[World], object]) -> None:
    """Do something in a process of its own, which must be killed by SIGKILL while it does it."""
    pid = forked(here, act)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status


def forked(here: World, act: Callable[[World], object]) -> int:
    """Do something in a child process with connections of its own; return its id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        with_own_connections(here)
        act(here)
        os._exit(0)
    finally:
        os._exit(1)


def with_own_connections(here: World) -> None:
    import dataclasses

    engine = open_engine(here.url, KEYS)
    archive = Archive(engine, KEYS, here.clock, SystemIds())
    here.desk = dataclasses.replace(here.desk, archive=archive)
    here.worker = Worker(here.desk, "worker-child")


def send_and_die(point: str) -> Callable[[World], object]:
    """A worker that sends what is due and is killed at this point."""

    def reached(name: str) -> None:
        if name == point:
            die()

    return lambda here: send_due(Worker(here.desk, "worker-child", reached))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def settle(here: World, minutes: int = 40) -> None:
    """Let enough time pass, in steps, for every look at a lost answer; no further rung falls due."""
    for _ in range(4 * minutes):
        here.clock.pass_time(seconds=15)
        here.work()
        if not _open(here):
            return


def hold_invariants(here: World, *notices: str, taken: Callable[[], list[dict[str, str]]]) -> None:
    """What must be true after every fault, whatever it was."""
    shown = [one["link"] for one in taken()]
    assert len(shown) == len(set(shown)), "a person was told the same thing twice"
    for notice in notices:
        assert _answered_for(here, notice), "a notice is lost: nobody has it and nobody was asked"
    late = [one for one in _open(here) if one.deadline_at <= here.clock.real()]
    assert late == [], "an attempt is open past its deadline"
    with here.archive.reading() as view:
        assert audit(view).findings == ()
    _rerun_changes_nothing(here)


def _answered_for(here: World, notice: str) -> bool:
    listed = {one.about for one in here.open_tasks()} | {
        one.case_id for one in here.open_tasks() if one.kind == "hr_check"
    }
    with here.archive.reading() as view:
        made = [
            one
            for each in deliveries.deliveries_of_notice(view.connection, notice)
            for one in deliveries.attempts_of(view.connection, each.id)
        ]
        plan = ladders.plan_of_notice(view.connection, notice)
        waits = [one for one in ladders.steps_of(view.connection, plan.id) if one.state == "planned"]
    known = any(one.state in ("accepted", "rejected_perm", "rejected_temp") for one in made)
    return known or bool(waits) or bool(listed & {here.case_id, *(one.id for one in made)})


def _open(here: World) -> list[deliveries.Attempt]:
    with here.archive.reading() as view:
        every = [
            attempt
            for plan in ladders.plans_of_case(view.connection, here.case_id)
            for delivery in deliveries.deliveries_of_notice(view.connection, plan.notice_id)
            for attempt in deliveries.attempts_of(view.connection, delivery.id)
        ]
    return [one for one in every if one.state in ("sending", "unknown")]


def _rerun_changes_nothing(here: World) -> None:
    before = size(here)
    here.clock.pass_time(milliseconds=1)
    here.work()
    assert size(here) == before, "running the worker again changed something"


def size(here: World) -> int:
    with here.archive.reading() as view:
        return read_head(view.connection).size


LEASE = timedelta(seconds=61)  # after it, what a dead worker had claimed is free
