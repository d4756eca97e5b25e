"""A small firm with one injured employee on a real database; only the gateways are pretended."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.conversation import propose
from casework.escalation import load_policy, policy_names
from casework.messages import Event, Media, Outcome, Receipt, Reply
from casework.workdays import BEIJING, load_calendar
from handlers import conclude, dispatch, tasks
from handlers.desk import Desk
from handlers.notify import notify
from handlers.open_case import CaseData, open_case
from handlers.people import Address, EmployeeData, save_employee, save_user
from handlers.ports import Answer, Capabilities, Element, Envelope, Ladders, RawRequest, Resolve, SendFailed
from handlers.receive import Understanding, understand
from handlers.take_in import take_in
from storage import cases, deliveries, inbox, ladders, page_tokens
from storage.book import SYSTEM as SYSTEM_STREAM
from storage.book import Archive, Entry
from storage.engine import open_engine
from storage.ids import SystemIds
from storage.keys import Keys
from storage.log import start_log
from storage.people import EmergencyContact

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=BEIJING)
SYSTEM = "system:worker"
ANSWER_WITHIN = timedelta(seconds=45)
ID_NUMBER = "330106199003074217"
ID_TAIL = ID_NUMBER[-4:]
PHONE = "+85251234567"
CONTACT_PHONE = "13900000021"
OPENID = "oZhangWei000000000000000001"
CASE_NO = "GS-2026-0017"
FIRM = "恒力五金有限公司"
NAME = "张伟"
REMINDER = {
    "leave_end": "2026 年 11 月 19 日",
    "report_at": "2026 年 11 月 26 日（周四）上午 8:30",
    "place": "一厂人事办公室",
    "bring": "病历、复查片子",
    "contact": "人事部李娜，电话 0571-5550-0100",
}


class HandClock:
    """A clock that stands still until a test moves it; both times move together."""

    def __init__(self, at: datetime = MONDAY) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def real(self) -> datetime:
        return self.at

    def pass_by(self, **more: float) -> None:
        self.at += timedelta(**more)


@dataclass
class PretendChannel:
    """A gateway that takes everything, or answers what a test has laid ready."""

    name: str
    account: str
    capabilities: Capabilities = field(
        default_factory=lambda: Capabilities(resolves=(Resolve.NOTHING,), proves={})
    )
    answers: list[Answer | SendFailed] = field(default_factory=list)  # the next ones, then it accepts
    taken: list[Envelope] = field(default_factory=list)
    reader: str | SendFailed = OPENID  # who its browser says is reading

    def prepare(self, envelope: Envelope) -> bytes:
        self.taken.append(envelope)
        return json.dumps({"to": envelope.client_ref, "link": envelope.link}).encode()

    def send(self, request: bytes) -> Answer:
        answer = self.answers.pop(0) if self.answers else Answer(Outcome.ACCEPTED, b"{}", "errcode 0", None)
        if isinstance(answer, SendFailed):
            raise answer
        return answer

    def find(self, request: bytes, since: datetime) -> Answer | None:
        return None

    def greet(self, request: RawRequest) -> bytes:
        return b""

    def authenticate(self, request: RawRequest) -> tuple[Element, ...]:
        return (Element(key=request.body.decode()[:60], inner=request.body),)

    def interpret(self, inner: bytes) -> tuple[Event, ...]:
        told = json.loads(inner)
        if "text" in told:
            return (Reply(told["key"], told["from"], told["text"]),)
        return (Receipt(told["key"], Outcome(told["outcome"]), told["said"], client_ref=told["ref"]),)

    def acknowledgement(self) -> tuple[bytes, str]:
        return b"", "text/plain"

    def fetch(self, media: Media) -> tuple[bytes, str]:
        return b"", "image/jpeg"


class PretendWechat(PretendChannel):
    """A gateway whose browser knows its reader and whose code binds whoever scans it."""

    def ask_who(self, return_to: str, state: str) -> str:
        return f"https://open.example.test/authorize?redirect_uri={return_to}&state={state}"

    def who(self, code: str) -> str:
        if isinstance(self.reader, SendFailed):
            raise self.reader
        return self.reader

    def invitation(self, code: str) -> str:
        return f"http://weixin.example.test/q/{code}"


@dataclass
class World:
    """The desk of the pretend firm, its clock and gateways, and what a worker would do."""

    desk: Desk
    clock: HandClock
    wechat: PretendWechat
    sms: PretendChannel
    users: dict[str, str]  # user ids by role
    case_id: str
    notice_id: str = ""

    @property
    def hr(self) -> str:
        return f"user:{self.users['hr']}"

    def notify(self, kind: str = "return_reminder", fields: dict[str, str] | None = None) -> str:
        with self.desk.archive.writing() as book:
            self.notice_id = notify(book, self.case_id, kind, fields or REMINDER, self.desk.rules, self.hr)
        return self.notice_id

    def work(self) -> int:
        """Do once what is due now, as a worker does; return how many steps it took."""
        archive = self.desk.archive
        with archive.writing() as book:
            due = ladders.claim_steps(
                book.connection, "test", book.now, self.clock.real(), timedelta(minutes=1), 9
            )
        for step in due:
            with archive.writing() as book:
                if step.action != "send":
                    tasks.open_task(book, step, self.desk.rules, SYSTEM)
                    continue
                sending = dispatch.begin(book, step, self.desk, ANSWER_WITHIN, SYSTEM)
            if sending is not None:
                self._send(sending)
        return len(due)

    def _send(self, sending: dispatch.Dispatch) -> None:
        try:
            result: Answer | SendFailed = sending.channel.send(sending.request)
        except SendFailed as failed:
            result = failed
        with self.desk.archive.writing() as book:
            conclude.conclude(book, sending.attempt_id, result, self.desk.rules, SYSTEM)

    def hear(self, channel: PretendChannel, **told: str) -> None:
        """Let a gateway tell us something through the front door of its webhook."""
        body = json.dumps(told).encode()
        request = RawRequest("POST", f"/hooks/{channel.name}/{channel.account}", {}, body)
        source = f"gateway:{channel.name}/{channel.account}"
        with self.desk.archive.writing() as book:
            take_in(book, channel.name, channel.account, [Element(told["key"], body)], request, source)
        with self.desk.archive.writing() as book:
            for intake in inbox.claim_intake(book.connection, book.now, timedelta(minutes=1), 9):
                using = Understanding(channel, self.desk.rules, self.desk.propose, {})
                understand(book, intake.id, using, SYSTEM)

    def report(self, channel: PretendChannel, outcome: Outcome, said: str) -> None:
        ref = channel.taken[-1].client_ref
        self.hear(channel, key=f"{ref}-{said}", outcome=outcome.value, said=said, ref=ref)

    def reply(self, channel: PretendChannel, text: str, key: str = "m1") -> None:
        address = OPENID if channel is self.wechat else PHONE
        self.hear(channel, key=key, text=text, **{"from": address})

    def token(self, number: int = 0) -> str:
        """Return the page token of the notice's delivery of this number."""
        with self.desk.archive.reading() as view:
            made = deliveries.deliveries_of_notice(view.connection, self.notice_id)
            held = page_tokens.token_of(view.connection, made[number].id)
        assert held is not None
        return held.token

    def plan(self) -> ladders.Plan:
        with self.desk.archive.reading() as view:
            plan = ladders.plan_of_notice(view.connection, self.notice_id)
        assert plan is not None
        return plan

    def case(self) -> cases.Case:
        with self.desk.archive.reading() as view:
            return cases.case_by_id(view.connection, self.case_id)


@contextmanager
def opened_world(
    url: str,
    *,
    id_number: str | None = ID_NUMBER,
    public_url: str = "http://localhost",
    sandbox: bool = False,
) -> Iterator[World]:
    """Open the firm on a migrated, empty database; nothing has been sent yet."""
    keys = Keys("test", bytes(range(32)))
    engine = open_engine(url, keys)
    clock = HandClock()
    archive = Archive(engine, keys, clock, SystemIds(), sandbox=sandbox)
    wechat = PretendWechat("wechat_oa", "main", Capabilities((Resolve.KEY,), {}, identifies_reader=True))
    sms = PretendChannel("sms_twilio", "hk")
    folder = TemporaryDirectory()
    desk = Desk(
        archive, _by_address(wechat, sms), _rules(), propose, public_url, sandbox, data_dir=Path(folder.name)
    )
    try:
        users, case_id = _seed(archive, id_number)
        yield World(desk, clock, wechat, sms, users, case_id)
    finally:
        engine.dispose()
        folder.cleanup()


def _by_address(*channels: PretendChannel) -> dict[tuple[str, str], PretendChannel]:
    return {(channel.name, channel.account): channel for channel in channels}


def _rules() -> Ladders:
    policies = {name: load_policy(name) for name in policy_names()}
    return Ladders(load_calendar(), policies, frozenset({"wechat_oa", "sms_twilio"}))


def _seed(archive: Archive, id_number: str | None) -> tuple[dict[str, str], str]:
    with archive.writing() as book:
        start_log(book.connection, "huizheng.a1b2c3d4/log/1")
        book.add(Entry("log.started", SYSTEM_STREAM, "system:migrate"))
        people = {"admin": "王强", "hr": "李娜", "legal": "周敏", "auditor": "陈晨"}
        users = {role: save_user(book, role, name, role, "system:test") for role, name in people.items()}
        actor = f"user:{users['hr']}"
        save_employee(book, _employee(id_number), actor)
        accident = datetime(2026, 11, 2, 14, 20, tzinfo=BEIJING)
        data = CaseData(CASE_NO, "E-0107", accident, "下班骑车途中被撞，右手食指骨折", "paid_leave")
        return users, open_case(book, data, actor)


def _employee(id_number: str | None) -> EmployeeData:
    return EmployeeData(
        employee_no="E-0107", name=NAME, firm=FIRM, site="一厂", id_number=id_number, job="冲压车间操作工",
        preference=("wechat_oa", "sms_twilio"),
        emergency_contact=EmergencyContact("王芳", "配偶", CONTACT_PHONE),
        addresses=(Address("wechat_oa", "main", OPENID), Address("sms_twilio", "hk", PHONE)),
    )  # fmt: skip
