"""The sandbox starts, finds a port, ignores proxies, and stops without leaving anything behind."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from sandbox.server import Settings, serve
from sandbox.settings import from_mapping

ROOT = Path(__file__).parents[2]


def test_a_taken_port_leads_to_the_next_one():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serve(Settings("http://127.0.0.1:1", port=port)) as running:
            assert port < int(running.url.rpartition(":")[2]) < port + 20
            assert requests.get(f"{running.url}/phone", timeout=5).status_code == 200


def test_closing_joins_every_thread_frees_the_port_and_may_happen_twice():
    before = set(threading.enumerate())
    running = serve(Settings("http://127.0.0.1:1", port=0))
    requests.get(f"{running.url}/phone", timeout=5)
    running.close()
    running.close()
    assert set(threading.enumerate()) <= before
    with pytest.raises(requests.ConnectionError):
        requests.get(running.url, timeout=5)


def test_closing_does_not_wait_for_an_answer_that_is_held_back(settings):
    long = {"hold_seconds": 60.0, "web_url": settings.web_url}
    running = serve(from_mapping({"port": 0} | long))
    auth = (settings.twilio_sid, settings.twilio_token)
    where = f"{running.url}/2010-04-01/Accounts/{settings.twilio_sid}/Messages.json"
    form = {"To": "+85291234565", "From": settings.twilio_number, "Body": "请返岗"}
    with pytest.raises(requests.ReadTimeout):
        requests.post(where, data=form, auth=auth, timeout=0.3)
    began = time.monotonic()
    running.close()
    assert time.monotonic() - began < 5


def test_callbacks_do_not_go_through_a_proxy(hands, monkeypatch, application):
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert hands.admin("reply", channel="sms", address="+85291234560", text="收到")["statuses"] == [200]


def test_without_the_application_time_goes_on_from_the_last_known_offset(hands, application):
    application.now = application.now.replace(year=2027)
    hands.person(openid="oEMP0000")
    hands.template("oEMP0000", key="a")
    application.close()
    hands.template("oEMP0000", key="b")
    assert [one["at"][:13] for one in hands.accepted()] == ["2027-11-24T01"] * 2


@pytest.mark.parametrize(
    ("given", "words"),
    [({"web_url": "x", "colour": "red"}, "unknown setting: colour"), ({"port": 1}, "web_url is missing")],
)
def test_settings_that_cannot_be_used_are_named(given, words):
    with pytest.raises(ValueError, match=words):
        from_mapping(given)


def test_settings_from_json_know_paths_and_templates(tmp_path):
    template = {"id": "T1", "title": "通知", "fields": {"thing1": "事项"}}
    read = from_mapping({"web_url": "x", "data": str(tmp_path / "a"), "wechat_templates": [template]})
    assert read.data == tmp_path / "a" and read.wechat_templates[0].title == "通知"


def started(*options, given=""):
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *options],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_the_command_explains_itself_and_refuses_what_it_cannot_use():
    helped = started("--help")
    assert helped.returncode == 0 and "--web-url" in helped.stdout and "--wechat-aes-key" in helped.stdout
    refused = started("--settings", "-", given='{"web_url": "x", "colour": 1}')
    assert refused.returncode == 2 and refused.stderr == "sandbox: unknown setting: colour\n"


def test_the_command_serves_settings_from_standard_input_until_it_is_told_to_stop():
    command = [sys.executable, "-m", "sandbox", "--settings", "-", "--port", "0"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, **pipes) as process:
        process.stdin.write('{"web_url": "http://127.0.0.1:1"}')
        process.stdin.close()
        url = json.loads(process.stdout.readline())["url"]
        assert requests.get(f"{url}/admin/accepted", timeout=5).json() == []
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
