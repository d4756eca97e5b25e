"""A served sandbox, the application behind it, and the vendors' own clients in front of it."""

from datetime import timedelta

import pytest
import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from wechatpy.crypto import WeChatCrypto

from sandbox.server import Settings, serve
from tests.sandbox.receiver import Receiver

NOTICE = {
    "thing1": {"value": "返岗提醒"},
    "time2": {"value": "2026-11-24 09:00"},
    "phrase3": {"value": "待确认"},
}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # for the vendors' clients; the sandbox needs no such help


@pytest.fixture
def application():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def settings(application, tmp_path):
    return Settings(
        web_url=application.url,
        port=0,
        data=tmp_path / "accepted.jsonl",
        time_url=f"{application.url}/now",
        hold_seconds=1.2,
        lag_seconds=0.5,
        pace_seconds=0.01,
        retry_seconds=0.01,
    )


class Hands:
    """What a test does to the sandbox, over HTTP like everybody else."""

    def __init__(self, running, settings, application):
        self.url, self.settings, self.application = running.url, settings, application
        self.http = requests.Session()
        self.http.trust_env = False
        self._token = None

    def admin(self, path, **body):
        answer = self.http.post(f"{self.url}/admin/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def accepted(self):
        return self.http.get(f"{self.url}/admin/accepted").json()

    def callbacks(self):
        return self.http.get(f"{self.url}/admin/callbacks").json()

    def settle(self):
        assert self.admin("settle", seconds=20)["settled"]

    def person(self, openid=None, phone=None, **more):
        return self.admin("people", name="张伟", openid=openid, phone=phone, **more)

    def stable(self, **more):
        asked = {
            "grant_type": "client_credential",
            "appid": self.settings.wechat_app_id,
            "secret": self.settings.wechat_secret,
        }
        return self.http.post(f"{self.url}/cgi-bin/stable_token", json=asked | more).json()

    def opened(self, got):
        """Check and decrypt a WeChat callback with wechatpy, the platform's real peer."""
        settings, asked = self.settings, got.query
        crypto = WeChatCrypto(settings.wechat_token, settings.wechat_aes_key, settings.wechat_app_id)
        return crypto.decrypt_message(got.body, asked["msg_signature"], asked["timestamp"], asked["nonce"])

    def token(self):
        self._token = self._token or self.stable()["access_token"]
        return self._token

    def wechat(self, path, body, token=None, **request):
        params = {"access_token": self.token() if token is None else token}
        return self.http.post(f"{self.url}/cgi-bin/{path}", params=params, json=body, **request)

    def template(self, openid, key="k1", data=NOTICE, template_id="TPL_NOTICE", link=None, **request):
        link = link or f"{self.application.url}/n/abc"
        body = {"touser": openid, "template_id": template_id, "url": link, "data": data, "client_msg_id": key}
        return self.wechat("message/template/send", body, **request)

    def twilio(self, timeout=5):
        settings = self.settings
        client = Client(
            settings.twilio_sid, settings.twilio_token, http_client=TwilioHttpClient(timeout=timeout)
        )
        client.api.base_url = self.url
        return client

    def sms(self, to, body="请打开 http://127.0.0.1:1/n/abc", timeout=5, callback="/sms?m=ref-1#rc=2&rp=all"):
        given = {"status_callback": self.application.url + callback} if callback else {}
        sender = self.settings.twilio_number
        return self.twilio(timeout).messages.create(to=to, from_=sender, body=body, **given)

    def pass_time(self, **span):
        self.application.now += timedelta(**span)


@pytest.fixture
def hands(settings, application):
    with serve(settings) as running:
        made = Hands(running, settings, application)
        yield made
        made.http.close()
