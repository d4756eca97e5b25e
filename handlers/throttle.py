"""Nobody is bombarded and no gateway overrun: what may leave now, by which account, to whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casework.pace import Pace, day_of, hour_of
from storage import buckets
from storage.book import Book, Reader
from storage.buckets import Bucket

Account = tuple[str, str]  # a channel's name and its account, as in /hooks/<name>/<account>

DOUBTS = Bucket("", capacity=3, per_second=1 / 300)  # unclear answers that an account may give in a row
DOUBTFUL_FOR = timedelta(minutes=5)  # how long it is left alone after that
PLACE = "Asia/Shanghai"  # a person's hours and days are counted where the person lives


@dataclass(frozen=True)
class Limits:
    """What each account may send, and how many messages one person may get; None means without limit."""

    paces: Mapping[Account, Pace] = field(default_factory=dict)
    person_hour: int | None = None
    person_day: int | None = None

    def pace(self, account: Account) -> Pace:
        """Return an account's pace."""
        return self.paces.get(account, Pace())


def blocked_accounts(
    view: Book | Reader, limits: Limits, accounts: Iterable[Account], now: datetime
) -> frozenset[Account]:
    """Return the accounts that are closed or have nothing left to send with."""
    asked = {one.name: account for account in accounts for one in _of_account(limits, account, now)}
    every = [one for account in set(asked.values()) for one in _of_account(limits, account, now)]
    without = buckets.without_room(view.connection, every, now)
    return frozenset(asked[name] for name in without)


def take_account(book: Book, limits: Limits, account: Account) -> bool:
    """Take what one message of this account needs; False when it must not leave by it now."""
    return _take_all(book, _of_account(limits, account, book.now)) is None


def take_person(book: Book, limits: Limits, employee_id: str) -> datetime | None:
    """Count one more message to a person; return until when it must wait if that would be too many."""
    short = _take_all(book, [bucket for bucket, _ in _of_person(limits, employee_id, book.now)])
    ends = {bucket.name: end for bucket, end in _of_person(limits, employee_id, book.now)}
    return None if short is None else ends[short.name]


def give_person_back(book: Book, limits: Limits, employee_id: str) -> None:
    """Uncount a message that does not leave after all."""
    for bucket, _ in _of_person(limits, employee_id, book.now):
        buckets.give_back(book.connection, bucket)


def close_account(book: Book, account: Account, wait: timedelta) -> None:
    """Send nothing by this account for a while: its gateway asked for it, or cannot be reached."""
    buckets.shut(book.connection, _name(account), book.now, book.now + wait)


def doubt_account(book: Book, account: Account) -> None:
    """Count an unclear answer; several in a row close the account for some minutes."""
    doubts = Bucket(_doubts_of(account), DOUBTS.capacity, DOUBTS.per_second)
    if not buckets.take(book.connection, doubts, book.now):
        close_account(book, account, DOUBTFUL_FOR)


def trust_account(book: Book, account: Account) -> None:
    """Forget unclear answers: the account's gateway has answered clearly since."""
    buckets.forget(book.connection, _doubts_of(account))


def _of_account(limits: Limits, account: Account, now: datetime) -> list[Bucket]:
    pace = limits.pace(account)
    limited = pace.per_second is not None
    found = [Bucket(_name(account), pace.capacity if limited else None, pace.per_second or 0.0)]
    if pace.per_day is not None:
        since, _ = day_of(now, pace.day_zone)
        found.append(Bucket(f"day/{_joined(account)}", pace.per_day, since=since))
    return found


def _of_person(limits: Limits, employee_id: str, now: datetime) -> list[tuple[Bucket, datetime]]:
    windows = (("hour", limits.person_hour, hour_of(now)), ("day", limits.person_day, day_of(now, PLACE)))
    return [
        (Bucket(f"person/{employee_id}/{unit}", most, since=since), end)
        for unit, most, (since, end) in windows
        if most is not None
    ]


def _take_all(book: Book, wanted: list[Bucket]) -> Bucket | None:
    """Take one token of each bucket or none at all; return the one that had none."""
    for number, one in enumerate(wanted):
        if not buckets.take(book.connection, one, book.now):
            for taken in wanted[:number]:
                buckets.give_back(book.connection, taken)
            return one
    return None


def _doubts_of(account: Account) -> str:
    return f"doubt/{_joined(account)}"


def _name(account: Account) -> str:
    return f"account/{_joined(account)}"


def _joined(account: Account) -> str:
    return "/".join(account)
