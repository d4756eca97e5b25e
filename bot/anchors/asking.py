"""How an outside service is asked over HTTP: ten seconds of silence at most, no redirects, small answers."""

import requests

from bot.callout import scrub, session
from handlers.vouching import AnchorFailed

CONNECT, READ = 3.0, 6.5  # seconds until somebody takes the call, and until the answer begins
LARGEST = 256 * 1024  # bytes: a token with a long chain of certificates has ten thousand


def ask(url: str, body: bytes | None, media: str = "") -> requests.Response:
    """Post a body, or without one get the page; every HTTP answer but a redirect comes back.

    Raises AnchorFailed.
    """
    method, headers = ("GET", {}) if body is None else ("POST", {"Content-Type": media})
    try:
        with session(url, CONNECT, READ, LARGEST) as http:
            answer = http.request(method, url, data=body, headers=headers)
    except requests.RequestException as error:
        raise AnchorFailed(scrub(f"no answer ({type(error).__name__}: {error})"[:300])) from error
    if answer.is_redirect:
        raise AnchorFailed(f"sends us elsewhere (HTTP {answer.status_code}): correct its address")
    return answer


def said(answer: requests.Response) -> str:
    """Return the beginning of an answer as one line that can be shown and logged."""
    words = answer.content[:120].decode("utf-8", "replace")
    return f"HTTP {answer.status_code}: {''.join(c if c.isprintable() else ' ' for c in words).strip()}"
