"""The employee's side over real HTTP: a picture sent on WeChat, the page opened through WeChat's sign-in."""

import re

import pytest
import requests

from storage import cases, inbox
from storage.timeline import lines_of

WECHAT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Mobile Safari/537.36 MicroMessenger/8.0.50"


@pytest.fixture
def here(journey):
    """张伟 has got a reminder on WeChat and has not opened it."""
    started = journey(worker=True)
    started.teller._enter(started.person)
    started.notice = started.teller._notify(started.person)
    started.teller._pass_to_next(started.notice)
    started.until("the message", lambda: started.shown())
    return started


def case_of(here):
    with here.archive.reading() as view:
        return cases.case_by_no(view.connection, here.person.case_no)


def kinds(here) -> list[tuple[str, str]]:
    with here.archive.reading() as view:
        return [(line.kind, line.assurance) for line in lines_of(view, case_of(here).id)]


def test_a_picture_is_fetched_from_the_gateway_and_kept_with_the_reply(here):
    here.gateway("reply", channel="wechat", address=here.person.openid, image="sample")
    case = case_of(here)

    def reply():
        with here.archive.reading() as view:
            return inbox.replies_of(view.connection, case.id)

    here.until("the reply", reply)
    with here.archive.reading() as view:
        line = next(one for one in lines_of(view, case.id) if one.kind == "reply.received")
        blob = inbox.blob_of(view.connection, line.record_id, "attachment-1")
        kept = view.open(blob)
    assert kept.media.startswith("image/")
    assert len(kept.data) > 100
    assert line.told["attachments"] == [{"media": kept.media, "kept": True, "said": ""}]
    assert here.teller._plan(here.notice).state == "paused"


def test_pressing_read_after_wechat_s_sign_in_ends_the_ladder_as_the_person_s_own_act(here):
    browser = requests.Session()
    browser.trust_env = False
    browser.headers["User-Agent"] = WECHAT
    accepted = here.http.get(f"{here.stage.gateways_url}/admin/accepted", timeout=10).json()
    tap = f"{here.stage.gateways_url}/phone/{here.person.openid}/open"
    page = browser.get(tap, params={"url": accepted[0]["link"]}, timeout=20)

    assert "返岗提醒" in page.text
    assert ("page.displayed", "C0") in kinds(here)
    assert here.teller._plan(here.notice).state == "running"  # displaying stops nothing

    form = re.search(r'name="form" value="([^"]+)"', page.text).group(1)
    link = page.url.partition("?")[0].partition("#")[0].removesuffix("/back")
    done = browser.post(f"{link}/answer", data={"choice": "read", "form": form}, timeout=20)

    assert done.status_code == 200
    assert "系统已记录，人事尚未查看" in done.text
    assert ("page.read", "C4") in kinds(here)
    assert here.teller._plan(here.notice).state == "ended"


def test_the_same_link_in_another_browser_shows_nothing_but_the_firm(here):
    accepted = here.http.get(f"{here.stage.gateways_url}/admin/accepted", timeout=10).json()
    page = here.http.get(accepted[0]["link"], timeout=20)

    assert "恒力五金有限公司" in page.text
    assert not re.search("张伟|返岗|停工|受伤|GS-2026", page.text)
    assert ("page.displayed", "C0") not in kinds(here)
