"""The watchdog: clocks that jump, machines that sleep, threads that die, and what is sealed about it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from handlers.incident import KIND
from scheduler.pulse import Pulse
from scheduler.watchdog import HOLD, STRIKES, Reading, Watchdog, jump_between
from scheduler.worker import Heart, Sweep
from storage.audit import audit
from storage.last_told import last_told
from tests.engine.world import World
from tests.operations.door import refused

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HOUR, DAY = 3600.0, 86400.0


def reading(wall: float, awake: float, boot: float | None = None) -> Reading:
    """Three clocks this many seconds after noon; the machine did not sleep unless ``boot`` says so."""
    return Reading(NOON + timedelta(seconds=wall), awake, awake if boot is None else boot)


@pytest.mark.parametrize(
    ("wall", "awake", "boot", "kind", "seconds"),
    [
        (10, 10, 10, None, 0),
        (14, 10, 10, None, 0),
        (10 - HOUR, 10, 10, "clock_back", -HOUR),
        (10 + HOUR, 10, 10, "clock_forward", HOUR),
        (10 - DAY, 10, 10, "clock_back", -DAY),
        (10 + 8 * HOUR, 10, 10 + 8 * HOUR, "suspended", 8 * HOUR),
        (10 + 7 * HOUR, 10, 10 + 8 * HOUR, "clock_back", -HOUR),
    ],
    ids=[
        "nothing", "four seconds of drift", "one hour back", "one hour forward", "one day back",
        "asleep for eight hours", "asleep, and the clock was set back meanwhile",
    ],
)  # fmt: skip
def test_a_jump_is_told_from_sleep_by_the_time_since_the_machine_started(wall, awake, boot, kind, seconds):
    seen = jump_between(reading(0, 0), reading(wall, awake, boot))

    assert (seen and seen.kind) == kind
    assert seen is None or abs(seen.seconds - seconds) < 0.001


@pytest.mark.parametrize(
    ("every", "began", "now", "silent", "stuck"),
    [
        (2, None, 59, False, False),
        (2, None, 61, True, False),
        (30, None, 61, False, False),
        (30, None, 91, True, False),
        (2, 0, 14 * 60, False, False),
        (2, 0, 16 * 60, False, True),
        (600, 0, HOUR, False, False),
        (600, 0, 7 * HOUR, False, True),
    ],
    ids=[
        "a fast sweep has a minute", "then it is silent", "a slower one has three intervals",
        "then it is silent", "twenty slow gateways", "a gateway that hangs", "recomputing the log",
        "recomputing for ever",
    ],
)  # fmt: skip
def test_a_sweep_is_silent_after_three_intervals_and_stuck_when_one_batch_never_ends(
    every, began, now, silent, stuck
):
    pulse = Pulse(every, ended=0, began=began)

    assert (pulse.silent_for(now) is not None, pulse.stuck_for(now) is not None) == (silent, stuck)


@contextmanager
def beating(here: World, every: float = 0.05, sweep: Sweep = lambda _: 0) -> Iterator[Heart]:
    """Run a real scheduler with one sweep."""
    heart = Heart(here.worker, {"send_due": (sweep, timedelta(seconds=every))})
    heart.start()
    try:
        yield heart
    finally:
        heart.stop(within=10)


def last_end(heart: Heart) -> float:
    return heart.pulses["send_due"].ended


def ran_again(heart: Heart, within: float = 5, since: float | None = None) -> bool:
    """Wait until the sweep has ended once more, since this end or from now on."""
    before, until = since or last_end(heart), time.monotonic() + within
    while time.monotonic() < until:
        if last_end(heart) > before:
            return True
        time.sleep(0.01)  # polling another thread's mark
    return False


def told(here: World) -> dict[str, object]:
    with here.archive.reading() as view:
        return dict(last_told(view, KIND).told)


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)], ids=["one hour", "one day"])
def test_fault_36_sweeps_go_on_when_the_wall_clock_is_set_back(here: World, back: timedelta):
    """APScheduler plans by the wall clock: without the watchdog it would rest until that time comes again."""
    with beating(here) as heart:
        dog = Watchdog(heart, here.worker, iter_readings((0, 0), (1 - back.total_seconds(), 1)))
        assert ran_again(heart)
        with time_machine.travel(datetime.now(UTC) - back, tick=True):
            ran_again(heart, within=0.1)  # the one already under way
            assert not ran_again(heart, within=0.3)
            (seen,) = dog.look()
            assert ran_again(heart)

    assert seen.kind == "clock_back"
    assert told(here)["seconds"] == -back.total_seconds()
    with here.archive.reading() as view:
        assert audit(view).findings == ()


def iter_readings(*clocks: tuple[float, ...]) -> Callable[[], Reading]:
    """Return a reader of scripted clocks; the last one stays."""
    left = list(clocks)
    return lambda: reading(*(left.pop(0) if len(left) > 1 else left[0]))


def test_fault_36_after_a_jump_forward_no_rung_leaves_before_its_time_by_the_old_clock(here: World):
    taken: list[int] = []
    with beating(here, sweep=lambda _: taken.append(1) or 0) as heart:
        dog = Watchdog(heart, here.worker, iter_readings((0, 0), (1 + HOUR, 1)))
        assert ran_again(heart)
        (seen,) = dog.look()
        ran_again(heart)
        before = len(taken)
        assert ran_again(heart) and ran_again(heart)  # it beats, so nobody calls it dead

    assert (seen.kind, len(taken) - before) == ("clock_forward", 0)
    assert heart._no_sends_before - time.monotonic() > HOLD - 60
    assert told(here)["wall_after"] == "2026-11-23T05:00:01.000Z"


def test_fault_37_after_eight_hours_of_sleep_each_sweep_catches_up_once(here: World):
    taken: list[int] = []
    with beating(here, every=1000, sweep=lambda _: taken.append(1) or 0) as heart:
        dog = Watchdog(heart, here.worker, iter_readings((0, 0), (8 * HOUR, 1, 8 * HOUR)))
        before = last_end(heart)
        (seen,) = dog.look()
        assert ran_again(heart, since=before)
        assert dog.look() == []

    assert (seen.kind, len(taken)) == ("suspended", 1)
    assert heart._no_sends_before == 0.0  # time went by for everybody: what is due is due


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_fault_46_a_scheduler_thread_that_died_is_replaced_and_the_death_is_sealed(here: World):
    with beating(here) as heart:
        dog = Watchdog(heart, here.worker, iter_readings((0, 0)))
        kill_thread(heart)
        assert not heart.alive
        (seen,) = dog.look()
        assert heart.alive
        assert ran_again(heart)

    assert seen.kind == "scheduler_dead"
    assert not dog.gave_up


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_fault_46_a_worker_whose_scheduler_cannot_be_replaced_ends_itself(here: World, monkeypatch):
    with beating(here) as heart:
        dog = Watchdog(heart, here.worker, iter_readings((0, 0)))
        kill_thread(heart)
        monkeypatch.setattr(heart, "revive", lambda: 1 / 0)
        dog.look()

        assert dog.gave_up
        assert here.worker.told.is_set()


def kill_thread(heart: Heart) -> None:
    """Let the scheduler's own thread die of an exception, as a job store that lost a job makes it."""

    def fail() -> None:
        raise RuntimeError("the job is gone")

    scheduler = heart._scheduler
    scheduler._process_jobs = fail
    scheduler.wakeup()
    scheduler._thread.join(5)


def test_a_sweep_that_stays_silent_is_hurried_and_after_three_times_the_worker_ends(here: World):
    with beating(here, every=1000) as heart:
        clocks = [(n * 4000.0, n * 4000.0) for n in range(STRIKES + 1)]
        dog = Watchdog(heart, here.worker, iter_readings(*clocks))
        heart.pulses["send_due"].ended = 0.0
        heart.hurry = lambda: None  # a scheduler that does not listen any more
        kinds = [[one.kind for one in dog.look()] for _ in range(STRIKES)]

    assert kinds == [["sweep_silent"]] * STRIKES
    assert dog.gave_up
    assert told(here)["what"] == "send_due"


def test_a_batch_that_never_ends_ends_the_worker(here: World):
    with beating(here, every=100) as heart:
        dog = Watchdog(heart, here.worker, iter_readings((0, 0), (HOUR, HOUR)))
        heart.pulses["send_due"].began = 0.0
        (seen,) = dog.look()

    assert (seen.kind, dog.gave_up) == ("sweep_stuck", True)


def test_a_database_that_is_away_does_not_stop_the_watchdog(here: World, monkeypatch):
    with beating(here) as heart:
        dog = Watchdog(heart, here.worker, iter_readings((0, 0), (1 - HOUR, 1)))
        with refused(here.archive.engine):
            (seen,) = dog.look()

    assert seen.kind == "clock_back"


def test_after_an_outage_of_the_database_nothing_is_sent_until_spools_can_be_replayed(here: World):
    heart = Heart(here.worker)
    with refused(here.archive.engine):
        heart.beat("send_due")
    here.remind()
    heart.beat("send_due")
    assert here.channels["wechat_oa"].taken == []
    heart._no_sends_before = time.monotonic()
    heart.beat("send_due")

    assert len(here.channels["wechat_oa"].taken) == 1
