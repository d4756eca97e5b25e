"""kill -9 between the gateway's yes and our commit: one delivery, and the truth is found out."""

import signal

import pytest

from handlers.people import Address, save_address
from storage import deliveries


def states(here, notice: str) -> list[str]:
    with here.archive.reading() as view:
        found = deliveries.deliveries_of_notice(view.connection, notice)
        return [one.state for each in found for one in deliveries.attempts_of(view.connection, each.id)]


@pytest.fixture
def killed(journey):
    """Send 张伟's reminder over one channel with a worker that dies right after the gateway accepted it."""

    def run(channel: str):
        here = journey(worker=False)
        person = here.person
        here.teller._api(
            "PUT", f"/employees/{person.employee_no}", person.employee() | {"preference": [channel]}
        )
        here.teller._phone("people", name=person.name, openid=person.openid, phone=person.phone)
        here.gateway("fates", address=person.phone, fate="delivered")
        if channel == "wechat_oa":
            with here.archive.writing() as book:
                from storage import people

                employee = people.employee_by_no(book.connection, person.employee_no)
                save_address(
                    book, employee.id, Address("wechat_oa", "main", person.openid), "test", "system:test"
                )
        here.teller._api("POST", "/cases", person.case(here.archive.clock.now()))
        notice = here.teller._notify(person)
        here.teller._pass_to_next(notice)
        with here.worker(HUIZHENG_FAIL="after_accept") as dying:
            here.until("the worker's death", lambda: dying.poll() is not None)
        assert dying.returncode == -signal.SIGKILL
        assert states(here, notice) == ["sending"]
        assert here.shown() == [1]
        return here, notice

    return run


@pytest.mark.parametrize("channel", ["wechat_oa", "sms_twilio"])
def test_a_message_accepted_just_before_the_kill_is_delivered_once(killed, channel: str):
    here, notice = killed(channel)
    with here.worker():
        here.until("the truth", lambda: states(here, notice) == ["accepted"])

    assert here.shown() == [1]
