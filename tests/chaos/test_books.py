"""The checker finds what was lost and what came twice, and the plan of a run depends on its seed alone."""

from datetime import UTC, datetime

import pytest

from bot.commands.chaos.check import Books, Taken, duplicated_in, lost_in
from bot.commands.chaos.plan import blows
from bot.commands.chaos.stage import BEIJING, to_morning
from storage.reckoning import Tried


def books(*attempts: Tried, listed=(), helped=(), closed=()) -> Books:
    return Books({"n1": "case-1"}, attempts, set(listed), set(helped), set(closed))


def tried(state: str, ref: str = "r1", id: str = "a1") -> Tried:
    return Tried(id, "n1", "case-1", ref, state)


SOUND = {
    "accepted and taken": (books(tried("accepted")), [Taken("r1", 1)]),
    "accepted, and the phone was off": (books(tried("rejected_temp")), [Taken("r1", 0)]),
    "refused": (books(tried("rejected_perm")), []),
    "unknown, not taken, and listed": (books(tried("human"), listed=["a1"]), []),
    "unknown, taken, and listed": (books(tried("human"), listed=["a1"]), [Taken("r1", 1)]),
    "absent, then taken": (books(tried("absent"), tried("accepted", "r2", "a2")), [Taken("r2", 1)]),
    "handed to a person": (books(helped=["case-1"]), []),
    "ended with a reason before it could be sent": (books(closed=["n1"]), []),
    "repeated where that does no harm": (
        books(tried("repeated"), tried("accepted", "r2", "a2")), [Taken("r1", 1), Taken("r2", 1)],
    ),
}  # fmt: skip
LOST = {
    "never tried": (books(), [], "nobody has notice n1"),
    "taken for accepted": (books(tried("accepted")), [], "no gateway has attempt a1"),
    "unknown and on nobody's list": (books(tried("human")), [], "nobody has notice n1"),
    "still open": (books(tried("sending")), [Taken("r1", 1)], "still sending"),
    "sent without a trace": (books(tried("accepted")), [Taken("r1", 1), Taken("rx", 0)], "accepted rx"),
    "promised and gone": (books(tried("accepted")), [Taken("r1", 1)], "n2 was promised"),
}
TWICE = {
    "the same attempt": (books(tried("accepted")), [Taken("r1", 1), Taken("r1", 1)]),
    "two attempts": (
        books(tried("absent"), tried("accepted", "r2", "a2")), [Taken("r1", 1), Taken("r2", 1)],
    ),
    "a repeat repeated": (
        books(tried("repeated"), tried("accepted", "r2", "a2")),
        [Taken("r1", 1), Taken("r2", 1), Taken("r2", 1)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_where_every_notice_is_answered_for_nothing_is_found(name: str):
    held, taken = SOUND[name]

    assert lost_in(held, taken, ["n1"]) == []
    assert duplicated_in(held, taken) == []


@pytest.mark.parametrize("name", LOST)
def test_what_one_book_alone_knows_is_lost(name: str):
    held, taken, said = LOST[name]
    promised = ["n1", "n2"] if "n2" in said else ["n1"]

    assert any(said in one for one in lost_in(held, taken, promised))


@pytest.mark.parametrize("name", TWICE)
def test_what_a_person_saw_twice_is_found(name: str):
    assert len(duplicated_in(*TWICE[name])) == 1


def test_a_seed_plays_the_same_blows_again_and_another_does_not():
    assert blows(7, 60, restarts=True) == blows(7, 60, restarts=True)
    assert blows(7, 60, restarts=True) != blows(8, 60, restarts=True)
    assert {one.kind for one in blows(7, 60, restarts=False)} == {"kill", "stop"}
    assert len([one for one in blows(7, 120, restarts=False) if one.kind == "kill"]) >= 50


@pytest.mark.parametrize("now", ["2026-11-23T00:30:00", "2026-11-28T20:00:00", "2026-11-29T23:00:00"])
def test_a_run_begins_at_nine_on_a_monday_that_is_still_to_come(now: str):
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    begins = (moment + to_morning(moment)).astimezone(BEIJING)

    assert begins > moment
    assert (begins.weekday(), begins.hour, begins.minute) == (0, 9, 0)
