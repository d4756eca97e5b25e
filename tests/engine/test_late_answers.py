"""What became of an attempt is found out late, by asking, by a report, by an answer that was held up."""

from collections.abc import Iterator

import pytest

from casework.messages import Outcome
from handlers.ports import Answer, Resolve, Unsure
from scheduler.resolve import LOOKS, resolve_lost
from scheduler.sweeps import send_due, understand_new
from scheduler.who import Worker
from storage.audit import audit
from storage.timeline import lines_of
from tests.engine.test_lost_answers import Killed, die_at, settle
from tests.engine.world import PretendChannel, World

QUERY = (Resolve.QUERY, Resolve.RECEIPT)


def lose_the_answer(here: World) -> None:
    """The worker dies between the gateway's yes and our commit; its lease runs out."""
    with pytest.raises(Killed):
        send_due(Worker(here.desk, "worker-killed", die_at("after_accept")))
    here.clock.pass_time(seconds=61)


def told(here: World, kind: str) -> list[dict[str, object]]:
    with here.archive.reading() as view:
        return [line.told for line in lines_of(view, here.case_id) if line.kind == kind]


def sound(here: World) -> bool:
    with here.archive.reading() as view:
        return audit(view).sound


class Forgetful(PretendChannel):
    """Its query fails or says "no" as a test tells it to, before it says the truth."""

    def __init__(self, *said: object) -> None:
        super().__init__("sms_twilio", QUERY)
        self.said: Iterator[object] = iter(said)

    def find(self, request: bytes, since) -> Answer | None:
        told = next(self.said, "the truth")
        if isinstance(told, Exception):
            raise told
        return super().find(request, since) if told == "the truth" else told


def test_a_question_that_failed_does_not_count_as_a_no(make_world):
    channel = Forgetful(Unsure("503", "away"), None)
    here: World = make_world(channel)
    notice = here.remind()
    lose_the_answer(here)
    settle(here)

    assert here.attempts(notice) == ["accepted"]
    assert len(channel.taken) == 1


def test_a_gateway_that_can_never_be_asked_ends_on_a_person_s_list(make_world):
    here: World = make_world(Forgetful(*[Unsure("503", "away")] * 99))
    notice = here.remind()
    lose_the_answer(here)
    for _ in range(LOOKS + 1):
        here.clock.pass_time(minutes=31)
        resolve_lost(here.worker)

    assert here.attempts(notice) == ["human"]
    assert [one.kind for one in here.open_tasks()] == ["unknown_attempt"]


@pytest.mark.parametrize("able", [QUERY, (Resolve.RECEIPT,), (Resolve.NOTHING,)], ids=str)
def test_a_report_settles_an_attempt_whatever_the_query_says(make_world, able: tuple[Resolve, ...]):
    channel = PretendChannel("sms_twilio", able)
    channel.find = lambda request, since: None  # its index lags for ever
    here: World = make_world(channel)
    notice = here.remind()
    lose_the_answer(here)
    here.hear("sms_twilio", key="d1", outcome="delivered", ref=channel.taken[0]["ref"])
    understand_new(here.worker)
    resolve_lost(here.worker)

    assert here.attempts(notice) == ["accepted"]
    assert here.steps(notice)[0] == ("send", "sms_twilio", "done")
    settle(here)
    assert len(channel.taken) == 1
    assert here.open_tasks() == []
    assert sound(here)


def test_a_report_that_comes_while_the_gateway_is_asked_outweighs_its_no(make_world):
    channel = PretendChannel("sms_twilio", QUERY)
    here: World = make_world(channel)

    def lag(request: bytes, since) -> None:
        here.hear("sms_twilio", key="d1", outcome="delivered", ref=channel.taken[0]["ref"])
        channel.asked += 1
        if channel.asked == 2:
            understand_new(here.worker)

    channel.find = lag
    notice = here.remind()
    lose_the_answer(here)
    for _ in range(20):
        here.clock.pass_time(seconds=15)
        resolve_lost(here.worker)

    assert channel.asked == 2
    assert here.attempts(notice) == ["accepted"]


@pytest.mark.parametrize("outcome", [Outcome.REJECTED_PERM, Outcome.REJECTED_TEMP])
def test_a_message_found_to_have_failed_is_not_called_accepted(make_world, outcome: Outcome):
    failed = Answer(outcome, b'{"status":"failed"}', "failed 30005", "SM1")
    here: World = make_world(Forgetful(failed), PretendChannel("wechat_oa"))
    notice = here.remind()
    lose_the_answer(here)
    settle(here)

    assert here.attempts(notice)[0] == outcome.value
    assert "attempt.rejected" in here.kinds()
    hurried = len(here.channels["wechat_oa"].taken)
    assert hurried == (1 if outcome is Outcome.REJECTED_PERM else 0)


# --- a worker that stood still ----------------------------------------------------------------------


def test_a_worker_that_stood_still_before_sending_sends_nothing_any_more(make_world):
    channel = PretendChannel("sms_twilio", QUERY)
    here: World = make_world(channel)
    notice = here.remind()

    def suspended(point: str) -> None:
        if point == "after_attempt":
            here.clock.pass_time(seconds=46)
            settle(here)

    send_due(Worker(here.desk, "worker-slow", suspended))

    assert here.attempts(notice) == ["absent", "accepted"]
    assert len(channel.taken) == 1


def test_a_worker_that_wakes_just_before_its_deadline_leaves_the_attempt_to_the_resolver(make_world):
    channel = PretendChannel("sms_twilio", QUERY)
    here: World = make_world(channel)
    notice = here.remind()
    wait = {"after_attempt": 30}
    slow = Worker(here.desk, "slow", lambda point: here.clock.pass_time(seconds=wait.get(point, 0)))
    send_due(slow)
    assert channel.taken == []
    settle(here)

    assert here.attempts(notice) == ["absent", "accepted"]


def late_answer(here: World, until: str) -> None:
    """Let a worker's answer come only after the resolver has settled the attempt, and perhaps sent again."""

    def stopped(point: str) -> None:
        if point != "after_accept":
            return
        here.clock.pass_time(seconds=46)
        for _ in range(20):
            here.clock.pass_time(seconds=15)
            resolve_lost(here.worker)
        if until == "sent again":
            send_due(here.worker)

    send_due(Worker(here.desk, "worker-slow", stopped))


def test_a_late_yes_after_a_second_send_tells_hr_that_it_may_have_gone_out_twice(make_world):
    channel = Forgetful(None, None)
    here: World = make_world(channel)
    notice = here.remind()
    late_answer(here, "sent again")

    assert len(channel.taken) == 2  # the gateway's index lagged: nobody could know
    assert here.attempts(notice) == ["accepted", "accepted"]
    assert "迟到的受理答复：ok" in [one["said"] for one in told(here, "attempt.found")]
    assert [one.kind for one in here.open_tasks()] == ["unknown_attempt"]
    assert "两条" in told(here, "task.opened")[0]["why"]
    assert sound(here)


def test_a_late_yes_before_the_second_send_makes_it_needless(make_world):
    channel = Forgetful(None, None)
    here: World = make_world(channel)
    notice = here.remind()
    late_answer(here, "absent")
    here.work()

    assert len(channel.taken) == 1
    assert here.attempts(notice) == ["accepted"]
    assert here.open_tasks() == []


def test_a_late_yes_answers_the_question_that_a_person_was_asked(make_world):
    here: World = make_world(PretendChannel("sms_twilio", (Resolve.NOTHING,)))
    notice = here.remind()
    late_answer(here, "human")

    assert told(here, "task.opened")[0]["kind"] == "unknown_attempt"
    assert here.attempts(notice) == ["accepted"]
    assert here.open_tasks() == []
