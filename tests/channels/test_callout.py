"""Calls to other servers end in time, tell nothing secret and know whether anything left us."""

import time

import pytest
import requests

from bot import callout
from handlers.ports import Throttled, Unsure
from tests.channels.scripted import Reply, Scripted


def failed(url: str, **patience: float) -> Exception:
    with pytest.raises(requests.RequestException) as caught, callout.session(url, **patience) as session:
        session.post(f"{url}/send?access_token=TOKEN1&secret=SECRET1", data=b"x")
    return callout.failure(caught.value)


def test_a_refused_connection_means_that_nothing_left_us(closed_port):
    assert isinstance(failed(closed_port), Throttled)


@pytest.mark.parametrize(
    "reply",
    [Reply(silent=True), Reply(hang_up=True), Reply(b"x" * 200, drip=True)],
    ids=["no answer", "the connection is closed", "a byte now and then"],
)
def test_whatever_fails_after_the_connection_leaves_us_unsure_and_soon(reply):
    with Scripted(lambda *_: reply) as server:
        began = time.monotonic()
        failure = failed(server.url, read=0.3)
        assert isinstance(failure, Unsure)
        assert time.monotonic() - began < 3
        assert server.calls == {"/send": 1}


def test_an_answer_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(callout, "LIMIT", 1000)
    with Scripted(lambda *_: Reply(b"x" * 100_000)) as server:
        assert isinstance(failed(server.url), Unsure)


def test_secrets_do_not_stand_in_the_words_of_a_failure(closed_port):
    said = str(failed(closed_port))
    assert "TOKEN1" not in said and "SECRET1" not in said and "access_token=***" in said


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("https://a/b?access_token=abc&x=1", "https://a/b?access_token=***&x=1"),
        ('{"secret": "abc", "appid": "wx1"}', '{"secret": "***", "appid": "wx1"}'),
        ("appsecret='abc'", "appsecret='***'"),
        ("nothing to hide", "nothing to hide"),
    ],
)
def test_tokens_and_secrets_are_blotted_out(text, kept):
    assert callout.scrub(text) == kept


def test_a_proxy_from_the_environment_is_not_asked_for_our_own_machine(monkeypatch, closed_port):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, closed_port)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with Scripted(lambda *_: Reply(b"here")) as server, callout.session(server.url) as session:
        assert session.get(server.url).content == b"here"
    assert callout.session("https://api.weixin.qq.com").trust_env


def test_a_post_that_is_redirected_is_not_sent_on():
    away = Reply(status=302, headers={"Location": "/elsewhere"})
    with Scripted(lambda *_: away) as server, callout.session(server.url) as session:
        assert session.request("POST", f"{server.url}/send", data=b"x").status_code == 302
        assert server.calls == {"/send": 1}
