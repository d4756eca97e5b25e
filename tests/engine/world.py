"""A firm, an employee, a clock that only we move, and channels that do as they are told."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from bot.conversation import propose
from bot.desk import load_rules
from casework.messages import Event, Media, Outcome, Receipt, Reply
from handlers.desk import Desk
from handlers.notify import notify
from handlers.open_case import CaseData, open_case
from handlers.people import Address, EmployeeData, save_employee, save_user
from handlers.ports import (
    Answer,
    Capabilities,
    Element,
    Envelope,
    RawRequest,
    Resolve,
    SendFailed,
    Unreadable,
)
from handlers.take_in import take_in
from scheduler.resolve import resolve_lost
from scheduler.sweeps import send_due, understand_new
from scheduler.who import Worker
from storage import cases, deliveries, ladders, tasks
from storage.access import User, user_by_id
from storage.book import Archive
from storage.engine import open_engine
from storage.ids import SystemIds
from storage.keys import Keys
from storage.people import EmergencyContact
from storage.start import ready_database
from storage.timeline import lines_of
from tests.casework.facts import filled

MONDAY_MORNING = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # 9:00 in Beijing
FIELDS = {
    "leave_end": "2026 年 11 月 13 日",
    "report_at": "2026 年 11 月 30 日（周一）上午 8:30",
    "place": "一厂人事办公室",
    "bring": "病历、复查片子",
    "contact": "人事部李娜，电话 0571-5550-0100",
}
ADDRESS = {"wechat_oa": "wechat_oa-zhangwei", "sms_twilio": "+85255500017"}
KEYS = Keys("test", b"k" * 32)


class HandClock:
    """Both clocks stand still until a test moves them."""

    def __init__(self, at: datetime = MONDAY_MORNING) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def real(self) -> datetime:
        return self.at

    def pass_time(self, **by: float) -> None:
        self.at += timedelta(**by)


class PretendChannel:
    """A channel whose gateway answers as a test tells it to; serves tests of handlers only."""

    def __init__(
        self,
        name: str,
        resolves: tuple[Resolve, ...] = (Resolve.NOTHING,),
        answers: list[object] | None = None,
    ) -> None:
        self.name, self.account = name, "main"
        self.capabilities = Capabilities(resolves=resolves, proves={}, key_window=timedelta(minutes=10))
        self.answers = list(answers or [])
        self.taken: list[dict[str, str]] = []  # what the gateway really accepted
        self.known: dict[str, str] = {}  # client_ref -> provider id, for KEY and QUERY
        self.asked = 0

    def prepare(self, envelope: Envelope) -> bytes:
        return json.dumps(
            {
                "to": envelope.address,
                "ref": envelope.client_ref,
                "text": envelope.title,
                "link": envelope.link,
            }
        ).encode()

    def send(self, request: bytes) -> Answer:
        told = self.answers.pop(0) if self.answers else None
        if isinstance(told, SendFailed) and told.outcome is not Outcome.UNKNOWN:
            raise told
        provider_id = self._accept(json.loads(request))
        if isinstance(told, SendFailed):
            raise told  # the gateway took it, but its answer was lost
        return Answer(Outcome.ACCEPTED, b'{"ok":true}', "ok", provider_id)

    def _accept(self, message: dict[str, str]) -> str:
        if message["ref"] in self.known and Resolve.KEY in self.capabilities.resolves:
            return self.known[message["ref"]]
        self.taken.append(message)
        return self.known.setdefault(message["ref"], f"{self.name}-{len(self.taken)}")

    def find(self, request: bytes, since: datetime) -> Answer | None:
        self.asked += 1
        provider_id = self.known.get(json.loads(request)["ref"])
        return provider_id and Answer(Outcome.ACCEPTED, b'{"found":true}', "found", provider_id)

    def greet(self, request: RawRequest) -> bytes:
        return b""

    def authenticate(self, request: RawRequest) -> tuple[Element, ...]:
        return (Element(json.loads(request.body)["key"], request.body),)

    def interpret(self, inner: bytes) -> tuple[Event, ...]:
        try:
            said = json.loads(inner)
        except ValueError as error:
            raise Unreadable(str(error)) from error
        if "text" in said:
            media = tuple(Media(ref, "image/jpeg") for ref in said.get("media", "").split())
            return (Reply(said["key"], said["from"], said["text"], None, media, said["text"] == "TD"),)
        return (Receipt(said["key"], Outcome(said["outcome"]), said["outcome"], client_ref=said.get("ref"),
                        provider_id=said.get("id")),)  # fmt: skip

    def acknowledgement(self) -> tuple[bytes, str]:
        return b"success", "text/plain"

    def fetch(self, media: Media) -> tuple[bytes, str]:
        return b"", media.media_type


class World:
    """One deployment under test."""

    def __init__(self, url: str, *channels: PretendChannel) -> None:
        self.clock, self.url = HandClock(), url
        self.channels = {channel.name: channel for channel in channels}
        archive = Archive(open_engine(url, KEYS), KEYS, self.clock, SystemIds())
        ready_database(url, archive, "huizheng.testtest/log/1")
        self.desk = Desk(
            archive=archive,
            channels={(one.name, one.account): one for one in channels},
            rules=load_rules(frozenset(self.channels)),
            propose=propose,
            public_url="http://127.0.0.1:8460",
        )
        self.worker = Worker(self.desk, "worker-1")
        with self.archive.writing() as book:
            self.user = f"user:{save_user(book, 'lina', '李娜', 'hr', 'system:test')}"
            self.employee_id, _ = save_employee(book, self._zhangwei(), self.user)
            self.case_id = open_case(
                book,
                CaseData("GS-2026-0017", "E017", MONDAY_MORNING - timedelta(days=14), "右手食指压伤"),
                self.user,
            )

    def _zhangwei(self) -> EmployeeData:
        return EmployeeData(
            "E017",
            "张伟",
            "恒力五金有限公司",
            "一厂",
            id_number="11010519491231002X",
            job="冲压车间操作工",
            preference=tuple(self.channels),
            emergency_contact=EmergencyContact("王芳", "配偶", "+8613900000021"),
            addresses=[Address(name, "main", ADDRESS[name]) for name in self.channels],
        )

    @property
    def archive(self) -> Archive:
        return self.desk.archive

    def remind(self, kind: str = "return_reminder") -> str:
        """Send 张伟 the seed's reminder; return the notice's id."""
        given = {name: FIELDS.get(name, fact) for name, fact in filled(kind).items()}
        with self.archive.writing() as book:
            return notify(book, self.case_id, kind, given, self.desk.rules, self.user)

    def work(self) -> None:
        """Let one worker do everything that is due now."""
        while sum(sweep(self.worker) for sweep in (send_due, understand_new, resolve_lost)):
            pass

    def hear(self, channel: str, times: int = 1, **said: str) -> None:
        """Let a webhook come in, this many times."""
        request = RawRequest("POST", f"/hooks/{channel}/main", {}, json.dumps(said).encode())
        elements = self.channels[channel].authenticate(request)
        for _ in range(times):
            with self.archive.writing() as book:
                take_in(book, channel, "main", elements, request, f"gateway:{channel}/main")

    def steps(self, notice_id: str) -> list[tuple[str, str | None, str]]:
        """What the ladder did and plans: action, channel, state."""
        with self.archive.reading() as view:
            plan = ladders.plan_of_notice(view.connection, notice_id)
            return [
                (one.action, one.channel, one.state) for one in ladders.steps_of(view.connection, plan.id)
            ]

    def plan_state(self, notice_id: str) -> str:
        with self.archive.reading() as view:
            return ladders.plan_of_notice(view.connection, notice_id).state

    def attempts(self, notice_id: str) -> list[str]:
        with self.archive.reading() as view:
            found = deliveries.deliveries_of_notice(view.connection, notice_id)
            return [
                one.state
                for delivery in found
                for one in deliveries.attempts_of(view.connection, delivery.id)
            ]

    def member(self, role: str) -> User:
        """Somebody of this role."""
        with self.archive.writing() as book:
            user_id = save_user(book, f"the-{role}", role, role, "system:test")
            user = user_by_id(book.connection, user_id)
        assert user is not None
        return user

    def open_tasks(self) -> list[tasks.Task]:
        with self.archive.reading() as view:
            return tasks.open_tasks(view.connection)

    def kinds(self) -> list[str]:
        """The kinds of the case's records, in order."""
        with self.archive.reading() as view:
            return [line.kind for line in lines_of(view, self.case_id)]

    def case(self) -> cases.Case:
        with self.archive.reading() as view:
            return cases.case_by_id(view.connection, self.case_id)


@contextmanager
def world(url: str, *channels: PretendChannel) -> Iterator[World]:
    """A world whose connections are closed at the end."""
    made = World(url, *channels)
    try:
        yield made
    finally:
        made.archive.engine.dispose()
