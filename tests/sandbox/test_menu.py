"""Faults drawn from the menu, and those that no last digit names."""

import time
from contextlib import suppress

import pytest
import requests

from sandbox.fates import MENU, Dice, FateBook, named
from sandbox.server import Settings, serve
from tests.sandbox.conftest import Hands
from tests.sandbox.test_fates import number, shown, statuses

OPENID, NUMBER = "oHZ-somebody", number(0)
BROKEN = (requests.ConnectionError, requests.ReadTimeout)


def decree(hands, fate: str) -> None:
    hands.person(openid=OPENID, phone=NUMBER)
    for address in (OPENID, NUMBER):
        hands.admin("fates", address=address, fate=fate)


def test_a_seed_draws_the_same_fates_again_whoever_else_is_written_to():
    first, second = Dice("7"), Dice("7")
    alone = [first.throw("a") for _ in range(50)]
    among = [(second.throw("a"), second.throw("b"))[0] for _ in range(50)]

    assert alone == among
    other = Dice("8")
    assert alone != [other.throw("a") for _ in range(50)]
    assert sum(first.drawn.values()) == 50


def test_the_menu_is_a_thousand_and_every_fate_of_it_can_be_named():
    assert sum(weight for weight, _ in MENU) == 1000
    assert all(named(fate.name).name == fate.name for _, fate in MENU)


def test_a_decreed_fate_goes_before_the_dice():
    book = FateBook()
    book.dice = Dice("7")
    book.decree("a", named("blocked"))

    assert {book.of("a").name for _ in range(20)} == {"blocked"}


def test_dice_are_thrown_over_http_and_tell_what_they_drew(hands):
    assert hands.admin("dice", seed=7) == {"drawn": {}}
    decree(hands, "delivered")
    hands.admin("fates", address=OPENID, fate=None)
    with suppress(*BROKEN):  # whatever it was, it was drawn
        hands.template(OPENID)
    drawn = hands.admin("dice", seed=None)["drawn"]

    assert sum(drawn.values()) == 1
    assert hands.admin("dice", seed=None) == {"drawn": {}}


def test_an_answer_may_be_torn_in_the_middle_of_a_message_that_was_taken(hands):
    decree(hands, "torn_answer")
    answer = hands.template(OPENID)

    assert (answer.status_code, answer.text[:1]) == (200, "{")
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    hands.settle()
    assert (statuses(hands), shown(hands)) == (["success"], [1])


@pytest.mark.parametrize(("fate", "seen"), [("reset_answer", [1]), ("lost_reset", [])])
def test_a_connection_may_break_before_any_answer_whether_the_message_was_taken_or_not(hands, fate, seen):
    decree(hands, fate)
    with pytest.raises(requests.ConnectionError):
        hands.template(OPENID)
    hands.settle()

    assert shown(hands) == seen


def test_an_error_may_mean_that_the_message_is_lost(hands):
    decree(hands, "lost_error")

    assert hands.template(OPENID).status_code == 500
    assert shown(hands) == []


def test_a_message_may_be_taken_only_after_the_client_hung_up(hands):
    decree(hands, "taken_late")
    with pytest.raises(requests.ReadTimeout):
        hands.template(OPENID, timeout=0.2)
    assert shown(hands) == []
    until(lambda: shown(hands) == [1])


def test_a_log_may_lag_behind_what_was_taken(hands):
    decree(hands, "lagging_log")
    with pytest.raises(Exception, match=r"Connection|Remote|reset"):
        hands.sms(NUMBER)
    assert shown(hands) == [1]
    assert hands.twilio().messages.list(to=NUMBER, limit=5) == []
    until(lambda: len(hands.twilio().messages.list(to=NUMBER, limit=5)) == 1)


def test_a_blind_gateway_honours_no_key_and_cannot_be_asked(application):
    settings = Settings(web_url=application.url, port=0, blind=True, pace_seconds=0.01)
    with serve(settings) as running:
        hands = Hands(running, settings, application)
        hands.person(openid=OPENID, phone=NUMBER)
        assert [hands.template(OPENID).json()["errcode"] for _ in range(2)] == [0, 0]
        with pytest.raises(Exception, match=r"20404|404"):
            hands.twilio().messages.list(to=NUMBER, limit=5)
        assert shown(hands) == [1, 1]
        hands.http.close()


def test_business_time_is_set_forward_where_nobody_is_asked_for_it(application):
    with serve(Settings(web_url=application.url, port=0, ahead_seconds=3600)) as running:
        hands = Hands(running, Settings(web_url=application.url), application)
        first = hands.admin("clock", seconds=0)["now"]
        later = hands.admin("clock", seconds=86_400)["now"]
        hands.http.close()

    assert later[:10] > first[:10]


def until(ready, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.05)  # another process' clock runs: there is no event to wait for
