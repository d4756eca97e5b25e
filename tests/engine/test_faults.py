"""Faults of our own, hours that have passed, addresses and plans that end: nothing is forgotten."""

import dataclasses
import json
from datetime import timedelta
from pathlib import Path

import pytest

from casework.workdays import Calendar
from handlers.page import Choice, Proof, answer
from handlers.people import Address, save_address, suppress_address
from handlers.ports import Answer, Refused, Throttled, Unsure
from scheduler.failing import POISON
from scheduler.resolve import resolve_lost
from scheduler.sweeps import send_due
from scheduler.who import Worker
from storage import people
from storage.engine import open_engine
from storage.ids import SystemIds
from storage.vault import Vault
from tests.databases import TestRun
from tests.engine.test_late_answers import QUERY, lose_the_answer, sound
from tests.engine.test_lost_answers import settle
from tests.engine.world import ADDRESS, KEYS, PretendChannel, World


def test_a_rung_on_which_we_always_fail_ends_on_a_person_s_list_and_the_ladder_goes_on(here: World):
    def broken(envelope: object) -> bytes:
        raise ValueError("a template that does not exist")

    here.channels["wechat_oa"].prepare = broken
    notice = here.remind()
    for _ in range(POISON):
        here.work()
        here.clock.pass_time(minutes=32)
    here.work()

    assert [one.kind for one in here.open_tasks()] == ["hr_check"]
    assert here.steps(notice)[0] == ("send", "wechat_oa", "done")
    assert len(here.channels["sms_twilio"].taken) == 1
    assert sound(here)


class TornCalendar(Calendar):
    """A calendar that knows no working days, as if its data were broken."""

    def is_workday(self, day: object) -> bool:
        raise KeyError(day)


def tear_calendar(here: World) -> None:
    held = here.desk.rules.calendar
    whole = {one.name: getattr(held, one.name) for one in dataclasses.fields(held)}
    torn = TornCalendar(**whole | {"version": "9999.1"})  # newer than the one the ladder began with
    here.desk = dataclasses.replace(here.desk, rules=dataclasses.replace(here.desk.rules, calendar=torn))
    here.worker = Worker(here.desk, "worker-1")


def test_an_attempt_that_cannot_be_concluded_ends_on_a_person_s_list(make_world):
    channel = PretendChannel("wechat_oa", QUERY)
    here: World = make_world(channel)
    notice = here.remind()
    tear_calendar(here)
    for _ in range(POISON + 3):
        here.work()
        here.clock.pass_time(seconds=61)

    assert len(channel.taken) == 1
    assert here.attempts(notice) == ["human"]
    assert [one.kind for one in here.open_tasks()] == ["unknown_attempt"]


def test_a_rung_that_fails_because_of_the_ladder_itself_ends_on_a_person_s_list_too(make_world):
    channel = PretendChannel("wechat_oa")
    here: World = make_world(channel)
    notice = here.remind()
    tear_calendar(here)

    def refuse(envelope: object) -> bytes:
        raise Refused("address", "not an openid")  # closes the rung, and asking what comes next fails

    channel.prepare = refuse
    for _ in range(POISON + 1):
        here.work()
        here.clock.pass_time(minutes=32)

    assert here.steps(notice) == [("send", "wechat_oa", "done")]
    assert [one.kind for one in here.open_tasks()] == ["hr_check"]


def test_an_answer_that_our_own_channel_cannot_look_into_ends_on_a_person_s_list(make_world):
    channel = PretendChannel("sms_twilio", QUERY)
    here: World = make_world(channel)

    def broken(request: bytes, since: object) -> None:
        raise TypeError("their kit changed")

    channel.find = broken
    notice = here.remind()
    lose_the_answer(here)
    for _ in range(POISON + 2):
        here.clock.pass_time(seconds=61)
        resolve_lost(here.worker)

    assert here.attempts(notice) == ["human"]
    assert [one.kind for one in here.open_tasks()] == ["unknown_attempt"]


# --- hours, addresses, plans that end ---------------------------------------------------------------


def test_a_worker_that_was_down_until_the_night_sends_in_the_morning(here: World):
    here.clock.pass_time(hours=9)
    here.remind()
    here.clock.pass_time(hours=5)  # 23:00 in Beijing
    here.work()
    assert here.channels["wechat_oa"].taken == []
    here.clock.pass_time(hours=9)
    here.work()

    assert len(here.channels["wechat_oa"].taken) == 1


def test_a_message_throttled_in_the_evening_is_not_sent_at_night(make_world):
    channel = PretendChannel(
        "wechat_oa", answers=[Throttled("45009", "too often", wait=timedelta(minutes=30))]
    )
    here: World = make_world(channel)
    here.clock.pass_time(hours=10, minutes=50)  # 19:50 in Beijing
    here.remind()
    here.work()
    here.clock.pass_time(minutes=31)
    here.work()
    assert channel.taken == []
    here.clock.pass_time(hours=11, minutes=40)  # 8:01
    here.work()

    assert len(channel.taken) == 1


def test_nobody_is_asked_at_night_or_on_a_sunday_to_ring(here: World):
    here.remind()
    here.work()
    here.clock.pass_time(days=1, minutes=1)
    here.work()
    here.clock.pass_time(days=1, hours=23, minutes=30)
    here.work()
    before = [one.kind for one in here.open_tasks()]
    here.clock.pass_time(days=3, hours=12)  # down until Sunday evening
    here.work()
    assert (before, here.open_tasks()) == ([], [])
    here.clock.pass_time(hours=13)
    here.work()

    assert [one.kind for one in here.open_tasks()] == ["call_contact"]


NEW_NUMBER = "+85255500099"


def throttled_once(make_world) -> tuple[World, str]:
    here: World = make_world(
        PretendChannel("sms_twilio", answers=[Throttled("429", "slower")]), PretendChannel("wechat_oa")
    )
    notice = here.remind()
    send_due(here.worker)
    with here.archive.writing() as book:
        save_address(book, here.employee_id, Address("sms_twilio", "main", NEW_NUMBER), "换号", here.user)
    return here, notice


def test_a_message_tried_again_goes_to_the_address_that_its_delivery_names(make_world):
    here, _ = throttled_once(make_world)
    here.clock.pass_time(seconds=61)
    here.work()

    assert [one["to"] for one in here.channels["sms_twilio"].taken] == [ADDRESS["sms_twilio"]]


def test_a_message_whose_address_was_given_up_meanwhile_is_not_tried_again(make_world):
    here, notice = throttled_once(make_world)
    with here.archive.writing() as book:
        points = people.contact_points(book.connection, here.employee_id)
        old = next(one for one in points if one.address == ADDRESS["sms_twilio"])
        suppress_address(book, old, "员工说这个号不用了", here.user)
    here.clock.pass_time(seconds=61)
    here.work()
    assert here.channels["sms_twilio"].taken == []
    assert here.steps(notice)[0] == ("send", "sms_twilio", "done")
    here.clock.pass_time(days=1)
    here.work()

    assert len(here.channels["wechat_oa"].taken) == 1


@pytest.mark.parametrize("fault", [Throttled("45009", "too often"), Unsure("timeout", "no answer")], ids=repr)
def test_nothing_is_due_again_in_a_ladder_that_ended_while_it_was_sent(make_world, fault: Exception):
    channel = PretendChannel("wechat_oa", QUERY, answers=[fault])
    here: World = make_world(channel)
    channel.find = lambda request, since: None
    notice = here.remind()
    send = channel.send

    def read_meanwhile(request: bytes) -> Answer:
        token = json.loads(request)["link"].rsplit("/", 1)[1]
        with here.archive.writing() as book:
            answer(book, token, Choice.READ, "", [], Proof.ACCOUNT, "visit", here.desk.rules)
        return send(request)

    channel.send = read_meanwhile
    send_due(here.worker)
    settle(here)

    assert here.plan_state(notice) == "ended"
    assert here.steps(notice) == [("send", "wechat_oa", "skipped")]


def test_two_who_keep_the_same_bytes_at_once_both_succeed(test_run: TestRun, tmp_path: Path):
    """On PostgreSQL only: SQLite lets one writer in at a time."""
    with test_run.database("postgresql", tmp_path, migrated=True) as url:
        engine, ids = open_engine(url, KEYS), SystemIds()
        with engine.begin() as first:
            Vault(first, KEYS, ids.uuid, ids.bytes).keep("case:1", b"something else", "text/plain")

        def other_first(length: int) -> bytes:
            """Between our look and our writing, somebody else keeps the same and commits."""
            with engine.begin() as other:
                theirs = Vault(other, KEYS, ids.uuid, ids.bytes)
                kept.append(theirs.keep("case:1", b"{}", "text/plain"))
                theirs.flush()
            return ids.bytes(length)

        kept = []
        with engine.begin() as connection:
            mine = Vault(connection, KEYS, ids.uuid, other_first).keep("case:1", b"{}", "text/plain")
            opened = Vault(connection, KEYS, ids.uuid, ids.bytes).open(mine.id)
        engine.dispose()

    assert mine == kept[0]
    assert opened.data == b"{}"
