"""Faults 12 to 17 that are the gateway's: answers that never come, come too late, or are rubbish."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
import requests

from handlers.ports import Answer, Unsure
from sandbox.server import Settings, serve
from sandbox.settings import Template
from tests.channels import recorded
from tests.engine.world import ADDRESS, MONDAY_MORNING, PretendChannel, World, world
from tests.faults.world import ABLE, hold_invariants, settle

LOST = Unsure("timeout", "no answer")


@pytest.mark.parametrize("able", ABLE)
def test_fault_12_after_a_timeout_nothing_is_sent_again_before_it_is_known_what_became_of_it(
    make_world, able
):
    gateway = PretendChannel("wechat_oa", ABLE[able], answers=[LOST])
    here = make_world(gateway)
    notice = here.remind()
    here.work()
    assert (here.attempts(notice), len(gateway.taken)) == (["unknown"], 1)
    settle(here)

    assert len(gateway.taken) == 1
    assert here.attempts(notice) == (["human"] if able == "nothing" else ["accepted"])
    hold_invariants(here, notice, taken=lambda: gateway.taken)


class Slow(PretendChannel):
    """Its front answers nothing in time; the message is processed so long after that."""

    def __init__(self, clock: Callable[[], datetime], after: timedelta) -> None:
        super().__init__("sms_twilio", ABLE["query"])
        self._clock, self._after = clock, after
        self._waiting: list[tuple[datetime, bytes]] = []

    def send(self, request: bytes) -> Answer:
        self._catch_up()
        self._waiting.append((self._clock() + self._after, request))
        raise LOST

    def find(self, request: bytes, since: datetime) -> Answer | None:
        self._catch_up()
        return super().find(request, since)

    def _catch_up(self) -> None:
        for due, request in list(self._waiting):
            if due <= self._clock():
                self._waiting.remove((due, request))
                self._accept(json.loads(request))


def test_fault_13_a_request_that_is_processed_half_a_minute_after_the_timeout_is_not_sent_again(make_world):
    clock: list[Callable[[], datetime]] = []
    gateway = Slow(lambda: clock[0](), timedelta(seconds=30))
    here = make_world(gateway)
    clock.append(here.clock.real)
    notice = here.remind()
    here.work()
    settle(here)

    assert (len(gateway.taken), here.attempts(notice)) == (1, ["accepted"])
    hold_invariants(here, notice, taken=lambda: gateway.taken)


def test_fault_17_after_its_window_a_key_is_not_trusted_any_more(make_world):
    gateway = PretendChannel("wechat_oa", ABLE["key"], answers=[LOST])
    here = make_world(gateway)
    notice = here.remind()
    here.work()
    here.clock.pass_time(minutes=11)  # all workers were down until the window had passed
    gateway.known.clear()  # the gateway has forgotten the key
    settle(here, minutes=90)

    assert len(gateway.taken) == 1
    assert here.attempts(notice) == ["human"]
    assert [one.kind for one in here.open_tasks()] == ["unknown_attempt"]
    hold_invariants(here, notice, taken=lambda: gateway.taken)


# --- fault 14: the vendors' own protocols, over HTTP --------------------------------------------------

ACCOUNT = {
    "wechat_oa": {
        "app_id": Settings.wechat_app_id, "app_secret": Settings.wechat_secret,
        "token": Settings.wechat_token, "encoding_aes_key": Settings.wechat_aes_key,
        "templates": {"default": {"id": "TPL", "fields": {"thing1": "title"}}},
    },
    "sms_twilio": {
        "account_sid": Settings.twilio_sid, "auth_token": Settings.twilio_token,
        "from_number": Settings.twilio_number,
    },
}  # fmt: skip


class Vendor:
    """One of the sandbox's gateways with 张伟's phone behind it, and a world that writes to him."""

    def __init__(self, running: ExitStack, name: str, url: str) -> None:
        ahead = (MONDAY_MORNING - datetime.now(UTC)).total_seconds()
        settings = Settings(
            web_url="http://127.0.0.1:1", port=0, ahead_seconds=ahead, hold_seconds=1.2,
            wechat_templates=(Template("TPL", "提醒"),), retry_seconds=0.01,
        )  # fmt: skip
        self.url, self.name = running.enter_context(serve(settings)).url, name
        self._http = running.enter_context(requests.Session())
        self._http.trust_env = False
        person = {"wechat_oa": "openid", "sms_twilio": "phone"}[name]
        self.tell("people", **{person: ADDRESS[name]})
        channel = recorded.made(name, api_base=self.url, read_timeout=1.0, **ACCOUNT[name])
        channel.account = "main"
        self.here: World = running.enter_context(world(url, channel))

    def tell(self, act: str, **body: object) -> None:
        self._http.post(f"{self.url}/admin/{act}", json=body, timeout=10).raise_for_status()

    def taken(self) -> list[dict[str, str]]:
        return self._http.get(f"{self.url}/admin/accepted", timeout=10).json()


@pytest.fixture(params=["wechat_oa", "sms_twilio"])
def vendor(request, test_run, tmp_path) -> Iterator[Vendor]:
    """On SQLite only: what is tested here is the way over HTTP."""
    with ExitStack() as running:
        url = running.enter_context(test_run.database("sqlite", tmp_path, migrated=True))
        yield Vendor(running, request.param, url)


@pytest.mark.parametrize(
    "fate",
    ["error_answer", "html_answer", "torn_answer", "reset_answer", "slow_answer", "lost_error", "lost_reset"],
)
def test_fault_14_an_answer_that_says_nothing_leaves_us_unsure_and_the_message_arrives_once(vendor, fate):
    vendor.tell("fates", address=ADDRESS[vendor.name], fate=fate)
    here = vendor.here
    notice = here.remind()
    here.work()
    assert here.attempts(notice) == ["unknown"]
    vendor.tell("fates", address=ADDRESS[vendor.name], fate="delivered")
    settle(here)

    assert [one["shown"] for one in vendor.taken()] == [1]
    assert here.attempts(notice)[-1] == "accepted"
    hold_invariants(here, notice, taken=vendor.taken)


@pytest.mark.parametrize("vendor", ["wechat_oa"], indirect=True)
def test_fault_14_an_error_code_means_what_the_table_says(vendor):
    vendor.tell("faults", errcode=43004)
    notice = vendor.here.remind()
    vendor.here.work()

    assert (vendor.here.attempts(notice), vendor.taken()) == (["rejected_perm"], [])
    hold_invariants(vendor.here, notice, taken=vendor.taken)
