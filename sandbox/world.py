"""Everything the pretend world holds, in one object that the request handlers and the postman share."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

import requests
from flask import Response, current_app

from sandbox.clock import Clock
from sandbox.cutting import cut, torn
from sandbox.fates import Fate, FateBook
from sandbox.ledger import Ledger
from sandbox.loopback import session
from sandbox.people import People
from sandbox.pictures import Pictures
from sandbox.postman import Postman
from sandbox.settings import Settings
from sandbox.sms_twilio.store import MessageStore
from sandbox.tsa.authority import authority
from sandbox.wechat_oa.memory import Memory
from sandbox.wechat_oa.tokens import Tokens

COOKIE = "sandbox_openid"  # tells the OAuth page whose WeChat the browser is
COOKIE_PATH = "/connect"  # cookies ignore ports: keep this one out of the application's requests
BROWSER = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
WECHAT_BROWSER = f"{BROWSER} MicroMessenger/8.0.50 NetType/4G Language/zh_CN"


class World:
    """The state of one sandbox; `lock` guards what has no lock of its own and is never held over HTTP."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.lock = threading.RLock()
        self.closing = threading.Event()
        self.clock = Clock(settings.time_url, timedelta(seconds=settings.ahead_seconds))
        self.people = People()
        self.fates = FateBook()
        self.pictures = Pictures()
        self.ledger = Ledger(settings.data)
        self.postman = Postman(self.closing, settings.retry_seconds)
        self.wechat = Memory(Tokens(time.monotonic))
        self.twilio = MessageStore()
        self.tsa = authority(settings.data and settings.data.with_name("tsa"))
        self.tsa_fate: str | None = None  # befalls every request for a time stamp; None: as its address says
        self.turned_away: set[tuple[str, str]] = set()  # address and text that were throttled once

    @property
    def url(self) -> str:
        """The address under which this sandbox is reached."""
        return f"http://{self.settings.host}:{self.settings.port}"

    def throttles(self, address: str, fate: Fate, text: str) -> bool:
        """Say whether this try is turned away: under fate 4 the first one of each text, links apart."""
        same = (address, " ".join(word for word in text.split() if "://" not in word))
        if not fate.throttled or same in self.turned_away:
            return False
        self.turned_away.add(same)
        return True

    def loses(self, fate: Fate) -> bool:
        """Say whether a message is lost on its way in; one that is late waits until its client hung up."""
        if fate.taken == "late":
            self.closing.wait(self.settings.hold_seconds)
        return fate.taken == "never"

    def answer(self, fate: Fate, usual: Callable[[], Response]) -> Response:
        """Answer a message, accepted or lost, the way fate wants the client to hear it."""
        if fate.answer == "slow":
            self.closing.wait(self.settings.hold_seconds)
        if fate.answer == "error":
            return Response("Internal Server Error\n", 500, mimetype="text/plain")
        if fate.answer == "html":
            return Response("<html><body><h1>502 Bad Gateway</h1></body></html>", 200, mimetype="text/html")
        return cut() if fate.answer == "reset" else torn(usual()) if fate.answer == "torn" else usual()

    def first_pause(self, fate: Fate) -> float:
        """Return the seconds until the first callback: a slow answer comes before it."""
        return self.settings.pace_seconds + (self.settings.hold_seconds if fate.answer == "slow" else 0)

    def open_link(self, link: str, openid: str | None) -> None:
        """Fetch a page once, as a phone does whose owner taps the link; redirects are followed."""
        if not link:
            return
        with session() as http:
            http.headers["User-Agent"] = WECHAT_BROWSER if openid else BROWSER
            if openid:
                http.cookies.set(COOKIE, openid, domain=urlsplit(self.url).hostname or "", path=COOKIE_PATH)
            try:
                http.get(link, timeout=10)
            except requests.RequestException:
                return  # the page is away; the person puts the phone down

    def close(self) -> None:
        """Join the threads and close the files."""
        self.postman.close()
        self.ledger.close()


def here() -> World:
    """Return the world that the current request belongs to."""
    return cast(World, current_app.extensions["sandbox"])
