"""Whom to show the log to, when, how often again, and what is sealed of it; on both databases."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from evidence.checkpoint import parse as parse_checkpoint
from evidence.merkle import verify_consistency
from evidence.note import opened, parse_vkey
from handlers.anchors import anchor_now, began
from handlers.vouching import AnchorFailed, SignerFault
from storage.audit import audit
from storage.log import halt, read_head
from tests.anchors.world import DOWN, PretendAnchor

HOURS = {"hours": 24}


def services(told):
    return [one.told["service"] for one in told]


def test_an_answer_is_sealed_verbatim_beside_the_note_that_it_is_over(make_world):
    tsa = PretendAnchor("tsa.example.cn")
    here = make_world(tsa)
    done = anchor_now(here.desk, 10)

    (sealed,) = here.sealed("anchor.received")
    size = done.checkpoint.size
    assert done.answered == ("tsa.example.cn",) and done.waiting == ()
    assert sealed.told == {
        "kind": "tsa", "origin": "huizheng.testtest/log/1", "service": "tsa.example.cn", "size": size,
        "time": "2026-11-16T01:00:03.000Z",
    }  # fmt: skip
    assert sealed.parts == {"note": tsa.asked[0].note, "token": b"token over %d" % size}
    assert opened(sealed.parts["note"], [parse_vkey(here.signer.status().vkey)])[1]
    assert (sealed.leaf["assurance"], sealed.leaf["refs"]) == ("C3", [f"checkpoint {size}"])
    assert sealed.position == size  # the answer itself can only stand above what it is over
    with here.archive.reading() as view:
        assert audit(view).sound


def test_a_time_that_we_cannot_read_is_null_and_no_third_party_s_word(make_world):
    here = make_world(PretendAnchor("odd.example.cn", time=None))
    anchor_now(here.desk, 10)

    (sealed,) = here.sealed("anchor.received")
    assert sealed.told["time"] is None and sealed.leaf["assurance"] == "C0"


def test_a_mail_is_recorded_as_sent_and_not_as_an_answer(make_world):
    here = make_world(PretendAnchor("z***@example.cn", kind="mail", time=None))
    anchor_now(here.desk, 10)

    (sealed,) = here.sealed("anchor.sent")
    assert set(sealed.parts) == {"note", "mail"} and here.sealed("anchor.received") == []


def test_services_are_asked_at_the_same_time_and_the_slow_one_holds_up_nobody(make_world):
    let_go, both = threading.Event(), threading.Barrier(2)
    slow = PretendAnchor("slow.example.cn", answers=[lambda _: let_go.wait(20)])
    one = PretendAnchor("one.example.cn", answers=[lambda _: both.wait(10)])
    two = PretendAnchor("two.example.cn", answers=[lambda _: both.wait(10)])
    here = make_world(slow, one, two)
    began_at = time.monotonic()
    done = anchor_now(here.desk, 1.0)
    took = time.monotonic() - began_at
    let_go.set()

    assert (set(done.answered), done.waiting) == ({"one.example.cn", "two.example.cn"}, ("slow.example.cn",))
    assert took < 10
    until(lambda: "slow.example.cn" in services(here.sealed("anchor.received")))
    assert here.unanswered() == []


@pytest.mark.parametrize("fault", [DOWN, ValueError("our own mistake")], ids=["down", "our fault"])
def test_who_fails_harms_nobody_and_is_asked_again_with_growing_pauses(make_world, fault):
    bad, good = PretendAnchor("bad.example.cn", answers=[fault] * 3), PretendAnchor("good.example.cn")
    here = make_world(bad, good)
    done = anchor_now(here.desk, 10)
    assert (done.answered, done.waiting) == (("good.example.cn",), ("bad.example.cn",))

    asked = []
    for _ in range(9):
        here.clock.pass_time(minutes=1)
        here.sweep()
        asked.append(len(bad.asked))
    assert asked == [2, 2, 3, 3, 3, 3, 4, 4, 4]  # pauses of one, two and four minutes
    assert services(here.sealed("anchor.received")) == ["good.example.cn", "bad.example.cn"]
    assert len(good.asked) == 1


def test_each_day_begins_with_heads_a_checkpoint_and_every_service(make_world):
    tsa = PretendAnchor("tsa.example.cn")
    here = make_world(tsa)
    for _ in range(3):
        here.sweep()
        here.sweep()
        here.clock.pass_time(**HOURS)

    assert len(tsa.asked) == len(here.sealed("anchor.received")) == 3
    assert [one.checkpoint.size for one in tsa.asked] == sorted({one.checkpoint.size for one in tsa.asked})
    assert len(here.sealed("heads.made")) == 1  # no case moved on the two later days
    first = here.sealed("heads.made")[0]
    assert first.position < tsa.asked[0].checkpoint.size


@pytest.mark.parametrize(
    ("now", "day"),
    [("2026-11-16T17:59:59+00:00", 15), ("2026-11-16T18:00:00+00:00", 16), ("2026-11-17T10:00:00+00:00", 16)],
)
def test_the_day_begins_at_its_hour_in_beijing(now, day):
    found = began(datetime.fromisoformat(now), 2)
    assert found.astimezone(UTC) == datetime(2026, 11, day, 18, tzinfo=UTC)


def test_a_silence_of_a_day_is_recorded_once_a_day_until_the_service_answers(make_world):
    bad = PretendAnchor("bad.example.cn", answers=[DOWN] * 1000)
    here = make_world(bad)
    since = here.clock.at
    for _ in range(5 * 12):
        here.sweep()
        here.clock.pass_time(hours=1)
    missed = here.sealed("anchor.missed")
    assert [one.told for one in missed] == [
        {"kind": "tsa", "service": "bad.example.cn", "since": "2026-11-16T01:00:00.000Z", "why": "no answer"}
    ] * 2
    assert here.unanswered()[0].since == since

    bad.answers.clear()
    for _ in range(48):
        here.sweep()
        here.clock.pass_time(hours=1)
    assert len(here.sealed("anchor.missed")) == 2 and here.unanswered() == []


def test_a_service_that_comes_back_is_asked_about_the_newest_checkpoint_only(make_world):
    bad = PretendAnchor("bad.example.cn", answers=[DOWN] * 1000)
    here = make_world(bad)
    for _ in range(72):
        here.sweep()
        here.clock.pass_time(hours=1)
    bad.answers.clear()
    here.sweep()

    assert len(here.sealed("anchor.received")) == 1 and here.unanswered() == []


def test_a_service_that_is_no_longer_configured_is_neither_asked_nor_missed(make_world):
    bad, good = PretendAnchor("bad.example.cn", answers=[DOWN] * 1000), PretendAnchor("good.example.cn")
    here = make_world(bad)
    here.sweep()
    here.signed_by([good])
    for _ in range(60):
        here.clock.pass_time(hours=1)
        here.sweep()

    assert len(bad.asked) == 1 and here.sealed("anchor.missed") == [] and here.unanswered() == []


def test_of_many_workers_one_asks(make_world):
    tsa = PretendAnchor("tsa.example.cn", answers=[lambda _: time.sleep(0.2)])
    here = make_world(tsa)
    with ThreadPoolExecutor(6) as workers:
        list(workers.map(lambda _: here.sweep(), range(6)))

    assert len(tsa.asked) == len(here.sealed("anchor.received")) == len(here.sealed("heads.made")) == 1


def test_an_answer_that_came_too_late_for_its_claim_is_not_sealed_twice(make_world):
    here = None

    def stand_still(_):
        here.clock.pass_time(minutes=5)  # the claim runs out, another worker asks and seals
        here.sweep()

    tsa = PretendAnchor("tsa.example.cn", answers=[stand_still])
    here = make_world(tsa)
    anchor_now(here.desk, 20)

    assert len(tsa.asked) == 2 and len(here.sealed("anchor.received")) == 1


def test_a_failure_that_came_too_late_for_its_claim_does_not_spoil_the_next_one_s_answer(make_world):
    here, sweeping, second_asks, go = None, [], threading.Event(), threading.Event()

    def first(_):
        here.clock.pass_time(minutes=5)
        sweeping.append(threading.Thread(target=here.sweep))
        sweeping[0].start()
        second_asks.wait(10)
        raise DOWN

    def second(_):
        second_asks.set()
        go.wait(10)

    here = make_world(PretendAnchor("tsa.example.cn", answers=[first, second]))
    anchor_now(here.desk, 20)
    go.set()
    sweeping[0].join(20)
    assert len(here.sealed("anchor.received")) == 1 and here.unanswered() == []


def test_no_transaction_is_open_while_a_service_is_asked(make_world):
    """SQLite has one writer: an export that is written meanwhile shows that nobody holds it."""
    here, counted = None, []

    def write_meanwhile(_):
        here.remind()
        counted.append(here.archive.engine.pool.checkedout())

    here = make_world(PretendAnchor("tsa.example.cn", answers=[write_meanwhile]))
    anchor_now(here.desk, 20)
    assert counted == [0] and len(here.sealed("anchor.received")) == 1


def test_a_service_learns_what_it_saw_last_and_gets_a_proof_from_there(make_world):
    tsa = PretendAnchor("tsa.example.cn")
    here = make_world(tsa)
    anchor_now(here.desk, 10)
    here.remind()
    anchor_now(here.desk, 10)

    first, second = tsa.asked
    assert (first.last, second.last) == (0, first.checkpoint.size)
    old, new = first.checkpoint, second.checkpoint
    verify_consistency(old.size, old.root, new.size, new.root, second.proof_from(second.last))


def test_a_witness_that_saw_more_than_this_database_holds_halts_the_log(make_world):
    ahead = AnchorFailed("cosigned 9999 records", ahead=9999)
    here = make_world(PretendAnchor("w.example.cn", kind="witness", answers=[ahead]))
    anchor_now(here.desk, 10)

    with here.archive.reading() as view:
        assert "9999" in read_head(view.connection).halted


def test_a_witness_that_saw_a_newer_checkpoint_of_ours_is_no_alarm(make_world):
    here = None

    def newer(asked):
        here.remind()
        raise AnchorFailed("cosigned more", ahead=asked.checkpoint.size + 1)

    here = make_world(PretendAnchor("w.example.cn", kind="witness", answers=[newer]))
    anchor_now(here.desk, 10)

    with here.archive.reading() as view:
        assert read_head(view.connection).halted is None
    assert here.unanswered() == []


def test_while_the_log_is_halted_nobody_is_asked_and_nothing_breaks(make_world):
    tsa = PretendAnchor("tsa.example.cn")
    here = make_world(tsa)
    with here.archive.engine.begin() as connection:
        halt(connection, "a test")
    here.clock.pass_time(days=3)

    assert here.sweep() == 0 and tsa.asked == []


def test_without_its_signer_the_day_is_still_due_when_it_is_back(make_world):
    tsa = PretendAnchor("tsa.example.cn")
    here = make_world(tsa)
    here.sweep()
    here.signer.away = True
    here.clock.pass_time(**HOURS)
    here.sweep()
    with pytest.raises(SignerFault):
        anchor_now(here.desk, 10)
    here.signer.away = False
    here.sweep()

    assert len(tsa.asked) == 2


def test_a_log_without_signer_is_shown_to_nobody(make_world):
    here = make_world(PretendAnchor("tsa.example.cn"))
    assert anchor_now(replace(here.desk, signer=None), 10) is None
    assert here.sealed("anchor.received") == []


def test_the_note_that_was_anchored_is_over_the_log_as_it_was(make_world):
    here = make_world(PretendAnchor("tsa.example.cn"))
    size = here.size()
    done = anchor_now(here.desk, 10)
    (sealed,) = here.sealed("anchor.received")

    assert parse_checkpoint(sealed.parts["note"].partition(b"\n\n")[0] + b"\n") == done.checkpoint
    assert done.checkpoint.size == size + 1  # the record of the key itself


def until(ready, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return
        time.sleep(0.02)  # another thread's answer: there is no event to wait for
    raise AssertionError("did not happen")


def test_pauses_never_grow_beyond_an_hour(make_world):
    bad = PretendAnchor("bad.example.cn", answers=[DOWN] * 1000)
    here = make_world(bad)
    anchor_now(here.desk, 10)
    for _ in range(20):
        here.clock.pass_time(minutes=60)
        here.sweep()

    assert len(bad.asked) >= 20
