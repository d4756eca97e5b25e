"""From records to the entries and stages of a timeline: nothing is left out, no proof states are merged."""

import pytest

from bot.console.grouping import grouped
from bot.console.track import track
from storage.timeline import Line
from tests.world import MONDAY

DELIVERY = {"table": "attempt", "id": "a1", "columns": {"delivery_id": "d1"}}
RECEIPT = {"table": "receipt", "id": "r1", "columns": {"delivery_id": "d1"}}


def line(cseq, kind, *rows, state=None, **told):
    return Line(
        f"rec{cseq}", cseq, cseq, kind, MONDAY, "system:x", None, state, "C0", "ab" * 32, told, rows, ()
    )


def task(id, kind="paper", about=None, state="open"):
    return {"table": "task", "id": id, "columns": {"kind": kind, "about": about, "state": state}}


REPLY = {"table": "reply", "id": "p1", "columns": {}}
STEP = {"table": "plan_step", "id": "s1", "columns": {}}


@pytest.mark.parametrize(
    ("lines", "entries"),
    [
        (
            [line(1, "attempt.started", DELIVERY, STEP), line(2, "receipt.received", RECEIPT)],
            [("sent", "d1", [1, 2])],
        ),
        (
            [line(1, "reply.received", REPLY), line(2, "task.opened", task("t1", "confirm_reply", "p1"))],
            [("said", "p1", [1, 2])],
        ),
        (
            [line(1, "task.opened", task("t1"), STEP), line(2, "plan.ended", task("t1", state="withdrawn"))],
            [("noted", "rec2", [2]), ("todo", "t1", [1, 2])],
        ),
        (
            [line(1, "task.done", task("t1", state="done"), task("t2", "paper_result"))],
            [("todo", "t1", [1]), ("todo", "t2", [1])],
        ),
        (
            [line(1, "attempt.unknown", DELIVERY, task("t1", "unknown_attempt", "a1"))],
            [("sent", "d1", [1]), ("todo", "t1", [1])],
        ),
        (
            [line(1, "case.opened"), line(2, "a kind of tomorrow")],
            [("noted", "rec2", [2]), ("noted", "rec1", [1])],
        ),
    ],
    ids=[
        "what a gateway reports joins its message",
        "the task to look at a reply is done where the reply stands",
        "the end of a ladder withdraws a task and is still told",
        "a posted paper opens the task to follow it",
        "a message nobody can trace is a message and a task",
        "every other record stands by itself",
    ],
)
def test_every_record_finds_its_entry(lines, entries):
    found = [(group.kind, group.key, [one.cseq for one in group.lines]) for group in grouped(lines)]

    assert found == entries


STARTED = line(1, "attempt.started", DELIVERY, state="submitted")
ACCEPTED = line(2, "attempt.accepted", DELIVERY, state="accepted", said="queued")
OFF = line(3, "receipt.received", RECEIPT, state="rejected_temp", said="undelivered 30003")
GONE = line(3, "receipt.received", RECEIPT, state="rejected_perm", said="undelivered 30005")
SENT = line(3, "receipt.received", RECEIPT, state="sent", said="sent")
DELIVERED = line(4, "receipt.received", RECEIPT, state="delivered", said="delivered")
SHOWN = line(5, "page.displayed", RECEIPT, state="displayed")
READ = line(6, "page.read", RECEIPT, state="read")
LOST = line(2, "attempt.unknown", DELIVERY, state="unknown", said="timeout")
BUSY = line(2, "attempt.rejected", DELIVERY, state="rejected_temp", said="42")


@pytest.mark.parametrize(
    ("lines", "states", "word"),
    [
        ([STARTED], "done ahead ahead ahead ahead", "正在发送"),
        ([STARTED, ACCEPTED], "done done ahead ahead ahead", "网关已受理"),
        ([STARTED, LOST], "done unknown ahead ahead ahead", "不明"),
        ([STARTED, BUSY], "done failed ahead ahead ahead", "暂未受理"),
        ([STARTED, BUSY, STARTED, ACCEPTED], "done done ahead ahead ahead", "网关已受理"),
        ([STARTED, ACCEPTED, SENT], "done done ahead ahead ahead", "网关已受理"),
        ([STARTED, ACCEPTED, OFF], "done done failed ahead ahead", "未送达"),
        ([STARTED, ACCEPTED, GONE], "done done failed ahead ahead", "未送达"),
        ([STARTED, ACCEPTED, DELIVERED, READ, SHOWN], "done done done done done", "已确认收到"),
        ([STARTED, ACCEPTED, READ], "done done silent silent done", "已确认收到"),
        ([STARTED, LOST, SHOWN], "done unknown silent done ahead", "已打开"),
        ([STARTED, ACCEPTED, GONE, DELIVERED], "done done done ahead ahead", "已送达"),
    ],
    ids=[
        "on its way", "taken", "no answer", "throttled", "throttled, then taken", "sent on is not delivered",
        "phone off", "no such number", "all the way in any order", "read without any report",
        "shown though nobody knew that it went", "two reports that contradict each other",
    ],
)  # fmt: skip
def test_a_stage_is_reached_only_by_its_own_word(lines, states, word):
    drawn = track(lines)

    assert [stage.state for stage in drawn.stages] == states.split()
    assert drawn.word == word


def test_a_contradiction_keeps_both_words():
    delivered = track([STARTED, ACCEPTED, GONE, DELIVERED]).stages[2]

    assert delivered.said == "delivered／undelivered 30005"
    assert "相反" in delivered.proves


def test_a_phone_that_is_off_has_refused_nothing():
    assert "不是员工本人拒收" in track([STARTED, ACCEPTED, OFF]).stages[2].proves
