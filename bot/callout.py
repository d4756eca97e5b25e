"""The one place where we call other servers: time and size limits, proxies, secrets, what a failure means."""

import re
import time
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from bot.addresses import is_loopback
from handlers.ports import SendFailed, Unreachable, Unsure

LIMIT = 24 * 1024 * 1024  # bytes of one answer; WeChat's largest media file is 10 MB
_SECRETS = re.compile(
    r"""((?:access_token|appsecret|corpsecret|secret|auth_token|password)["']?\s*[=:]\s*["']?)[^&\s"'<>)]+""",
    re.I,
)


class Session(requests.Session):
    """A session in which no call can last for ever, follow a redirect unasked or return without end."""

    def __init__(self, address: str, connect: float, read: float, limit: int) -> None:
        super().__init__()
        # A proxy from the environment (HTTP_PROXY) cannot reach our own machine.
        self.trust_env = not is_loopback(urlsplit(address).hostname)
        self._patience, self._limit = (connect, read), limit
        for scheme in ("https://", "http://"):
            self.mount(scheme, HTTPAdapter(pool_maxsize=32))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        """Call once; a redirect is an answer like any other unless the caller wants it followed."""
        kwargs.setdefault("allow_redirects", False)
        return super().request(method, url, *args, **kwargs)

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send and read the whole answer within the patience of this session."""
        kwargs["timeout"] = kwargs.get("timeout") or self._patience
        response = super().send(request, **{**kwargs, "stream": True})
        if not response._content_consumed:  # type: ignore[attr-defined]  # a followed redirect was read already
            _swallow(response, time.monotonic() + self._patience[1], self._limit)
        return response


def session(address: str, connect: float = 4.0, read: float = 12.0, limit: int | None = None) -> Session:
    """Return a session for calls to ``address``; ``connect`` and ``read`` are seconds, ``limit`` is bytes."""
    return Session(address, connect, read, limit or LIMIT)


def ping(address: str) -> None:
    """Call a monitor once, within ten seconds. Raises requests.RequestException."""
    with session(address, connect=3.0, read=7.0, limit=64 * 1024) as calling:
        calling.get(address).raise_for_status()


def scrub(text: str) -> str:
    """Blot out tokens and secrets, which addresses in error texts carry."""
    return _SECRETS.sub(r"\1***", text)


def failure(error: requests.RequestException) -> SendFailed:
    """Say what a failed call means: surely nothing left us (Unreachable), or nobody knows (Unsure)."""
    said = scrub(f"{type(error).__name__}: {error}")
    return Unreachable("unreachable", said) if _never_left(error) else Unsure("unclear", said)


def _never_left(error: requests.RequestException) -> bool:
    """Whether the connection itself failed, before any byte of the request."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return True
    told = error.args[0] if error.args else None
    reason = getattr(told, "reason", None)
    if isinstance(reason, urllib3.exceptions.ProxyError):
        reason = reason.original_error
    before = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    return isinstance(reason, before) or "CERTIFICATE_VERIFY_FAILED" in str(reason)


def _swallow(response: requests.Response, until: float, limit: int) -> None:
    """Read the body piece by piece: a peer that drips bytes must not hold a worker.

    A read timeout bounds only the wait between two pieces.
    """
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := response.raw.read1(65536, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > limit or time.monotonic() > until:
                raise requests.exceptions.ReadTimeout(
                    "the answer was too long or too slow", response=response
                )
    except (urllib3.exceptions.HTTPError, OSError) as error:
        if isinstance(error, requests.RequestException):
            raise
        raise requests.exceptions.ConnectionError(error, response=response) from error
    finally:
        response.raw.close()  # a connection whose answer was read to its end is back in the pool already
        response._content, response._content_consumed = b"".join(pieces), True  # type: ignore[attr-defined]
