"""Starts the sandbox's WeChat for the recorded account, with a follower for every fate."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from sandbox.server import Settings, serve


@contextmanager
def started(callback_base: str) -> Iterator[dict[str, Any]]:
    with serve(Settings(web_url=callback_base, port=0, hold_seconds=3.5)) as running:
        followers = [{"openid": f"oEMP000{digit}"} for digit in range(10)]
        requests.post(f"{running.url}/admin/people", json={"people": followers}, timeout=5).raise_for_status()
        yield {
            "app_id": Settings.wechat_app_id,
            "app_secret": Settings.wechat_secret,
            "token": Settings.wechat_token,
            "encoding_aes_key": Settings.wechat_aes_key,
            "api_base": running.url,
            "oauth_base": running.url,
            "read_timeout": 2.0,
        }
