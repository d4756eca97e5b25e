"""A WeChat client that cannot loop, hang, leak its secret or take a proxy's page for success."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import requests
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

from bot.callout import Session, failure, scrub
from handlers.ports import Misconfigured, Refused, SendFailed, Throttled, Unsure

_STALE = (40001, 40014, 42001)  # the access token was refused
_RENEW_BEFORE = 60  # seconds of life below which a token is not used any more
_REST = 3.0  # seconds during which a failed token call is not repeated
_MISCONFIGURED = {
    40013,  # AppID wrong
    40037,  # template id wrong: deleted, or its category was changed
    40125,  # AppSecret wrong
    40164,  # our address is not on the account's list
    40243,  # AppSecret frozen
    47003,  # a template field breaks its rule
    48001,  # interface not granted to this account
    48004,  # interface banned
    50002,  # account restricted
}
_WAITS = {
    45009: timedelta(hours=6),  # the day's quota is used up; it is renewed at midnight in Beijing
    45011: timedelta(minutes=5),  # too frequent
    **dict.fromkeys(_STALE, timedelta(minutes=10)),  # refused twice: nothing was sent
}
_WORDS = ("application/json", "text/plain", "text/html")  # media types of an answer that is no media file
_T = TypeVar("_T")


class Told(dict[str, Any]):
    """A JSON answer that still knows its exact bytes."""

    raw: bytes = b""


class SafeClient(WeChatClient):  # type: ignore[misc]
    """wechatpy's client with the stable token, one bounded retry and one kind of failure, SendFailed."""

    def __init__(self, app_id: str, secret: str, api_base: str, http: Session) -> None:
        self._lock = threading.RLock()
        self._token, self._until = "", 0.0
        self._sorry: tuple[float, SendFailed] = (-_REST, Throttled("token", "no access token yet"))
        super().__init__(app_id, secret, auto_retry=False)
        self._http = http
        self.API_BASE_URL = f"{api_base}/cgi-bin/"

    @property
    def access_token(self) -> str:
        """The token in use, renewed a minute before its end. Raises SendFailed."""
        with self._lock:
            if time.monotonic() > self._until - _RENEW_BEFORE:
                self.fetch_access_token()
            return self._token

    def fetch_access_token(self) -> Told:
        """Ask for the stable token, which other processes may ask for too without harm. Raises SendFailed.

        The message has not left yet, so whatever goes wrong here is never Unsure.
        """
        wanted = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        if time.monotonic() < self._sorry[0] + _REST:  # threads that queued behind a failed call
            raise self._sorry[1]
        try:
            answer = asked(lambda: self._fetch(wanted))
        except SendFailed as error:
            self._sorry = (time.monotonic(), _without_token(error))
            raise self._sorry[1] from None
        self._token, self._until = answer["access_token"], time.monotonic() + answer["expires_in"]
        return answer

    def download(self, media_id: str) -> tuple[bytes, str]:
        """Fetch a temporary media file: bytes and media type. Raises SendFailed."""
        return self._with_token(lambda token: self._download(media_id, token))

    def _fetch(self, wanted: dict[str, str]) -> Told:
        response = self._http.post(
            f"{self.API_BASE_URL}stable_token", json={**wanted, "force_refresh": False}
        )
        response.raise_for_status()
        answer = self._handle_result(response)
        if not isinstance(answer, Told) or not answer.get("access_token"):
            raise Unsure("unreadable", "the answer to the token call is not WeChat's", response.content)
        answer["expires_in"] = min(int(answer.get("expires_in", 7200)), 7200)
        return answer

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Told:
        def ask(token: str) -> Told:
            params = {**kwargs.get("params", {}), "access_token": token}
            answer = super(SafeClient, self)._request(method, url_or_endpoint, **{**kwargs, "params": params})
            if not isinstance(answer, Told):  # wechatpy hands back what is not JSON
                raise Unsure("unreadable", "the answer is not WeChat's", getattr(answer, "content", b""))
            return answer

        return self._with_token(ask)

    def _download(self, media_id: str, token: str) -> tuple[bytes, str]:
        params = {"media_id": media_id, "access_token": token}
        response = self._http.request("GET", f"{self.API_BASE_URL}media/get", params=params)
        if _kind(response) in _WORDS:
            told = self._handle_result(response)  # raises what WeChat says
            # For a video WeChat names the address where it lies.
            if not isinstance(told, Told) or not str(told.get("video_url")).startswith("http"):
                raise Unsure("unreadable", "the answer is not a media file", response.content)
            response = self._http.request("GET", told["video_url"])
        response.raise_for_status()
        return response.content, _kind(response)

    def _with_token(self, call: Callable[[str], _T]) -> _T:
        """Call, and once more with a newer token when WeChat refuses the first one."""
        token = self.access_token
        try:
            return asked(lambda: call(token))
        except Throttled as error:
            if error.code not in map(str, _STALE):
                raise
            newer = self._newer(token)
            if newer == token:
                raise
        return asked(lambda: call(newer))

    def _newer(self, refused: str) -> str:
        """Renew the token unless another thread has done so already."""
        with self._lock:
            if self._token == refused:
                self.fetch_access_token()
            return self._token

    def _decode_result(self, res: requests.Response) -> Any:
        answer = super()._decode_result(res)
        if not isinstance(answer, dict):
            return answer
        told = Told(answer)
        told.raw = res.content
        return told


def _kind(response: requests.Response) -> str:
    return response.headers.get("Content-Type", "application/octet-stream").split(";")[0].strip().lower()


def asked(call: Callable[[], _T]) -> _T:
    """Make one call to WeChat and say every failure in our own words. Raises SendFailed."""
    try:
        return call()
    except WeChatClientException as error:
        raise _meaning(error) from None
    except requests.HTTPError as error:
        raise _broken(error.response) from None
    except requests.RequestException as error:
        raise failure(error) from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Unsure("unreadable", f"the answer is not WeChat's ({type(error).__name__})") from None


def _without_token(error: SendFailed) -> SendFailed:
    """Say what a failed token call means for the message, which has not left."""
    # Of the token call 40001 says that the secret is wrong.
    if error.code == "40001" or isinstance(error, Refused):
        return Misconfigured(error.code, error.said, error.raw)
    if isinstance(error, Throttled):
        return error
    return Throttled("token", f"no access token: {error.said}", error.raw)


def _meaning(error: WeChatClientException) -> SendFailed:
    """Say what an errcode means for the message (the codes: WeChat's global return codes)."""
    if error.errcode is None:
        return _broken(error.response)
    raw = error.response.content if error.response is not None else b""
    said = scrub(str(error.errmsg))  # holds WeChat's rid, by which it can be looked up
    code = str(error.errcode)
    if error.errcode == -1:  # system busy: whether it went is not known; the same key may be sent again
        return Unsure(code, said, raw)
    if error.errcode in _WAITS:
        return Throttled(code, said, raw, wait=_WAITS[error.errcode])
    if error.errcode in _MISCONFIGURED:
        return Misconfigured(code, said, raw)
    return Refused(code, said, raw)


def _broken(response: requests.Response | None) -> SendFailed:
    """Say what an HTTP status other than 200 means; WeChat itself always answers 200."""
    if response is None:
        return Unsure("unclear", "no answer")
    failed = Throttled if response.status_code == 429 else Unsure
    return failed(f"http-{response.status_code}", "a server before WeChat's answered", response.content)
