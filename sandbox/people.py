"""The people of the pretend world: who owns which phone, and what is to be seen on it."""

import threading
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Bubble:
    """One item in a chat or an inbox, as the person sees it."""

    at: datetime
    kind: str  # "text", "card", "picture", "menu", "note"
    text: str = ""
    mine: bool = False  # written by the owner of the phone
    rows: tuple[tuple[str, str], ...] = ()  # label and value of a card's field
    link: str = ""
    picture: str = ""  # id in the picture store
    choices: tuple[tuple[str, str], ...] = ()  # id and words of a menu message
    after: str = ""  # what a menu message says below its choices


@dataclass(eq=False)
class Person:
    """One owner of a phone; `openid` and `phone` may each be missing, never both."""

    name: str
    openid: str | None = None
    phone: str | None = None
    following: bool = False  # follows the official account
    stopped: bool = False  # has sent STOP to our number
    snapshot: bool = False  # WeChat shows pages to this one through a virtual account
    chat: list[Bubble] = field(default_factory=list)
    inbox: list[Bubble] = field(default_factory=list)
    taps: int = 0  # links opened by hand

    @property
    def key(self) -> str:
        """The part of the phone's address that names this person."""
        return self.openid or self.phone or ""


class People:
    """Everybody we know, findable by openid and by phone number; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._everybody: list[Person] = []

    def everybody(self) -> list[Person]:
        """Return all people in the order in which they appeared."""
        with self._lock:
            return list(self._everybody)

    def find(self, key: str) -> Person | None:
        """Return the person with this openid or phone number."""
        with self._lock:
            return self._find(key)

    def meet(self, *, openid: str | None = None, phone: str | None = None, name: str = "") -> Person:
        """Return the person with this openid or number, who is made up on the spot if nobody has it.

        An openid and a number given together end up with the same person.
        """
        if not (openid or phone):
            raise ValueError("a person needs an openid or a phone number")
        with self._lock:
            person = self._one(self._find(openid), self._find(phone))
            person.openid = openid or person.openid
            person.phone = phone or person.phone
            person.name = name or person.name or person.key
            return person

    def _find(self, key: str | None) -> Person | None:
        return next((one for one in self._everybody if key and key in (one.openid, one.phone)), None)

    def _one(self, in_wechat: Person | None, on_phone: Person | None) -> Person:
        if in_wechat and on_phone and in_wechat is not on_phone:
            self._everybody.remove(on_phone)
            in_wechat.inbox.extend(on_phone.inbox)
            in_wechat.stopped = in_wechat.stopped or on_phone.stopped
        return in_wechat or on_phone or self._invent()

    def _invent(self) -> Person:
        self._everybody.append(Person(name=""))
        return self._everybody[-1]
