"""What an administrator sets, and what HR sees and presses, about messages that wait or got lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.config import ConfigError, Sending, load
from bot.pacing import limits_of
from bot.registry import build_channels
from casework.pace import Pace
from handlers.conclude import conclude_by_person
from handlers.ports import Unsure
from storage import deliveries, tasks
from tests.api.calling import Program
from tests.channels import recorded
from tests.databases import TestRun
from tests.web import post, signed_in, web_app
from tests.world import CASE_NO, World, opened_world

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def built(**given: object):
    """The limits of one Twilio account with these settings."""
    table = {**recorded.account("sms_twilio")["settings"], **given}
    settings = load(EXAMPLE, {}).model_copy(update={"channels": {"sms_twilio": {"hk": table}}})
    return limits_of(build_channels(settings), settings.channels, settings.sending)


def test_an_account_has_its_channel_s_own_pace_unless_its_settings_say_otherwise():
    own = Pace(per_second=10.0, day_zone="UTC")
    assert built().pace(("sms_twilio", "hk")) == own
    changed = built(per_second=2.5, per_day=300, weight=0).pace(("sms_twilio", "hk"))
    assert changed == Pace(0, 2.5, None, 300, "UTC") and changed.capacity == 5


def test_the_house_limits_people_unless_it_is_told_not_to():
    assert (built().person_hour, built().person_day) == (6, 12)
    free = limits_of({}, {}, Sending(person_hour=0, person_day=0))
    assert (free.person_hour, free.person_day) == (None, None)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"per_second": 0}, "channels.sms_twilio.hk.per_second is not usable"),
        ({"day_zone": "Asia/Peking City"}, "channels.sms_twilio.hk.day_zone is not a time zone: "),
        ({"burst": 5}, "channels.sms_twilio.hk sets burst without per_second: "),
        ({"weight": -1}, "channels.sms_twilio.hk.weight is not usable"),
    ],
)
def test_a_pace_that_cannot_work_is_refused_with_its_remedy(given: dict[str, object], said: str):
    with pytest.raises(ConfigError) as caught:
        built(**given)
    assert str(caught.value).startswith(said)


@pytest.fixture
def firm(test_run: TestRun, tmp_path: Path) -> Iterator[World]:
    """A firm that asks a person what became of a message whose answer was lost."""
    with test_run.database("sqlite", tmp_path, migrated=True) as url, opened_world(url) as world:
        world.wechat.answers = [Unsure("timeout", "no answer")]
        world.notify()
        world.work()
        with world.desk.archive.writing() as book:
            (sent,) = deliveries.deliveries_of_notice(book.connection, world.notice_id)
            (lost,) = deliveries.attempts_of(book.connection, sent.id)
            conclude_by_person(book, lost.id, world.desk.rules, "system:worker")
        yield world


def the_task(world: World) -> tasks.Task:
    with world.desk.archive.reading() as view:
        (task,) = tasks.open_tasks(view.connection)
    return task


def test_the_console_shows_the_evidence_and_takes_the_decision(firm):
    browser, task = signed_in(firm, web_app(firm)), the_task(firm)
    page = browser.get(f"/cases/{CASE_NO}").text
    for said in ("起交给网关", "说明可能没有发出", "链接没有人打开过", "请系统补发这一条", "查不清楚"):
        assert said in page
    assert "说明可能已发出" not in page  # nothing speaks for it

    answer = post(browser, f"/cases/{CASE_NO}", f"/cases/{CASE_NO}/tasks/{task.id}", outcome="send_again")
    assert answer.status_code == 303
    firm.work()
    assert len(firm.wechat.taken) == 2


def test_the_api_shows_the_same_evidence(firm):
    (shown,) = Program(firm, "hr", "read", "tasks").get("/tasks").json["items"]
    assert [one["word"] for one in shown["choices"]] == ["went", "did_not_go", "send_again", "cannot_tell"]
    assert "起交给网关" in shown["evidence"]["facts"][0]
    assert (shown["evidence"]["speaks_for"], len(shown["evidence"]["speaks_against"])) == ([], 2)
