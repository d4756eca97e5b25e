"""Starts the sandbox's Twilio for the recorded account."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.server import Settings, serve


@contextmanager
def started(callback_base: str) -> Iterator[dict[str, Any]]:
    with serve(Settings(web_url=callback_base, port=0, hold_seconds=3.5)) as running:
        yield {
            "account_sid": Settings.twilio_sid,
            "auth_token": Settings.twilio_token,
            "from_number": Settings.twilio_number,
            "api_base": running.url,
            "read_timeout": 2.0,
        }
