"""Nobody knows whether a message went: a person sees what speaks for and against it, and decides."""

from dataclasses import replace

import pytest

from casework.unknown_outcome import Known, weigh
from handlers.people import Unacceptable
from handlers.ports import Resolve, Unsure
from handlers.tasks import Outcome, record_outcome
from handlers.unknowns import FINDINGS, evidence_about
from scheduler.sweeps import send_due
from storage.audit import audit
from tests.engine.test_late_answers import QUERY, told
from tests.engine.test_lost_answers import settle
from tests.engine.world import MONDAY_MORNING, PretendChannel, World

LOST = Unsure("timeout", "no answer")


@pytest.fixture
def lost(make_world) -> World:
    """A reminder whose answer was lost on a channel that can tell nothing; the next rung is planned."""
    here: World = make_world(PretendChannel("wechat_oa", answers=[LOST]), PretendChannel("sms_twilio"))
    here.notice = here.remind()
    here.work()
    settle(here)
    assert here.attempts(here.notice) == ["human"]
    return here


def decide(here: World, word: str) -> None:
    (task,) = [one for one in here.open_tasks() if one.kind == "unknown_attempt"]
    with here.archive.writing() as book:
        record_outcome(book, task.id, Outcome(word, "打电话问过"), here.desk.rules, here.user)


def state_after(here: World) -> tuple[list[str], list[str]]:
    return here.attempts(here.notice), [state for *_, state in here.steps(here.notice)]


@pytest.mark.parametrize(
    ("word", "attempts", "sent"),
    [
        ("went", ["accepted"], (1, 0)),
        ("cannot_tell", ["human"], (1, 0)),
        ("did_not_go", ["absent", "accepted"], (1, 1)),  # the ladder need not wait for its next channel
        ("send_again", ["absent", "accepted"], (2, 0)),
    ],
)
def test_what_a_person_finds_settles_the_attempt_and_only_their_choice_sends_it_again(
    lost, word: str, attempts: list[str], sent: tuple[int, int]
):
    decide(lost, word)
    lost.work()

    assert lost.attempts(lost.notice) == attempts
    assert tuple(len(one.taken) for one in lost.channels.values()) == sent
    assert lost.open_tasks() == []
    (finding,) = told(lost, "task.done")
    assert (finding["outcome"], finding["note"]) == (word, "打电话问过")
    with lost.archive.reading() as view:
        assert audit(view).sound


def test_while_a_rung_is_sent_again_the_one_after_it_is_not_planned_beside_it(lost):
    assert state_after(lost)[1] == ["done", "planned"]
    decide(lost, "send_again")
    assert state_after(lost)[1] == ["planned", "skipped"]
    lost.work()
    assert state_after(lost)[1] == ["done", "skipped", "planned"]


def test_every_finding_can_be_chosen_and_says_what_it_does():
    assert list(FINDINGS) == ["went", "did_not_go", "send_again", "cannot_tell"]


def test_nothing_is_sent_again_once_the_ladder_has_gone_on(lost):
    lost.clock.pass_time(hours=25)
    lost.work()
    assert len(lost.channels["sms_twilio"].taken) == 1
    before = state_after(lost)
    with pytest.raises(Unacceptable, match="不能再补发"):
        decide(lost, "send_again")
    assert state_after(lost) == before


def evidence(here: World):
    (task,) = [one for one in here.open_tasks() if one.kind == "unknown_attempt"]
    with here.archive.reading() as view:
        return evidence_about(view, task)


def test_the_task_shows_what_was_asked_and_what_the_gateway_said(make_world):
    channel = PretendChannel("sms_twilio", QUERY, answers=[LOST])
    replies = iter([None] + [LOST] * 99)

    def find(request, since):
        said = next(replies)
        if said is not None:
            raise said

    channel.find = find
    here: World = make_world(channel)
    here.remind()
    here.work()
    for _ in range(60):
        here.clock.pass_time(minutes=31)
        here.work()
        if here.open_tasks():
            break
    found = evidence(here)
    assert found.facts[0].startswith("11 月 16 日 09:00:00 起交给网关")
    assert found.facts[1] == "向网关查询 50 次：1 次答复没有这条消息，49 次没有结果"
    assert found.speaks_for == ()
    assert len(found.speaks_against) == 3


OPENED = Known(MONDAY_MORNING, MONDAY_MORNING, opened_at=MONDAY_MORNING)


@pytest.mark.parametrize(
    ("known", "speaks_for", "speaks_against"),
    [
        (Known(MONDAY_MORNING, MONDAY_MORNING), 0, 2),
        (Known(MONDAY_MORNING, MONDAY_MORNING, asked=2, denied=2), 0, 3),
        (Known(MONDAY_MORNING, MONDAY_MORNING, reports=((MONDAY_MORNING, "sent"),)), 1, 1),
        (OPENED, 1, 1),
        (Known(MONDAY_MORNING, MONDAY_MORNING, replied_at=MONDAY_MORNING, elsewhere=1), 1, 1),
    ],
    ids=["nothing known", "denied twice", "reported", "its link was opened", "answered"],
)
def test_each_piece_of_evidence_stands_on_its_side(known: Known, speaks_for: int, speaks_against: int):
    weighed = weigh(known)
    assert (len(weighed.speaks_for), len(weighed.speaks_against)) == (speaks_for, speaks_against)


def test_a_link_that_another_message_carried_too_is_weighed_with_that_doubt():

    assert "也可能是那一条" in weigh(replace(OPENED, elsewhere=1)).speaks_for[0]
    assert "也可能是那一条" not in weigh(OPENED).speaks_for[0]


@pytest.mark.parametrize(("kind", "repeated"), [("leave_end", True), ("return_reminder", False)])
def test_a_second_copy_goes_out_only_where_the_kind_of_notice_allows_it_and_only_once(
    make_world, kind: str, repeated: bool
):
    channels = [PretendChannel(name, (Resolve.NOTHING,), [LOST] * 9) for name in ("wechat_oa", "sms_twilio")]
    here: World = make_world(*channels)
    notice = here.remind(kind)
    send_due(here.worker)
    settle(here)

    assert here.attempts(notice) == (["repeated", "human"] if repeated else ["human"])
    assert [len(one.taken) for one in channels] == [1, int(repeated)]
    assert [one.kind for one in here.open_tasks()].count("unknown_attempt") == 1


def test_fault_18_a_gateway_that_takes_one_message_twice_is_found_out_by_its_reports(make_world):
    here: World = make_world(PretendChannel("sms_twilio", QUERY))
    here.remind()
    here.work()
    (message,) = here.channels["sms_twilio"].taken
    for number in ("sms_twilio-1", "sms_twilio-9", "sms_twilio-9"):
        for outcome in ("sent", "delivered"):
            here.hear("sms_twilio", key=f"{number}-{outcome}", outcome=outcome, ref=message["ref"], id=number)
    here.work()

    assert here.kinds().count("attempt.doubled") == 1
    with here.archive.reading() as view:
        assert audit(view).sound


def test_the_record_of_the_decision_keeps_what_the_person_was_shown(lost):
    shown = evidence(lost)
    decide(lost, "cannot_tell")
    (finding,) = told(lost, "task.done")
    assert finding["speaks_against"] == list(shown.speaks_against) and finding["facts"] == list(shown.facts)
