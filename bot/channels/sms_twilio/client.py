"""Twilio's own client, with a clock on every call, another address if wanted, and the exact answer kept."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from bot import callout
from bot.channels.sms_twilio.settings import Settings
from handlers.ports import Misconfigured, Refused, SendFailed, Throttled, Unsure

_LATER = {
    20429: timedelta(minutes=1),
    21611: timedelta(hours=1),
}  # too many at once; the sender's queue is full
_OURS = {20003, 20404, 21408, 21603, 21606, 21608}  # credentials, address, country, sender, trial account
_SILENT = logging.Logger("twilio", logging.CRITICAL)  # the client would log numbers and texts
_T = TypeVar("_T")


class TwilioHttp(TwilioHttpClient):  # type: ignore[misc]
    """The client for one call; make a new one for the next."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(logger=_SILENT, request_hooks={"response": [self._keep]})
        self.session = callout.session(settings.api_base, settings.connect_timeout, settings.read_timeout)
        self._settings = settings
        self._last: requests.Response | None = None

    @property
    def raw(self) -> bytes:
        """The exact bytes of the last answer."""
        return b"" if self._last is None else bytes(self._last.content)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        """Call the configured address instead of Twilio's, region or edge."""
        base, wanted = urlsplit(self._settings.api_base), urlsplit(url)
        moved = wanted._replace(scheme=base.scheme, netloc=base.netloc, path=base.path + wanted.path)
        return super().request(method, urlunsplit(moved), *args, **kwargs)

    def asked(self, call: Callable[[Client], _T]) -> _T:
        """Make one call and say every failure in our own words. Raises SendFailed."""
        with self.session:
            try:
                return call(Client(*self._login(), http_client=self))
            except TwilioException as error:
                raise _meaning(error, self.raw) from None
            except requests.RequestException as error:
                raise callout.failure(error) from None
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
                raise Unsure(
                    "unreadable", f"the answer is not Twilio's ({type(error).__name__})", self.raw
                ) from None

    def fetched(self, address: str) -> tuple[bytes, str]:
        """Fetch a media file, whose address leads on to a store that needs no password. Raises SendFailed."""
        path = urlsplit(address)._replace(scheme="", netloc="").geturl()
        with self.session:
            try:
                response = self.session.get(f"{self._settings.api_base}{path}", auth=self._login())
                response.raise_for_status()
            except requests.HTTPError as error:
                raise Unsure(f"http-{error.response.status_code}", "the file was not given") from None
            except requests.RequestException as error:
                raise callout.failure(error) from None
        return response.content, response.headers.get("Content-Type", "application/octet-stream").split(";")[
            0
        ]

    def _login(self) -> tuple[str, str]:
        return self._settings.account_sid, self._settings.auth_token.get_secret_value()

    def _keep(self, response: requests.Response, **_: Any) -> None:
        response.encoding = response.encoding or "utf-8"  # else it is guessed, and Chinese guessed wrongly
        self._last = response


def _meaning(error: TwilioException, raw: bytes) -> SendFailed:
    """Say what Twilio's error means; without a code of its own some other server spoke."""
    status, code = int(getattr(error, "status", 0)), _number(getattr(error, "code", None))
    said = callout.scrub(str(getattr(error, "msg", None) or getattr(error, "title", None) or error))
    if code in _LATER or status == 429:
        return Throttled(str(code), said, raw, wait=_LATER.get(code, timedelta(minutes=1)))
    if status >= 500 or code < 10_000:
        return Unsure(f"http-{status}", said, raw)
    failed = Misconfigured if code in _OURS or status in (401, 403) else Refused
    return failed(str(code), said, raw)


def _number(code: object) -> int:
    return int(code) if isinstance(code, int | str) and str(code).isdecimal() else 0
