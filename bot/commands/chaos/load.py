"""HR under load: invented employees with cases are entered and told something, as fast as it is sent."""

import threading
import time
from datetime import timedelta

from bot.commands.chaos.stage import PATIENCE, Stage
from handlers.notify import notify
from handlers.open_case import CaseData, open_case
from handlers.people import Address, EmployeeData, save_employee
from storage.book import Book
from storage.reckoning import under_way

BATCH = 10  # notices composed in one transaction
AHEAD = 1000  # rungs that wait at most; as many wait before the first blow
ACTOR = "system:chaos"


class Load:
    """Composes notices in a thread of its own until it is told to end; ``told`` are those promised to HR."""

    def __init__(self, stage: Stage, ahead: int = AHEAD) -> None:
        self._stage, self._ahead = stage, ahead
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="load")
        self._next = 1
        self.told: set[str] = set()
        self.failed: Exception | None = None

    def start(self) -> None:
        """Compose as many as may wait, then go on in the background."""
        while self._compose():
            pass
        self._thread.start()

    def end(self) -> None:
        """Compose nothing more; raise what kept it from going on."""
        self._ending.set()
        self._thread.join()
        if self.failed is not None:
            raise self.failed

    def _work(self) -> None:
        away_since: float | None = None
        while not self._ending.is_set():
            try:
                if not self._compose():
                    self._ending.wait(0.1)
                away_since = None
            except Exception as error:  # the database is away for a moment: HR tries again
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > PATIENCE:
                    self.failed = error
                    return
                self._ending.wait(0.2)

    def _compose(self) -> bool:
        """Compose a batch unless enough is waiting."""
        archive = self._stage.desk.archive
        with archive.reading() as view:
            if under_way(view.connection, view.now).due >= self._ahead:
                return False
        numbers = range(self._next, self._next + BATCH)
        self._next += BATCH  # one whose answer was lost may be entered all the same: no number comes twice
        people = [{"openid": _openid(one), "phone": _phone(one), "name": f"员工{one}"} for one in numbers]
        self._stage.gateway("people", people=people)
        with archive.writing() as book:
            composed = [self._tell(book, one) for one in numbers]
        self.told.update(composed)
        return True

    def _tell(self, book: Book, number: int) -> str:
        save_employee(book, _employee(number), ACTOR)
        case_no, hurt = f"GS-{number:06}", book.now - timedelta(days=10)
        case_id = open_case(book, CaseData(case_no, f"E{number:06}", hurt), ACTOR)
        said = {"content": f"请您看第 {number} 号通知", "contact": "人事部李娜，电话 0571-5550-0100"}
        return notify(book, case_id, "plain", said, self._stage.desk.rules, ACTOR)


def _employee(number: int) -> EmployeeData:
    """Return an invented employee; every fourth one prefers SMS."""
    both = [Address("wechat_oa", "main", _openid(number)), Address("sms_twilio", "hk", _phone(number))]
    first = both if number % 4 else both[::-1]
    return EmployeeData(
        employee_no=f"E{number:06}",
        name=f"员工{number}",
        firm="恒力五金有限公司",
        site="一厂",
        preference=tuple(one.channel for one in first),
        addresses=first,
    )


def _openid(number: int) -> str:
    return f"oHZ-chaos-{number:06}-x"


def _phone(number: int) -> str:
    return f"+8525{number:06}0"  # the last digit is its fate when no dice are thrown: everything arrives
